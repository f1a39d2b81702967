"""Users, their groups, and what was granted to them.

Passwords are kept as Argon2id digests. Knows nothing of HTTP.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rag.errors import UsageError
from web.access.database import check_collection, check_name, mark_used
from web.access.identity import ROLES, Identity, Role
from web.access.passwords import hashed, matches
from web.state import Connection, Database

SHORTEST_PASSWORD, LONGEST_PASSWORD = 8, 1024


@dataclass(frozen=True, slots=True)
class User:
    """A person. `grants` are their own; those of their groups come on top."""

    name: str
    groups: tuple[str, ...]
    grants: Mapping[str, Role]
    has_password: bool


class Users:
    """The people of a database."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    def add(
        self,
        name: str,
        password: str | None,
        groups: Sequence[str] = (),
        subject: str | None = None,
    ) -> None:
        """Make a user; one without a password signs in through the provider that knows `subject`.
        Raises UsageError if the name is taken or no name, or the password too short."""
        check_name(name)
        for group in groups:
            check_name(group)
        digest = None if password is None else hashed(_checked_password(password))
        with self._database.writing() as db:
            if db.execute("SELECT 1 FROM users WHERE name = ?", (name,)).fetchone():
                raise UsageError(f"there is a user {name!r} already")
            made = (name, digest, subject, self._clock())
            db.execute("INSERT INTO users VALUES (?, ?, ?, ?)", made)
            _join(db, name, groups)
            mark_used(db)

    def remove(self, name: str) -> None:
        """Take a user out, with grants, keys and sessions. Raises UsageError if there is none."""
        with self._database.writing() as db:
            self.require(name)
            db.execute("DELETE FROM users WHERE name = ?", (name,))
            db.execute("DELETE FROM grants WHERE holder = ?", (name,))
            db.execute("DELETE FROM sessions WHERE holder = ?", (f"user:{name}",))

    def set_password(self, name: str, password: str) -> None:
        """Change a password, which ends all sessions of the user."""
        digest = hashed(_checked_password(password))
        with self._database.writing() as db:
            self.require(name)
            db.execute("UPDATE users SET password = ? WHERE name = ?", (digest, name))
            db.execute("DELETE FROM sessions WHERE holder = ?", (f"user:{name}",))

    def set_groups(self, name: str, groups: Sequence[str]) -> None:
        """Put a user into exactly these groups."""
        for group in groups:
            check_name(group)
        with self._database.writing() as db:
            self.require(name)
            db.execute('DELETE FROM members WHERE "user" = ?', (name,))
            _join(db, name, groups)

    def let_in(self, subject: str, name: str, groups: Sequence[str]) -> str:
        """The user whom an identity provider calls `subject`, from now on in exactly these groups;
        made as `name` at the first time. Raises UsageError if that is someone else's."""
        known = self.user_of_subject(subject)
        if known is None:
            self.add(name, None, groups, subject)
            return name
        self.set_groups(known, groups)
        return known

    def grant(self, holder: str, collection: str, role: Role | None) -> None:
        """Give a user, or `@GROUP`, a role in a collection or in `*`; None takes it away. Raises
        UsageError for a user that is not there."""
        check_collection(collection)
        with self._database.writing() as db:
            if holder.startswith("@"):
                check_name(holder[1:])
            else:
                self.require(holder)
            if role is None:
                where = (holder, collection)
                db.execute("DELETE FROM grants WHERE holder = ? AND collection = ?", where)
            else:
                db.execute(
                    "INSERT INTO grants VALUES (?, ?, ?) ON CONFLICT (holder, collection) "
                    "DO UPDATE SET role = excluded.role",
                    (holder, collection, role),
                )

    def all(self) -> list[User]:
        """All users, by name."""
        found = self._database.rows("SELECT name, password FROM users ORDER BY name")
        return [
            User(name, tuple(self._groups(name)), self._grants(name), password is not None)
            for name, password in found
        ]

    def group_grants(self) -> dict[str, dict[str, Role]]:
        """What each group, written with its `@`, was granted."""
        rows = self._database.rows(
            "SELECT DISTINCT holder FROM grants WHERE holder LIKE '@%' ORDER BY 1"
        )
        return {holder: self._grants(holder) for (holder,) in rows}

    def check_password(self, name: str, password: str) -> bool:
        """Whether it is the user's; takes as long for a user that is not there."""
        rows = self._database.rows("SELECT password FROM users WHERE name = ?", (name,))
        digest = rows[0][0] if rows else None
        return matches(digest, password[:LONGEST_PASSWORD])

    def user_of_subject(self, subject: str) -> str | None:
        """The user that an identity provider calls so."""
        rows = self._database.rows("SELECT name FROM users WHERE subject = ?", (subject,))
        return rows[0][0] if rows else None

    def is_from_provider(self, name: str) -> bool:
        """Whether the user signs in at an identity provider."""
        rows = self._database.rows("SELECT subject FROM users WHERE name = ?", (name,))
        return bool(rows) and rows[0][0] is not None

    def identity(self, name: str) -> Identity | None:
        """What a user may, their groups' grants included."""
        if not self._database.rows("SELECT 1 FROM users WHERE name = ?", (name,)):
            return None
        merged: dict[str, Role] = {}
        for holder in (name, *(f"@{group}" for group in self._groups(name))):
            for collection, role in self._grants(holder).items():
                held = merged.get(collection, role)
                merged[collection] = max(held, role, key=ROLES.index)
        return Identity("user", name, merged, f"user:{name}")

    def _groups(self, user: str) -> list[str]:
        return [
            g for (g,) in self._database.rows('SELECT team FROM members WHERE "user" = ?', (user,))
        ]

    def _grants(self, holder: str) -> dict[str, Role]:
        return dict(
            self._database.rows("SELECT collection, role FROM grants WHERE holder = ?", (holder,))
        )

    def require(self, name: str) -> None:
        """Raises UsageError if there is no such user."""
        if not self._database.rows("SELECT 1 FROM users WHERE name = ?", (name,)):
            raise UsageError(f"there is no user {name!r}: `plumb users list` shows them")


def _join(db: Connection, name: str, groups: Sequence[str]) -> None:
    for group in sorted(set(groups)):
        db.execute("INSERT INTO members VALUES (?, ?)", (name, group))


def _checked_password(password: str) -> str:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise UsageError(
            f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters; this one has "
            f"{len(password)}"
        )
    return password
