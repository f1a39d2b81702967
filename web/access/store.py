"""All of a home's users, keys and sessions, behind one object."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from web.access.database import Database
from web.access.identity import Identity
from web.access.keys import Keys
from web.access.sessions import Sessions
from web.access.users import Users


class AccessStore:
    """What `access.db` of a home holds; the file need not be there."""

    def __init__(self, home: Path, clock: Callable[[], float] = time.time) -> None:
        self.database = Database(home)
        self._clock = clock
        self.users = Users(self.database, clock)
        self.keys = Keys(self.database, self.users, clock)
        self.sessions = Sessions(self.database, clock)

    def in_use(self) -> bool:
        """Whether a user or a key was ever made; from then on whoever is unknown is nobody."""
        return bool(self.database.rows("SELECT 1 FROM facts WHERE name = 'used'"))

    def can_let_in(self) -> bool:
        """Whether there is a user, or a key that is valid now."""
        now = self._clock()
        return bool(self.users.all()) or any(k.state(now) == "valid" for k in self.keys.all())

    def holder_identity(self, holder: str) -> Identity | None:
        """Who holds a session: `user:NAME` or `key:ID`. None if they are gone or revoked."""
        kind, _, name = holder.partition(":")
        if kind == "user":
            return self.users.identity(name)
        if kind == "key" and (key := self.keys.find(name)) is not None:
            return self.keys.identity(key)
        return None

    def close(self) -> None:
        """Let go of the file."""
        self.database.close()
