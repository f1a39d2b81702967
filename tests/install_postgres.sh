#!/usr/bin/env bash
# Installs Debian's PostgreSQL for the tests of collections beyond one machine, where that is allowed.
# Its own cluster is neither made nor started. Without it those tests skip by name; this script never fails.
set -u

if command -v initdb >/dev/null || compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null; then
  exit 0
fi
if ! command -v apt-get >/dev/null; then
  echo "No PostgreSQL, and no apt-get: install its server for the tests of collections there."
  exit 0
fi
if [ "$(id -u)" = 0 ]; then
  sudo=()
elif sudo -n true 2>/dev/null; then
  sudo=(sudo -n)
else
  echo "No PostgreSQL: run 'apt-get install postgresql' as root for the tests of collections there."
  exit 0
fi
log=$(mktemp)
echo "Installing PostgreSQL for the tests of collections there ..."
if "${sudo[@]}" apt-get update -q >"$log" 2>&1 &&
  "${sudo[@]}" mkdir -p /etc/postgresql-common/createcluster.d >>"$log" 2>&1 &&
  echo "create_main_cluster = false" | "${sudo[@]}" tee /etc/postgresql-common/createcluster.d/plumbline.conf >>"$log" &&
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q postgresql >>"$log" 2>&1; then
  rm -f "$log"
else
  tail -n 5 "$log"
  echo "PostgreSQL could not be installed (whole log: $log)."
fi
exit 0
