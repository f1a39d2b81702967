"""`access.db` in the home: users, groups, grants, keys and sessions, as tables.

The file is made by whoever writes first, for its owner alone to read. Safe to use from several
threads and processes. Knows nothing of HTTP and of what the rows mean.
"""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rag.errors import ConfigError, UsageError
from web.access.identity import EVERYTHING

FILE = "access.db"
_NAME = re.compile(r"[\w][\w.@+-]{0,63}")
_COLLECTION = re.compile(r"\*|[\w][\w.-]{0,63}")
_PATIENCE_S = 5.0
_VERSION = 1
_SCHEMA = """
CREATE TABLE users (
  name TEXT PRIMARY KEY, password TEXT, subject TEXT UNIQUE, created_at REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE members (
  user TEXT NOT NULL REFERENCES users ON DELETE CASCADE, team TEXT NOT NULL,
  PRIMARY KEY (user, team)
) WITHOUT ROWID;
CREATE TABLE grants (
  holder TEXT NOT NULL, collection TEXT NOT NULL, role TEXT NOT NULL,
  PRIMARY KEY (holder, collection)
) WITHOUT ROWID;
CREATE TABLE keys (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, digest BLOB NOT NULL,
  owner TEXT REFERENCES users ON DELETE CASCADE,
  created_at REAL NOT NULL, expires_at REAL, revoked_at REAL
) WITHOUT ROWID;
CREATE TABLE scopes (
  key TEXT NOT NULL REFERENCES keys ON DELETE CASCADE, collection TEXT NOT NULL,
  role TEXT NOT NULL, PRIMARY KEY (key, collection)
) WITHOUT ROWID;
CREATE TABLE sessions (
  digest BLOB PRIMARY KEY, holder TEXT NOT NULL, expires_at REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE facts (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
"""


class Database:
    """The file, opened when there is one."""

    def __init__(self, home: Path) -> None:
        self.path = home / FILE
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        """What a query finds; nothing where there is no file. Raises ConfigError for a file that
        cannot be read."""
        if not self.path.exists():
            return []
        with self._lock:
            return self._open().execute(query, values).fetchall()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction, undone if the block raises."""
        with self._lock, self._open() as db:
            db.execute("BEGIN IMMEDIATE")
            yield db

    def close(self) -> None:
        """Let go of the file. Used again, it is opened again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.touch(mode=0o600)
        status = self.path.stat()
        # A file that was moved away and made anew is another: who was let in by the old one is not.
        if self._connection is None or self._identity != (status.st_dev, status.st_ino):
            self.close()
            try:
                self._connection = _connected(self.path)
            except sqlite3.Error as err:
                raise ConfigError(
                    f"{self.path} cannot be read as Plumbline's users and keys: {err}; restore "
                    "it, or move it away and add the users again"
                ) from err
            self._identity = (status.st_dev, status.st_ino)
        return self._connection


def mark_used(db: sqlite3.Connection) -> None:
    """From now on whoever is unknown is nobody."""
    db.execute("INSERT OR IGNORE INTO facts VALUES ('used', 1)")


def check_name(name: str) -> None:
    """Raises UsageError for what cannot name a user or group."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} cannot name a user or group: use up to 64 letters, digits, '_', '-', '.', "
            "'+' and '@', with a letter or digit first"
        )


def check_collection(name: str) -> None:
    """Raises UsageError for what is neither a collection's name nor `*`."""
    if not _COLLECTION.fullmatch(name):
        raise UsageError(f"{name!r} names no collection: give its name, or '{EVERYTHING}' for all")


def _connected(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=_PATIENCE_S, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("BEGIN IMMEDIATE")
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version not in (0, _VERSION):
        db.close()
        raise sqlite3.DatabaseError(f"version {version} is not {_VERSION}")
    if version == 0:
        for statement in _SCHEMA.strip().split(";\n"):
            db.execute(statement)
        db.execute(f"PRAGMA user_version = {_VERSION}")
    db.execute("COMMIT")
    return db
