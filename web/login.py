"""The pages to sign in, and to see who one is and sign out, as HTML. Pure."""

from __future__ import annotations

from html import escape

from web.access.identity import EVERYTHING, Identity
from web.access.words import Words, words

LOGIN_PATH = "/login"
LOGOUT_PATH = "/logout"
ACCOUNT_PATH = "/account"
PROVIDER_PATH = "/login/provider"
"""Leads to the identity provider."""
RETURN_PATH = "/login/provider/return"
"""Where the provider sends the browser back to."""

_STYLE = """
:root { color-scheme: light dark; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; font-family: system-ui,
  "PingFang SC", "Microsoft YaHei", sans-serif; background: Canvas; color: CanvasText; }
main { width: min(340px, 88vw); display: grid; gap: 20px; padding: 24px 0; }
form { display: grid; gap: 12px; }
h1 { font-size: 1.25rem; margin: 0; }
h2 { font-size: 1rem; margin: 0 0 6px; }
p { margin: 0; opacity: 0.8; }
ul { margin: 0; padding-left: 20px; }
.wrong { color: #c0392b; opacity: 1; }
label { display: grid; gap: 4px; }
input, button { font: inherit; padding: 9px 12px; border-radius: 8px; border: 1px solid GrayText; }
button { background: #0f766e; color: #fff; border: 0; cursor: pointer; }
a { color: LinkText; }
a.button { padding: 9px 12px; border-radius: 8px; background: #0f766e; color: #fff;
  text-align: center; text-decoration: none; }
hr { width: 100%; border: 0; border-top: 1px solid GrayText; opacity: 0.4; }
"""


def login_page(
    accept_language: str, *, passwords: bool, problem: str = "", provider: str = ""
) -> str:
    """What lets one in, in the browser's language: a link to the identity provider `provider` (its
    host) where there is one; forms that post to LOGIN_PATH, name and password where there are
    users who have one, and a key. `problem` is "" or the name of a sentence of `Words`."""
    t = words(accept_language)
    complaint = (
        f'<p class="wrong" role="alert">{escape(getattr(t, problem))}</p>' if problem else ""
    )
    names = (
        f"<p>{escape(t.help)}</p>"
        f"<label>{escape(t.name)}"
        '<input name="name" autocomplete="username" maxlength="64" required autofocus></label>'
        f"<label>{escape(t.password)}"
        '<input name="password" type="password" autocomplete="current-password" required></label>'
    )
    focus = "" if passwords or provider else " autofocus"
    key = (
        f"<p>{escape(t.key_help)}</p><label>{escape(t.key)}"
        f'<input name="key" type="password" autocomplete="off" required{focus}></label>'
    )
    told = escape(t.elsewhere.format(host=provider))
    ways = [f'<a class="button" href="{PROVIDER_PATH}">{told}</a>'] if provider else []
    ways += [_form(names, t)] if passwords else []
    ways.append(_form(key, t))
    return _page(t.title, f"<h1>{escape(t.title)}</h1>{complaint}{'<hr>'.join(ways)}", t)


def signed_out_page(accept_language: str, provider: str, address: str) -> str:
    """That the session here is over, and a link to the address that ends the provider's."""
    t = words(accept_language)
    there = escape(t.sign_out_there.format(host=provider))
    body = (
        f"<h1>{escape(t.signed_out)}</h1>"
        f'<a class="button" href="{escape(address)}">{there}</a>'
        f'<a href="/">{escape(t.back)}</a>'
    )
    return _page(t.signed_out, body, t)


def account_page(accept_language: str, identity: Identity) -> str:
    """Who is signed in, what they may, and the button to sign out."""
    t = words(accept_language)
    grants = "".join(
        f"<li>{escape(t.everything if name == EVERYTHING else name)}: {escape(t.roles[role])}</li>"
        for name, role in sorted(identity.grants.items())
    )
    listed = f"<ul>{grants}</ul>" if grants else f"<p>{escape(t.nothing)}</p>"
    out = "" if identity.kind == "owner" else _sign_out(t)
    body = (
        f"<h1>{escape(t.account)}</h1><p>{escape(t.signed_in.format(name=identity.name))}</p>"
        f"<section><h2>{escape(t.collections)}</h2>{listed}</section>{out}"
        f'<a href="/">{escape(t.back)}</a>'
    )
    return _page(t.account, body, t)


def account_link(language: str, identity: Identity) -> str:
    """A link to the account page for the page itself; nothing for the owner of the machine."""
    if identity.kind in ("owner", "nobody"):
        return ""
    told = f"{words(language).account}: {identity.name}"
    return f'<p class="pl-small"><a class="pl-quiet" href="{ACCOUNT_PATH}">{escape(told)}</a></p>'


def _sign_out(t: Words) -> str:
    button = f"<button>{escape(t.sign_out)}</button>"
    return f'<form method="post" action="{LOGOUT_PATH}">{button}</form>'


def _form(fields: str, t: Words) -> str:
    button = f"<button>{escape(t.open)}</button>"
    return f'<form method="post" action="{LOGIN_PATH}">{fields}{button}</form>'


def _page(title: str, body: str, t: Words) -> str:
    return (
        f'<!doctype html><html lang="{t.html_lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body><main>{body}</main></body></html>"
    )
