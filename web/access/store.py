"""All users, keys and sessions, behind one object."""

from __future__ import annotations

import time
from collections.abc import Callable

from web.access.database import ACCESS
from web.access.identity import Identity
from web.access.keys import Keys
from web.access.limits import Limit, Rate, SharedRate
from web.access.sessions import Sessions
from web.access.users import Users
from web.state import Kept, open_database


class AccessStore:
    """What is kept of them in a home, or in PostgreSQL; there need not be anything."""

    def __init__(self, kept: Kept, clock: Callable[[], float] = time.time) -> None:
        self.database = open_database(kept, ACCESS)
        self._clock = clock
        self._kept = kept
        self._shared: list[SharedRate] = []
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

    def limit(self, per_minute: int) -> Limit:
        """Counts up to so many a minute each, of all instances together where they share this."""
        if not self.database.is_far:
            return Rate(per_minute)
        shared = SharedRate(self._kept, per_minute, self._clock)
        self._shared.append(shared)
        return shared

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()
        for shared in self._shared:
            shared.close()
