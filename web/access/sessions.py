"""Sessions of the page, and the cookies that carry them.

A cookie holds a random number and its signature; the database holds the number's digest, so that a
session ends when it is closed, when the password changes, and when its time is over.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from typing import cast

from itsdangerous import BadData, BadSignature, Signer, URLSafeTimedSerializer

from web.access.keys import digest
from web.state import Database

_KEEP_SIGNING = "INSERT INTO facts VALUES ('signing', ?) ON CONFLICT (name) DO NOTHING"


class Sessions:
    """The sessions of a database."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    def cookie(self, holder: str, hours: float) -> str:
        """Open a session; the value of its cookie."""
        return self._signing().sign(self._open(holder, hours)).decode()

    def holder_of(self, cookie: str) -> str | None:
        """Whose session a cookie is; None for one that is forged, closed or too old."""
        number = self._number(cookie)
        return None if number is None else self._holder(number)

    def end(self, cookie: str) -> None:
        """Close the session of a cookie, if it is one."""
        if (number := self._number(cookie)) is not None:
            self._close(number)

    def seal(self, values: dict[str, str]) -> str:
        """Values for a cookie that only instances over this database can have made; they are not
        hidden."""
        return str(self._sealing().dumps(values))

    def unseal(self, sealed: str, seconds: int) -> dict[str, str] | None:
        """What `seal` was given, unless the cookie is forged or older than that."""
        if not sealed or not self._database.exists():
            return None
        try:
            return cast("dict[str, str]", self._sealing().loads(sealed, max_age=seconds))
        except BadData:
            return None

    def _sealing(self) -> URLSafeTimedSerializer:
        signing = {"digest_method": hashlib.sha256}
        return URLSafeTimedSerializer(self._secret(), salt=b"sealed", signer_kwargs=signing)

    def _number(self, cookie: str) -> str | None:
        if not cookie or not self._database.exists():
            return None
        try:
            return self._signing().unsign(cookie.encode("utf-8", "replace")).decode()
        except (BadSignature, UnicodeDecodeError):
            return None

    def _signing(self) -> Signer:
        return Signer(self._secret(), digest_method=hashlib.sha256)

    def _open(self, holder: str, hours: float) -> str:
        """A number for a cookie, good for `hours`; `holder` is `user:NAME`, `key:ID` or what else
        the caller knows."""
        number, now = secrets.token_urlsafe(32), self._clock()
        with self._database.writing() as db:
            db.execute("DELETE FROM sessions WHERE expires_at <= ?", (now,))
            made = (digest(number), holder, now + hours * 3600)
            db.execute("INSERT INTO sessions VALUES (?, ?, ?)", made)
        return number

    def _holder(self, number: str) -> str | None:
        """Whose session it is, if it is still open."""
        query = "SELECT holder FROM sessions WHERE digest = ? AND expires_at > ?"
        rows = self._database.rows(query, (digest(number), self._clock()))
        return rows[0][0] if rows else None

    def _close(self, number: str) -> None:
        """End one session."""
        with self._database.writing() as db:
            db.execute("DELETE FROM sessions WHERE digest = ?", (digest(number),))

    def _secret(self) -> bytes:
        query = "SELECT value FROM facts WHERE name = 'signing'"
        found = self._database.rows(query)
        if not found:
            with self._database.writing() as db:
                made = (secrets.token_bytes(32),)
                db.execute(_KEEP_SIGNING, made)
            found = self._database.rows(query)
        return cast("bytes", found[0][0])
