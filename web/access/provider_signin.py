"""Signing in at an identity provider: the two requests of it, for a session's cookie.

What the browser has to bring back lies in a sealed cookie of its own, so that nobody is signed in
who did not begin it there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from hmac import compare_digest

from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from rag.config import AccessSettings, OidcSettings
from rag.errors import UsageError
from web.access.database import check_name
from web.access.limits import TooOften
from web.access.oidc import Begun, Denied, Person, Provider, ProviderError
from web.access.store import AccessStore
from web.login import RETURN_PATH

COOKIE = "plumbline_signing_in"
PATIENCE_S = 600
"""Within which the browser has to come back."""
_log = logging.getLogger(__name__)

Form = Callable[[Request, int, str], Response]
"""The page to sign in, with a status and a problem."""
Enter = Callable[[Request, str, str], Response]
"""What lets the holder of a session in, by a name for the log."""


class ProviderSignIn:
    """Sends browsers to the provider and lets in who comes back."""

    def __init__(
        self, settings: OidcSettings, access: AccessSettings, store: AccessStore, form: Form
    ) -> None:
        self.provider = Provider(settings)
        self._rate = store.limit(access.sign_ins_per_minute)
        self._store = store
        self._form = form

    async def begin(self, request: Request) -> Response:
        """Send the browser to the provider."""
        try:
            self._rate.take(request.client.host if request.client else "")
            address, begun = await self.provider.begin(_back(request))
        except TooOften as err:
            reply = self._form(request, 429, "too_often")
            reply.headers["retry-after"] = str(err.retry_after)
            return reply
        except ProviderError as err:
            _log.error("%s", err)
            return self._form(request, 502, "unreachable")
        response = RedirectResponse(address, status_code=303)
        response.set_cookie(
            COOKIE,
            self._store.sessions.seal(begun.to_json()),
            max_age=PATIENCE_S,
            path=RETURN_PATH,
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
        return response

    async def finish(self, request: Request, enter: Enter) -> Response:
        """Let in who comes back, or say why not."""
        response = await self._finished(request, enter)
        response.delete_cookie(COOKIE, path=RETURN_PATH, httponly=True, samesite="lax")
        return response

    async def _finished(self, request: Request, enter: Enter) -> Response:
        sealed = self._store.sessions.unseal(request.cookies.get(COOKIE, ""), PATIENCE_S)
        said = dict(request.query_params)
        begun = Begun(**sealed) if sealed else None
        if begun is None or not compare_digest(
            begun.state.encode(), said.get("state", "").encode("utf-8", "replace")
        ):
            return self._form(request, 400, "not_begun")
        try:
            person = await self.provider.finish(begun, said, _back(request))
        except Denied as err:
            _log.warning("the provider let someone not in: %s", err)
            return self._form(request, 403, "denied")
        except ProviderError as err:
            _log.error("%s", err)
            return self._form(request, 502, "unreachable")
        return self._welcome(request, person, enter)

    def _welcome(self, request: Request, person: Person, enter: Enter) -> Response:
        name = next((name for name in person.names if _fits(name)), None)
        if name is None:
            return self._form(request, 403, "no_name")
        try:
            user = self._store.users.let_in(person.subject, name, _fitting(person.groups))
        except UsageError as err:
            _log.warning("%s: %s", person.subject, err)
            return self._form(request, 403, "name_taken")
        return enter(request, f"user:{user}", user)

    async def farewell(self, request: Request) -> str | None:
        """The address that ends the provider's session too, where there is one."""
        try:
            return await self.provider.leave(str(request.base_url))
        except ProviderError as err:
            _log.error("%s", err)
            return None


def _back(request: Request) -> str:
    return str(URL(str(request.base_url)).replace(path=RETURN_PATH))


def _fits(name: str) -> bool:
    try:
        check_name(name)
    except UsageError:
        return False
    return True


def _fitting(groups: Sequence[str]) -> list[str]:
    unfit = [group for group in groups if not _fits(group)]
    if unfit:
        _log.warning("groups that cannot be named so here, see oidc.groups: %r", unfit)
    return [group for group in groups if group not in unfit]
