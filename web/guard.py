"""The door: who may talk to the server, how much they may send, and what the browser may load.

A plain ASGI middleware. Against other web pages (DNS rebinding, cross-site requests) it looks at
Host, Origin and Sec-Fetch-Site; against other people, if there is a key, at the bearer token or
the page's cookie. Knows nothing of questions, documents or Gradio.
"""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse
from starlette.responses import Response as StarletteResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.login import login_page
from web.openai_format import error_body

API_PREFIX = "/v1"
MCP_PATH = "/mcp"
UNLOCK_PATH = "/unlock"
COOKIE = "plumbline_key"
JSON_LIMIT = 4 * 2**20
"""Bytes that a request to the API may have, uploads aside."""
FORM_LIMIT = 4096
WRONG_KEY_DELAY_S = 1.0

# Gradio's page runs inline scripts and compiles templates; everything else is kept to this origin,
# so that the browser itself refuses any request that would leave the machine.
# A report brings a narrower policy of its own.
_POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)
_POLICY_HEADER = "content-security-policy"
_HEADERS: Final[Mapping[str, str]] = {
    _POLICY_HEADER: _POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
}


@dataclass(frozen=True, slots=True)
class Rules:
    """`host` is the address listened on; `api_key` None asks nobody for a key."""

    host: str
    api_key: str | None
    max_upload_bytes: int


class _TooLarge(Exception):
    pass


class Guard:
    """Wraps the whole application."""

    def __init__(self, app: ASGIApp, rules: Rules) -> None:
        self._app = app
        self._rules = rules
        self._local_only = is_loopback(rules.host)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            # Nothing here speaks WebSocket; an open door nobody uses is closed.
            await send({"type": "websocket.close", "code": 1008})
            return
        refusal = self._refusal(Headers(scope=scope), scope) or await self._key(scope, receive)
        if refusal is not None:
            await refusal(scope, receive, _with_headers(send))
            return
        await self._limited(scope, receive, _with_headers(send))

    def _refusal(self, headers: Headers, scope: Scope) -> StarletteResponse | None:
        host = headers.get("host", "")
        if self._local_only and not is_loopback(_hostname(host)):
            return _refuse(scope, 403, f"requests for the host {host!r} are not answered here")
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
            return _refuse(scope, 403, f"requests from pages of {origin!r} are not answered")
        foreign = headers.get("sec-fetch-site") in ("cross-site", "same-site")
        visit = headers.get("sec-fetch-mode") == "navigate" and scope["method"] == "GET"
        if foreign and not visit:
            return _refuse(scope, 403, "requests from other sites' pages are not answered")
        return None

    async def _key(self, scope: Scope, receive: Receive) -> StarletteResponse | None:
        """What to answer to someone without the key; None lets the request pass."""
        key = self._rules.api_key
        path = scope["path"]
        if key is None or path == f"{API_PREFIX}/health":
            return None
        request = Request(scope, receive)
        if _is_api(path):
            scheme, _, token = request.headers.get("authorization", "").partition(" ")
            # Header values arrive as Latin-1, whatever bytes were sent.
            given = token.strip().encode("latin-1")
            if scheme.lower() == "bearer" and hmac.compare_digest(given, key.encode()):
                return None
            return _refuse(scope, 401, "give the server's key as 'Authorization: Bearer KEY'")
        if path == UNLOCK_PATH and scope["method"] == "POST":
            return await _unlock(request, key)
        if _same(request.cookies.get(COOKIE, ""), _pass(key)):
            return None
        language = request.headers.get("accept-language", "en")
        return HTMLResponse(login_page(UNLOCK_PATH, language, wrong=False), status_code=401)

    async def _limited(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and stop reading a body that is larger than allowed."""
        limit = self._limit(scope["path"])
        if limit is None:
            await self._app(scope, receive, send)
            return
        refusal = _refuse(scope, 413, f"the request is larger than {limit / 2**20:.0f} MB")
        declared = Headers(scope=scope).get("content-length", "0")
        if not declared.isdigit() or int(declared) > limit:
            await refusal(scope, receive, send)
            return
        taken = 0
        answered = False

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                raise _TooLarge
            return message

        async def watched(message: Message) -> None:
            nonlocal answered
            # The framework makes a bad request of what `counted` raises; ours says why.
            if answered or taken <= limit:
                answered = True
                await send(message)

        with suppress(_TooLarge):
            await self._app(scope, counted, watched)
        if taken > limit and not answered:
            await refusal(scope, receive, send)

    def _limit(self, path: str) -> int | None:
        if not _is_api(path):
            return None  # Gradio bounds its uploads itself, file by file.
        if path.rstrip("/") in (f"{API_PREFIX}/documents", f"{API_PREFIX}/files"):
            return self._rules.max_upload_bytes + JSON_LIMIT
        return JSON_LIMIT


def is_loopback(host: str) -> bool:
    """Whether an address or name means this machine alone."""
    name = host.strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _hostname(host_header: str) -> str:
    return urlsplit(f"//{host_header}").hostname or ""


def _is_api(path: str) -> bool:
    return path in (API_PREFIX, MCP_PATH) or path.startswith((f"{API_PREFIX}/", f"{MCP_PATH}/"))


def _refuse(scope: Scope, status: int, message: str) -> StarletteResponse:
    if _is_api(scope["path"]):
        return JSONResponse(error_body(status, message), status_code=status)
    return PlainTextResponse(message, status_code=status)


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                if name != _POLICY_HEADER or name not in headers:
                    headers[name] = value
        await send(message)

    return sending


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())


def _pass(key: str) -> str:
    """What the page's cookie holds: it proves the key without being it."""
    return hmac.new(key.encode(), b"plumbline page", "sha256").hexdigest()


async def _unlock(request: Request, key: str) -> StarletteResponse:
    """Check the login form; a right key earns the cookie."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > FORM_LIMIT:
            return PlainTextResponse("the form is too large", status_code=413)
    given = parse_qs(body.decode("utf-8", "replace")).get("key", [""])[0]
    if not _same(given, key):
        await asyncio.sleep(WRONG_KEY_DELAY_S)
        language = request.headers.get("accept-language", "en")
        return HTMLResponse(login_page(UNLOCK_PATH, language, wrong=True), status_code=401)
    response = RedirectResponse("/", status_code=303)
    response.set_cookie(
        COOKIE,
        _pass(key),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response
