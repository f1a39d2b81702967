"""An OpenID Connect provider: where to send a browser, and who came back.

The authorization code flow with PKCE, state and nonce, by authlib. Knows nothing of cookies, users
or pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth, StarletteOAuth2App
from httpx2 import HTTPError
from joserfc.errors import JoseError

from rag.config import OidcSettings
from rag.errors import PlumbError

PATIENCE_S = 10.0
_SIGNED_BY = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""What only the provider can have signed: neither nothing nor a secret that is shared."""
_BROKEN = (HTTPError, AuthlibBaseError, JoseError, ValueError, KeyError, TypeError)


class ProviderError(PlumbError):
    """The provider cannot be reached, or what it says cannot be trusted."""


class Denied(PlumbError):
    """The provider lets the person not in."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What has to be the same when the browser comes back."""

    state: str
    nonce: str
    code_verifier: str

    def to_json(self) -> dict[str, str]:
        """As plain JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Person:
    """Who came back. `subject` is theirs for ever, with the issuer before it; `names` are what
    they may be called, the best first; `groups` are Plumbline's."""

    subject: str
    names: tuple[str, ...]
    groups: tuple[str, ...]


class Provider:
    """The provider that the settings name. Every method raises ProviderError."""

    def __init__(self, settings: OidcSettings) -> None:
        assert settings.issuer is not None
        self._settings = settings
        self._issuer = settings.issuer
        self.host = urlsplit(settings.issuer).netloc
        self._app = _app(settings)

    async def begin(self, redirect_uri: str) -> tuple[str, Begun]:
        """The address to send a browser to, and what to remember of it."""
        try:
            await self._known()
            made = await self._app.create_authorization_url(redirect_uri)
        except _BROKEN as err:
            raise self._error(err) from err
        return made["url"], Begun(made["state"], made["nonce"], made["code_verifier"])

    async def finish(self, begun: Begun, said: Mapping[str, str], redirect_uri: str) -> Person:
        """Who came back with the query `said`. Raises Denied too."""
        if said.get("error"):
            raise Denied(f"{said['error'][:80]}: {said.get('error_description', '')[:300]}")
        try:
            if said.get("iss", self._issuer) != self._issuer:
                raise ValueError(f"the answer comes from {said['iss']!r}")
            await self._known()
            token = await self._app.fetch_access_token(
                redirect_uri, code=said.get("code", ""), code_verifier=begun.code_verifier
            )
            claims = await self._app.parse_id_token(token, begun.nonce)
            if claims is None:
                raise ValueError("no ID token came with the access token")
            told = dict(claims)
            if not {self._settings.name_claim, self._settings.groups_claim} <= told.keys():
                told = await self._asked_too(token, told)
        except _BROKEN as err:
            raise self._error(err) from err
        return _person(told, self._settings)

    async def leave(self, back: str) -> str | None:
        """The address that ends the provider's own session and leads to `back`; None if it has
        none."""
        try:
            if "end_session_endpoint" not in await self._known():
                return None
            made = await self._app.create_logout_url(back, client_id=self._settings.client_id)
        except _BROKEN as err:
            raise self._error(err) from err
        return str(made["url"])

    async def _known(self) -> dict[str, Any]:
        """The provider's own description."""
        found: dict[str, Any] = await self._app.load_server_metadata()
        if found.get("issuer") != self._issuer:
            raise ValueError(f"it calls itself {found.get('issuer')!r}")
        algorithms = found.get("id_token_signing_alg_values_supported") or ["RS256"]
        found["id_token_signing_alg_values_supported"] = [
            name for name in algorithms if name in _SIGNED_BY
        ]
        return found

    async def _asked_too(self, token: Any, told: dict[str, Any]) -> dict[str, Any]:
        """The claims and those of the userinfo endpoint, which may be about no one else."""
        if "userinfo_endpoint" not in await self._known():
            return told
        more = dict(await self._app.userinfo(token=token))
        if more.get("sub") != told["sub"]:
            raise ValueError("the userinfo is about someone else")
        return {**more, **told}

    def _error(self, err: Exception) -> ProviderError:
        kind = type(err).__name__
        return ProviderError(f"oidc.issuer = {self._issuer!r}: {kind}: {err}")


def _app(settings: OidcSettings) -> StarletteOAuth2App:
    issuer = str(settings.issuer).rstrip("/")
    secret = settings.client_secret
    return OAuth().register(
        "provider",
        client_id=settings.client_id,
        client_secret=secret.get_secret_value() if secret else None,
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": settings.scopes,
            "code_challenge_method": "S256",
            "timeout": PATIENCE_S,
            **({} if secret else {"token_endpoint_auth_method": "none"}),
        },
    )


def _person(told: Mapping[str, Any], settings: OidcSettings) -> Person:
    names = (told.get(claim) for claim in (settings.name_claim, "email", "sub"))
    groups = told.get(settings.groups_claim) or []
    listed = [groups] if isinstance(groups, str) else [str(group) for group in groups]
    if settings.groups:
        listed = [settings.groups[group] for group in listed if group in settings.groups]
    subject = f"{settings.issuer} {told['sub']}"
    return Person(subject, tuple(str(name) for name in names if name), tuple(listed))
