"""The page that asks for the server's key. Pure."""

from __future__ import annotations

from html import escape

from web.texts import texts

_STYLE = """
:root { color-scheme: light dark; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; font-family: system-ui,
  "PingFang SC", "Microsoft YaHei", sans-serif; background: Canvas; color: CanvasText; }
form { width: min(320px, 88vw); display: grid; gap: 12px; }
h1 { font-size: 1.25rem; margin: 0; }
p { margin: 0; opacity: 0.8; }
.wrong { color: #c0392b; opacity: 1; }
label { display: grid; gap: 4px; }
input, button { font: inherit; padding: 9px 12px; border-radius: 8px; border: 1px solid GrayText; }
button { background: #0f766e; color: #fff; border: 0; cursor: pointer; }
"""


def login_page(action: str, accept_language: str, *, wrong: bool) -> str:
    """A form that posts `key` to `action`, in the browser's language."""
    t = texts(accept_language)
    complaint = f'<p class="wrong" role="alert">{escape(t.login_wrong)}</p>' if wrong else ""
    return (
        f'<!doctype html><html lang="{t.html_lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(t.login_title)}</title><style>{_STYLE}</style></head><body>"
        f'<form method="post" action="{escape(action)}"><h1>{escape(t.login_title)}</h1>'
        f"<p>{escape(t.login_help)}</p>{complaint}"
        f"<label>{escape(t.login_key)}"
        '<input name="key" type="password" autocomplete="current-password" required autofocus>'
        f"</label><button>{escape(t.login_button)}</button></form></body></html>"
    )
