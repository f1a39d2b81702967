#!/usr/bin/env bash
# Installs Debian's chromium and a CJK font for the browser test where that is allowed.
# Without them the browser test skips by name, or fails when CI is set; this script never fails.
set -u

have_browser() { command -v chromium || command -v chromium-browser || command -v google-chrome; }
have_cjk_font() { [ -n "$(fc-list :lang=zh 2>/dev/null | head -n 1)" ]; }

if have_browser >/dev/null && have_cjk_font; then
  exit 0
fi
if ! command -v apt-get >/dev/null; then
  echo "No browser or CJK font, and no apt-get: install chromium and a Chinese font for the browser test."
  exit 0
fi
if [ "$(id -u)" = 0 ]; then
  sudo=()
elif sudo -n true 2>/dev/null; then
  sudo=(sudo -n)
else
  echo "No browser or CJK font: run 'apt-get install chromium fonts-noto-cjk fontconfig' as root for the browser test."
  exit 0
fi
log=$(mktemp)
echo "Installing chromium and a CJK font for the browser test ..."
if "${sudo[@]}" apt-get update -q >"$log" 2>&1 &&
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q chromium fonts-noto-cjk fontconfig >>"$log" 2>&1; then
  rm -f "$log"
else
  tail -n 5 "$log"
  echo "The browser could not be installed (whole log: $log)."
fi
exit 0
