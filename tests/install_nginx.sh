#!/usr/bin/env bash
# Installs Debian's nginx for the test of two instances behind it, where that is allowed.
# Its service is neither started nor enabled. Without it that test skips by name; this script never fails.
set -u
. "$(dirname "$0")/apt.sh"

if command -v nginx >/dev/null || [ -x /usr/sbin/nginx ]; then
  exit 0
fi
# What the policy forbids is not started, whatever starts services here.
policy=/usr/sbin/policy-rc.d
made=
if command -v apt-get >/dev/null && may_install && [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee "$policy" >/dev/null
  "${sudo[@]}" chmod +x "$policy"
  made=1
fi
installed nginx "the test of two instances" --no-install-recommends nginx
[ -z "$made" ] || "${sudo[@]}" rm -f "$policy"
if [ -d /run/systemd/system ] && may_install; then
  "${sudo[@]}" systemctl disable --quiet nginx 2>/dev/null
fi
exit 0
