#!/usr/bin/env bash
# Installs Debian's nginx for the test of two instances behind it, where that is allowed.
# Its service is neither started nor enabled. Without it that test skips by name; this script never fails.
set -u

if command -v nginx >/dev/null || [ -x /usr/sbin/nginx ]; then
  exit 0
fi
if ! command -v apt-get >/dev/null; then
  echo "No nginx, and no apt-get: install it for the test of two instances."
  exit 0
fi
if [ "$(id -u)" = 0 ]; then
  sudo=()
elif sudo -n true 2>/dev/null; then
  sudo=(sudo -n)
else
  echo "No nginx: run 'apt-get install nginx' as root for the test of two instances."
  exit 0
fi
log=$(mktemp)
policy=/usr/sbin/policy-rc.d
echo "Installing nginx for the test of two instances ..."
# What the policy forbids is not started, whatever starts services here.
made=
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee "$policy" >/dev/null
  "${sudo[@]}" chmod +x "$policy"
  made=1
fi
if "${sudo[@]}" apt-get update -q >"$log" 2>&1 &&
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends nginx >>"$log" 2>&1; then
  rm -f "$log"
else
  tail -n 5 "$log"
  echo "nginx could not be installed (whole log: $log)."
fi
[ -z "$made" ] || "${sudo[@]}" rm -f "$policy"
if [ -d /run/systemd/system ]; then
  "${sudo[@]}" systemctl disable --quiet nginx 2>/dev/null
fi
exit 0
