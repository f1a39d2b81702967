#!/usr/bin/env bash
# Installs Debian's chromium and a CJK font for the browser test where that is allowed.
# Without them the browser test skips by name, or fails when CI is set; this script never fails.
set -u
. "$(dirname "$0")/apt.sh"

have_browser() { command -v chromium || command -v chromium-browser || command -v google-chrome; }
have_cjk_font() { [ -n "$(fc-list :lang=zh 2>/dev/null | head -n 1)" ]; }

if have_browser >/dev/null && have_cjk_font; then
  exit 0
fi
installed "browser or CJK font" "the browser test" chromium fonts-noto-cjk fontconfig
exit 0
