#!/usr/bin/env bash
# Installs Debian's PostgreSQL for the tests of collections beyond one machine, where that is allowed.
# Its own cluster is neither made nor started. Without it those tests skip by name; this script never fails.
set -u
. "$(dirname "$0")/apt.sh"

if command -v initdb >/dev/null || compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null; then
  exit 0
fi
if command -v apt-get >/dev/null && may_install; then
  "${sudo[@]}" mkdir -p /etc/postgresql-common/createcluster.d
  echo "create_main_cluster = false" |
    "${sudo[@]}" tee /etc/postgresql-common/createcluster.d/plumbline.conf >/dev/null
fi
installed PostgreSQL "the tests of collections there" postgresql
exit 0
