"""The tables as a file of their own, for its owner alone to read, or in memory."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from web.state.database import Connection, Database, Tables

_PATIENCE_S = 5.0
_TYPES = {
    "text": "TEXT",
    "real": "REAL",
    "blob": "BLOB",
    "number": "INTEGER",
    "counted": "INTEGER PRIMARY KEY AUTOINCREMENT",
}


class SqliteDatabase(Database):
    """See `Database`; `path` None means memory."""

    def __init__(self, path: Path | None, tables: Tables) -> None:
        self.path = path
        self._tables = tables
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None

    def exists(self) -> bool:
        """As `Database.exists`."""
        return self.path.exists() if self.path else self._connection is not None

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        """As `Database.rows`."""
        if not self.exists():
            return []
        with self._explained():
            return self._open().execute(query, values).fetchall()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """As `Database.writing`."""
        with self._explained(), self._open() as db:
            db.execute("BEGIN IMMEDIATE")
            yield db

    def scrub(self) -> None:
        """What was overwritten is in the log until that is merged."""
        if self.path is not None and self.exists():
            with self._explained():
                self._open().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """As `Database.close`."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    @contextmanager
    def _explained(self) -> Iterator[None]:
        with self._lock:
            try:
                yield
            except (sqlite3.Error, OSError) as err:
                raise self._tables.failure(str(self.path), err) from err

    def _open(self) -> sqlite3.Connection:
        identity = None
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.touch(mode=0o600)
            status = self.path.stat()
            identity = (status.st_dev, status.st_ino)
        # A file that was moved away and made anew is another: who was let in by the old one is not.
        if self._connection is None or self._identity != identity:
            self.close()
            self._connection = _connected(self.path, self._tables)
            self._identity = identity
        return self._connection


def _connected(path: Path | None, tables: Tables) -> sqlite3.Connection:
    db = sqlite3.connect(
        path or ":memory:", timeout=_PATIENCE_S, isolation_level=None, check_same_thread=False
    )
    try:
        db.create_function("folded", 1, lambda text: str(text).casefold(), deterministic=True)
        for pragma in (
            "journal_mode = WAL",
            f"synchronous = {'NORMAL' if tables.hasty else 'FULL'}",
            "foreign_keys = ON",
            "secure_delete = ON",
        ):
            db.execute(f"PRAGMA {pragma}")
        _make(db, tables)
    except BaseException:
        db.close()
        raise
    return db


def _make(db: sqlite3.Connection, tables: Tables) -> None:
    db.execute("BEGIN IMMEDIATE")
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version not in (0, tables.version):
        raise sqlite3.DatabaseError(f"version {version} is not {tables.version}")
    if version == 0:
        for statement in tables.statements:
            db.execute(statement.format(**_TYPES))
        db.execute(f"PRAGMA user_version = {tables.version}")
    db.execute("COMMIT")
