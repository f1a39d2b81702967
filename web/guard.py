"""The guard: who may talk to the server, how much and how often, and what the browser may load.

A plain ASGI middleware. Against other web pages (DNS rebinding, cross-site requests) it looks at
Host, Origin and Sec-Fetch-Site; who asks it has the door tell, and puts it into the request's scope
and context. What they may is decided elsewhere (`web.access`). Knows nothing of questions or
documents.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.responses import Response as StarletteResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.config import AccessSettings, OidcSettings
from rag.errors import PlumbError
from web.access.audit import Audit
from web.access.door import Asker, Door
from web.access.identity import NOBODY, asking
from web.access.limits import Rate, TooOften
from web.access.signin import SignIn
from web.login import LOGIN_PATH, PROVIDER_PATH, RETURN_PATH
from web.openai_format import error_body

_log = logging.getLogger(__name__)

API_PREFIX = "/v1"
MCP_PATH = "/mcp"
METRICS_PATH = "/metrics"
READY_PATH = "/readyz"
OPEN_PATHS = frozenset((f"{API_PREFIX}/health", "/healthz", READY_PATH, LOGIN_PATH))
"""What nobody may ask for as well."""
JSON_LIMIT = 4 * 2**20
"""Bytes that a request to the API may have, uploads aside."""
SLOWEST_BYTES_PER_S = 16 * 2**10
"""Of a body, after `Rules.patience_s`."""
UPLOAD_PATH = "/gradio_api/upload"
"""Where Gradio takes the page's uploads."""
UPLOADS_AT_ONCE = 10
"""Files of the largest size that one upload of the page may have."""
_SAFE = frozenset(("GET", "HEAD", "OPTIONS"))

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
    # Not "no-referrer": the browser would send our own forms with an origin of null.
    "referrer-policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class Rules:
    """`host` is the address listened on; `api_key` is the key of the settings; the body of a
    request has to come within `patience_s`, and more the larger it is."""

    host: str
    api_key: str | None
    max_upload_bytes: int
    access: AccessSettings = field(default_factory=AccessSettings)
    oidc: OidcSettings = field(default_factory=OidcSettings)
    patience_s: float = 30.0


class _TooLarge(Exception):
    pass


class _TooSlow(Exception):
    pass


class Guard:
    """Wraps the whole application. Without a door it knows no users and keys but the settings'."""

    def __init__(
        self, app: ASGIApp, rules: Rules, door: Door | None = None, audit: Audit | None = None
    ) -> None:
        self._app = app
        self._rules = rules
        loopback = is_loopback(rules.host)
        self.door = door or Door(None, rules.api_key, loopback=loopback)
        self.sign_in = SignIn(self.door, rules.access, audit, rules.oidc)
        self._rate = Rate(rules.access.requests_per_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            # Nothing here speaks WebSocket; an open door nobody uses is closed.
            await send({"type": "websocket.close", "code": 1008})
            return
        send = _with_headers(send)
        try:
            refusal, asker = await self._looked(scope)
            refusal = refusal or await self._entry(asker, scope, receive)
        except PlumbError as err:
            _log.error("%s", err)
            refusal = _refuse(scope, 503, "the users and keys cannot be read; the log says why")
            asker = Asker(NOBODY)
            if scope["path"] in OPEN_PATHS and scope["path"] != LOGIN_PATH:
                refusal = None  # probes tell how the instance is, whatever its store does
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        with asking(asker.identity, scope):
            await self._limited(scope, receive, send)

    async def _looked(self, scope: Scope) -> tuple[StarletteResponse | None, Asker]:
        """What to answer at once, if anything, and who asks."""

        def look() -> tuple[StarletteResponse | None, Asker]:
            headers = Headers(scope=scope)
            asker = self.door.asker(headers, Request(scope).cookies)
            return self._refusal(headers, scope), asker

        return await asyncio.to_thread(look) if self.door.is_far else look()

    async def _entry(
        self, asker: Asker, scope: Scope, receive: Receive
    ) -> StarletteResponse | None:
        """What to answer to whom is not let in; None lets the request pass."""
        path, identity = scope["path"], asker.identity
        request = Request(scope, receive)
        if path == LOGIN_PATH and scope["method"] == "POST":
            return await self.sign_in.sign_in(request)
        if path in (PROVIDER_PATH, RETURN_PATH) and scope["method"] == "GET":
            return await self.sign_in.elsewhere(request)
        if path in OPEN_PATHS and path != LOGIN_PATH:
            return None
        if identity.kind == "nobody":
            if _is_api(path):
                return _refuse(scope, 401, asker.problem)
            return self.sign_in.form(request)
        if path == LOGIN_PATH:
            return await self.sign_in.account(request)
        if asker.by_cookie and scope["method"] not in _SAFE and not _from_our_page(request):
            return _refuse(scope, 403, "what changes anything must come from Plumbline's own page")
        if identity.kind != "owner" and (_is_api(path) or scope["method"] not in _SAFE):
            return self._too_often(identity.name, scope)
        return None

    def _too_often(self, who: str, scope: Scope) -> StarletteResponse | None:
        try:
            self._rate.take(who)
        except TooOften as err:
            return _refuse(scope, 429, str(err), {"retry-after": str(err.retry_after)})
        return None

    def _refusal(self, headers: Headers, scope: Scope) -> StarletteResponse | None:
        host = headers.get("host", "")
        if self.door.stands_open() and not is_loopback(_hostname(host)):
            return _refuse(scope, 403, f"requests for the host {host!r} are not answered here")
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
            return _refuse(scope, 403, f"requests from pages of {origin!r} are not answered")
        foreign = headers.get("sec-fetch-site") in ("cross-site", "same-site")
        visit = headers.get("sec-fetch-mode") == "navigate" and scope["method"] == "GET"
        if foreign and not visit:
            return _refuse(scope, 403, "requests from other sites' pages are not answered")
        return None

    async def _limited(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and stop reading a body that is larger than allowed, or that does
        not come."""
        limit = self._limit(scope["path"])
        large = _refuse(scope, 413, f"the request is larger than {limit / 2**20:.0f} MB")
        slow = _refuse(scope, 408, "the rest of the request did not come in time")
        declared = Headers(scope=scope).get("content-length", "0")
        if not declared.isdigit() or int(declared) > limit:
            await large(scope, receive, send)
            return
        taken = 0
        whole = answered = late = False
        begun = time.monotonic()

        async def counted() -> Message:
            nonlocal taken, whole, late
            try:
                # Once the body is there, what is waited for is that the client goes away.
                until = begun + self._rules.patience_s + taken / SLOWEST_BYTES_PER_S
                wait = None if whole else until - time.monotonic()
                message = await asyncio.wait_for(receive(), wait)
            except TimeoutError:
                late = True
                raise _TooSlow from None
            taken += len(message.get("body", b""))
            whole = whole or not message.get("more_body", False)
            if taken > limit:
                raise _TooLarge
            return message

        async def watched(message: Message) -> None:
            nonlocal answered
            # The framework makes a bad request of what `counted` raises; ours says why.
            if answered or (taken <= limit and not late):
                answered = True
                await send(message)

        with suppress(_TooLarge, _TooSlow):
            await self._app(scope, counted, watched)
        if not answered and (late or taken > limit):
            await (slow if late else large)(scope, receive, send)

    def _limit(self, path: str) -> int:
        upload = self._rules.max_upload_bytes
        if _is_api(path):
            uploads = path.rstrip("/") in (f"{API_PREFIX}/documents", f"{API_PREFIX}/files")
            return upload + JSON_LIMIT if uploads else JSON_LIMIT
        # Gradio bounds its uploads file by file; this bounds all of them together.
        return UPLOADS_AT_ONCE * upload + JSON_LIMIT if path == UPLOAD_PATH else JSON_LIMIT


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
    return path in (API_PREFIX, MCP_PATH, METRICS_PATH) or path.startswith(
        (f"{API_PREFIX}/", f"{MCP_PATH}/")
    )


def _from_our_page(request: Request) -> bool:
    """Whether a browser says that this origin's page sent the request."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    return site == "same-origin" or (site is None and origin is not None)


def _refuse(
    scope: Scope, status: int, message: str, headers: Mapping[str, str] | None = None
) -> StarletteResponse:
    more = dict(headers or {})
    if status == 401:
        more["www-authenticate"] = "Bearer"
    if _is_api(scope["path"]):
        return JSONResponse(error_body(status, message), status_code=status, headers=more)
    return PlainTextResponse(message, status_code=status, headers=more)


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                if name != _POLICY_HEADER or name not in headers:
                    headers[name] = value
        await send(message)

    return sending
