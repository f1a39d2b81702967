"""Keys for programs: made, listed, revoked, recognised.

A key is `plumb_ID_SECRET`; the secret is random and kept as its SHA-256. Knows nothing of HTTP.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rag.errors import UsageError
from web.access.database import check_collection, mark_used
from web.access.identity import Identity, Role, less
from web.access.users import Users
from web.state import Database

PREFIX = "plumb"


@dataclass(frozen=True, slots=True)
class Key:
    """A key without its secret. Times are seconds since 1970; `owner` None: a program's own."""

    key_id: str
    name: str
    owner: str | None
    scope: Mapping[str, Role]
    created_at: float
    expires_at: float | None
    revoked_at: float | None

    def state(self, now: float) -> str:
        """ "valid", "expired" or "revoked"."""
        if self.revoked_at is not None:
            return "revoked"
        expired = self.expires_at is not None and self.expires_at <= now
        return "expired" if expired else "valid"


class Keys:
    """The keys of a database."""

    def __init__(
        self, database: Database, users: Users, clock: Callable[[], float] = time.time
    ) -> None:
        self._database = database
        self._users = users
        self._clock = clock

    def create(
        self, name: str, scope: Mapping[str, Role], owner: str | None, days: float | None
    ) -> tuple[Key, str]:
        """Make a key; the second is the secret to show, which is kept nowhere. Raises UsageError
        for an owner that is not there."""
        if not name.strip() or not name.isprintable() or len(name) > 64:
            raise UsageError("a key's name has 1 to 64 printable characters")
        for collection in scope:
            check_collection(collection)
        key_id, secret, now = secrets.token_hex(4), secrets.token_urlsafe(32), self._clock()
        expires = None if days is None else now + days * 86400
        with self._database.writing() as db:
            if owner is not None:
                self._users.require(owner)
            made = (key_id, name, digest(secret), owner, now, expires, None)
            db.execute("INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?, ?)", made)
            for collection, role in scope.items():
                db.execute("INSERT INTO scopes VALUES (?, ?, ?)", (key_id, collection, role))
            mark_used(db)
        key = Key(key_id, name, owner, dict(scope), now, expires, None)
        return key, f"{PREFIX}_{key_id}_{secret}"

    def revoke(self, key_id: str) -> None:
        """Make a key worthless from now on. Raises UsageError if there is none."""
        with self._database.writing() as db:
            now = self._clock()
            done = db.execute(
                "UPDATE keys SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?", (now, key_id)
            )
            if not done.rowcount:
                raise UsageError(f"there is no key {key_id!r}: `plumb keys list` shows them")
            db.execute("DELETE FROM sessions WHERE holder = ?", (f"key:{key_id}",))

    def all(self) -> list[Key]:
        """All keys, the oldest first."""
        return self._where("true ORDER BY created_at, id")

    def find(self, key_id: str) -> Key | None:
        """One key."""
        return next(iter(self._where("id = ?", key_id)), None)

    def of_secret(self, secret: str) -> Key | None:
        """The key that a secret opens, valid or not."""
        prefix, _, rest = secret.partition("_")
        key_id, _, given = rest.partition("_")
        if prefix != PREFIX or not given:
            return None
        rows = self._database.rows("SELECT digest FROM keys WHERE id = ?", (key_id,))
        if not rows or not secrets.compare_digest(rows[0][0], digest(given)):
            return None
        return self.find(key_id)

    def identity(self, key: Key) -> Identity | None:
        """What a key may now: its scope, cut to what its owner may. None if it is not valid."""
        if key.state(self._clock()) != "valid":
            return None
        name = f"key {key.key_id} ({key.name})"
        holder = f"key:{key.key_id}"
        if key.owner is None:
            return Identity("key", name, key.scope, holder)
        owner = self._users.identity(key.owner)
        if owner is None:
            return None
        return Identity("key", name, less(owner.grants, key.scope), holder)

    def _where(self, condition: str, *values: str) -> list[Key]:
        columns = "id, name, owner, created_at, expires_at, revoked_at"
        rows = self._database.rows(f"SELECT {columns} FROM keys WHERE {condition}", values)
        return [Key(i, name, owner, self._scope(i), *times) for i, name, owner, *times in rows]

    def _scope(self, key_id: str) -> dict[str, Role]:
        return dict(
            self._database.rows("SELECT collection, role FROM scopes WHERE key = ?", (key_id,))
        )


def digest(secret: str) -> bytes:
    """What is kept of a random secret."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
