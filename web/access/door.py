"""A request's headers -> who sends it.

A bearer token is a key; a cookie is a session. Without any user or key, on loopback, whoever asks
is the owner. Knows nothing of routes.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.datastructures import Headers

from web.access.identity import EVERYTHING, NOBODY, OWNER, Identity
from web.access.keys import Key
from web.access.store import AccessStore

COOKIE = "plumbline_session"
_SERVER_KEY = Identity("key", "server.api_key", {EVERYTHING: "admin"}, "server")
_WRONG = "that key is not known here"
_NONE = "give a key as 'Authorization: Bearer KEY'"


@dataclass(frozen=True, slots=True)
class Asker:
    """Who sends a request; `problem` says why it is nobody."""

    identity: Identity
    by_cookie: bool = False
    problem: str = ""


class Door:
    """Tells who asks, by the users and keys of a home and the key in the settings; `provider` says
    whether an identity provider lets people in too."""

    def __init__(
        self,
        store: AccessStore | None,
        server_key: str | None,
        *,
        loopback: bool,
        provider: bool = False,
    ) -> None:
        self.store = store
        self._provider = provider
        self._server_key = server_key or None
        self._loopback = loopback

    @property
    def is_far(self) -> bool:
        """Whether to tell who asks takes a look over a network."""
        return self.store is not None and self.store.database.is_far

    def stands_open(self) -> bool:
        """Whether nobody is asked who they are."""
        used = self.store is not None and self.store.in_use()
        known = used or self._provider or self._server_key is not None
        return self._loopback and not known

    def close(self) -> None:
        """Let go of the users and keys. Asked again, they are opened again."""
        if self.store is not None:
            self.store.close()

    def takes_passwords(self) -> bool:
        """Whether there is a user with a password to sign in with."""
        users = self.store.users.all() if self.store else []
        return any(user.has_password for user in users)

    def asker(self, headers: Headers, cookies: Mapping[str, str]) -> Asker:
        """Who sends these headers. Raises ConfigError if the users cannot be read."""
        if self.stands_open():
            return Asker(OWNER)
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and token.strip():
            # Header values arrive as Latin-1, whatever bytes were sent.
            return self._by_key(token.strip().encode("latin-1").decode("utf-8", "replace"))
        cookie = cookies.get(COOKIE, "")
        holder = self.store.sessions.holder_of(cookie) if self.store and cookie else None
        if holder is None:
            return Asker(NOBODY, problem=_NONE)
        identity = self._of_holder(holder)
        return Asker(identity or NOBODY, True, "" if identity else _NONE)

    def of_holder(self, holder: str) -> Identity:
        """Who it is that conversations belong to, as they stand now."""
        if holder == OWNER.holder:
            return OWNER if self.stands_open() else NOBODY
        if holder == _SERVER_KEY.holder:
            return _SERVER_KEY if self._server_key else NOBODY
        return (self.store.holder_identity(holder) if self.store else None) or NOBODY

    def holder_of_key(self, secret: str) -> str | None:
        """Whom a session that this key opens belongs to; None for a key that is not valid."""
        if self._is_server_key(secret):
            return self._server_holder()
        key = self.store.keys.of_secret(secret) if self.store else None
        if key is None or self.store is None or self.store.keys.identity(key) is None:
            return None
        return f"key:{key.key_id}"

    def _by_key(self, secret: str) -> Asker:
        if self._is_server_key(secret):
            return Asker(_SERVER_KEY)
        key = self.store.keys.of_secret(secret) if self.store else None
        if key is None or self.store is None:
            return Asker(NOBODY, problem=_WRONG)
        identity = self.store.keys.identity(key)
        return Asker(identity) if identity else Asker(NOBODY, problem=_why_not(key))

    def _of_holder(self, holder: str) -> Identity | None:
        if self._server_key is not None and hmac.compare_digest(holder, self._server_holder()):
            return _SERVER_KEY
        return self.store.holder_identity(holder) if self.store else None

    def _is_server_key(self, secret: str) -> bool:
        key = self._server_key
        return key is not None and hmac.compare_digest(
            secret.encode("utf-8", "replace"), key.encode()
        )

    def _server_holder(self) -> str:
        # By its digest: a session of a key that was changed since is nobody's.
        return f"server:{hashlib.sha256((self._server_key or '').encode()).hexdigest()}"


def _why_not(key: Key) -> str:
    if key.revoked_at is not None:
        return f"the key {key.key_id} was revoked"
    if key.expires_at is None:
        return f"the key {key.key_id} is no longer valid"
    day = datetime.fromtimestamp(key.expires_at, UTC).date()
    return f"the key {key.key_id} expired on {day}: ask for a new one"
