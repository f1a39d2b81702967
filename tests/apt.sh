# Sourced by the scripts beside it: `installed NAME WHY PACKAGE ...` installs Debian's packages where
# that is allowed, without asking. It fails, with a word about it, where it is not.

installed() {
  local name=$1 why=$2 log
  shift 2
  if ! command -v apt-get >/dev/null; then
    echo "No $name, and no apt-get: install it for $why."
    return 1
  fi
  may_install || { echo "No $name: run 'apt-get install $*' as root for $why."; return 1; }
  log=$(mktemp)
  echo "Installing $name for $why ..."
  if "${sudo[@]}" apt-get update -q >"$log" 2>&1 &&
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q "$@" >>"$log" 2>&1; then
    rm -f "$log"
  else
    tail -n 5 "$log"
    echo "$name could not be installed (whole log: $log)."
    return 1
  fi
}

# Whether packages may be installed; sets `sudo` to what has to stand before.
may_install() {
  sudo=()
  [ "$(id -u)" = 0 ] || { sudo=(sudo -n) && sudo -n true 2>/dev/null; }
}
