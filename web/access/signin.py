"""Signing in and out of the page: a form's name and password, or key, for a session's cookie."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from rag.config import AccessSettings, OidcSettings
from web.access.audit import Audit
from web.access.door import COOKIE, Door
from web.access.identity import Identity, identity_of
from web.access.limits import Limit, Rate, TooOften
from web.login import PROVIDER_PATH, account_page, login_page, signed_out_page

if TYPE_CHECKING:
    from web.access.provider_signin import ProviderSignIn

FORM_LIMIT = 4096
WRONG_DELAY_S = 1.0
_AT_ONCE = 2
"""Passwords checked side by side: each takes a core and 64 MiB."""


class SignIn:
    """The forms' other end, over one door."""

    def __init__(
        self,
        door: Door,
        settings: AccessSettings,
        audit: Audit | None,
        oidc: OidcSettings | None = None,
    ) -> None:
        self._door = door
        self._elsewhere: ProviderSignIn | None = None
        if oidc is not None and oidc.issuer is not None and door.store is not None:
            # authlib takes a third of a second to import.
            from web.access.provider_signin import ProviderSignIn

            self._elsewhere = ProviderSignIn(oidc, settings, door.store, self.form)
        self._hours = settings.session_hours
        most = settings.sign_ins_per_minute
        self._rate: Limit = door.store.limit(most) if door.store else Rate(most)
        self._audit = audit
        self._checking = asyncio.Semaphore(_AT_ONCE)

    def form(self, request: Request, status: int = 401, problem: str = "") -> Response:
        """The page that asks who one is."""
        language = request.headers.get("accept-language", "en")
        passwords = self._door.takes_passwords()
        provider = self._elsewhere.provider.host if self._elsewhere else ""
        page = login_page(language, passwords=passwords, problem=problem, provider=provider)
        return HTMLResponse(page, status, headers={"cache-control": "no-store"})

    async def sign_in(self, request: Request) -> Response:
        """Check a form that was sent; what is right earns the cookie."""
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > FORM_LIMIT:
                return PlainTextResponse("the form is too large", status_code=413)
        fields = {name: values[0] for name, values in _fields(body).items()}
        name = fields.get("name", "")
        address = request.client.host if request.client else ""
        try:
            self._rate.take(address)
            self._rate.take(f"name {name}" if name else "key")
        except TooOften as err:
            reply = self.form(request, 429, "too_often")
            reply.headers["retry-after"] = str(err.retry_after)
            return reply
        holder = await self._holder(name, fields)
        if holder is None or self._door.store is None:
            self._note(Identity("nobody", name), "refused")
            await asyncio.sleep(WRONG_DELAY_S)
            return self.form(request, problem="wrong")
        return self._enter(request, holder, name)

    async def elsewhere(self, request: Request) -> Response:
        """The requests of signing in at the provider."""
        if self._elsewhere is None:
            return PlainTextResponse("oidc.issuer is not set here", status_code=404)
        if request.url.path == PROVIDER_PATH:
            return await self._elsewhere.begin(request)
        reply = await self._elsewhere.finish(request, self._enter)
        if reply.status_code >= 400:
            self._note(Identity("nobody", ""), "refused")
        return reply

    def _enter(self, request: Request, holder: str, name: str) -> Response:
        """Open a session and lead to the page. `name` is empty for a key's."""
        assert self._door.store is not None
        self._note(Identity("user" if name else "key", name or holder), "done")
        response = RedirectResponse("/", status_code=303)
        # Lax: a link to the page from elsewhere finds the reader signed in; what changes anything
        # must come from our own pages anyway.
        response.set_cookie(
            COOKIE,
            self._door.store.sessions.cookie(holder, self._hours),
            max_age=int(self._hours * 3600),
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
        return response

    async def sign_out(self, request: Request) -> Response:
        """End the session and forget the cookie."""
        if self._door.store is not None:
            self._door.store.sessions.end(request.cookies.get(COOKIE, ""))
        response = await self._farewell(request)
        response.delete_cookie(COOKIE, httponly=True, samesite="lax")
        return response

    async def _farewell(self, request: Request) -> Response:
        store, who = self._door.store, identity_of(request.scope)
        if self._elsewhere and store and store.users.is_from_provider(who.name):
            address = await self._elsewhere.farewell(request)
            if address is not None:
                language = request.headers.get("accept-language", "en")
                host = self._elsewhere.provider.host
                page = signed_out_page(language, host, address)
                return HTMLResponse(page, headers={"cache-control": "no-store"})
        return RedirectResponse("/", status_code=303)

    async def account(self, request: Request) -> Response:
        """Who is signed in, and what they may."""
        language = request.headers.get("accept-language", "en")
        page = account_page(language, identity_of(request.scope))
        return HTMLResponse(page, headers={"cache-control": "no-store"})

    async def _holder(self, name: str, fields: dict[str, str]) -> str | None:
        if not name or self._door.store is None:
            return self._door.holder_of_key(fields.get("key", ""))
        async with self._checking:
            check = self._door.store.users.check_password
            right = await asyncio.to_thread(check, name, fields.get("password", ""))
        return f"user:{name}" if right else None

    def _note(self, who: Identity, outcome: str) -> None:
        if self._audit is not None:
            self._audit.note(who, "sign in", via="page", outcome=outcome)


def _fields(body: bytes) -> dict[str, list[str]]:
    try:
        return parse_qs(body.decode("utf-8", "replace"), max_num_fields=8)
    except ValueError:
        return {}
