"""The SQLite file of a collection: its schema, how it is opened, and what its errors mean.

Knows nothing of FAISS, files to ingest, or models. `store.db` is the truth of a collection;
whatever else lies in its folder can be made again from it.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

from rag.config import ChunkingSettings
from rag.errors import CollectionBusy, CollectionError
from rag.types import EmbedderInfo

SCHEMA_VERSION = 7
APPLICATION_ID = 0x504C4D42
"""Marks the file as ours ("PLMB"), see SQLite's `PRAGMA application_id`."""

BUSY_S = 5.0

_SCHEMA = """
CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
    document_id TEXT PRIMARY KEY,
    media_type TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    added_at TEXT NOT NULL,
    metadata TEXT NOT NULL DEFAULT '{}'
);
CREATE TABLE paths (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    path TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    document_id TEXT NOT NULL REFERENCES documents,
    stamp TEXT NOT NULL DEFAULT '',
    metadata TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX paths_by_document ON paths (document_id);
CREATE TABLE pages (
    document_id TEXT NOT NULL REFERENCES documents ON DELETE CASCADE,
    number INTEGER NOT NULL,
    text TEXT NOT NULL,
    headings TEXT NOT NULL,
    blank INTEGER NOT NULL,
    label TEXT NOT NULL DEFAULT '',
    boxes BLOB NOT NULL DEFAULT x'',
    PRIMARY KEY (document_id, number)
);
CREATE TABLE chunks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    chunk_id TEXT NOT NULL UNIQUE,
    document_id TEXT NOT NULL REFERENCES documents ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    page INTEGER NOT NULL,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    text TEXT NOT NULL,
    heading TEXT NOT NULL,
    tokens INTEGER NOT NULL,
    language TEXT NOT NULL,
    UNIQUE (document_id, ordinal)
);
"""
VECTORS = (
    "CREATE TABLE vectors (chunk INTEGER PRIMARY KEY REFERENCES chunks ON DELETE CASCADE, "
    "vector BLOB NOT NULL)"
)
KEYWORDS = (
    "CREATE TABLE postings (term TEXT NOT NULL, block INTEGER NOT NULL, entries BLOB NOT NULL, "
    "PRIMARY KEY (term, block)) WITHOUT ROWID",
    "CREATE TABLE lengths (block INTEGER PRIMARY KEY, entries BLOB NOT NULL)",
)
"""The keyword index, see `rag.store.postings`."""


def create_database(path: Path, info: EmbedderInfo, chunking: ChunkingSettings) -> None:
    """Make the empty database of a collection at `path`; it appears there whole or not at all."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with explained(path):
        connection = connect(draft, "rwc")
        try:
            connection.executescript(_SCHEMA)
            for statement in (VECTORS, *KEYWORDS):
                connection.execute(statement)
            values = {
                "embedder": json.dumps(asdict(info)),
                "chunking": chunking.model_dump_json(),
                "collection": secrets.token_hex(8),
                "generation": "0",
            }
            connection.executemany("INSERT INTO settings VALUES (?, ?)", values.items())
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        finally:
            connection.close()
    draft.replace(path)


def open_database(path: Path) -> sqlite3.Connection:
    """Open an existing database for any thread, in autocommit mode.

    Raises CollectionError when it is not ours, damaged, or made by a newer Plumbline.
    """
    with explained(path):
        connection = open_unchecked(path)
        with closed_on_error(connection):
            _check(path, connection)
    return connection


def read_setting(connection: sqlite3.Connection, key: str) -> str:
    """The value of one of the collection's own settings."""
    row = connection.execute("SELECT value FROM settings WHERE key = ?", (key,)).fetchone()
    return str(row[0])


def write_setting(connection: sqlite3.Connection, key: str, value: str) -> None:
    """Set one of the collection's own settings within the current transaction."""
    connection.execute("UPDATE settings SET value = ? WHERE key = ?", (value, key))


def read_embedder(connection: sqlite3.Connection) -> EmbedderInfo:
    """The embedder whose vectors the collection holds."""
    return EmbedderInfo(**json.loads(read_setting(connection, "embedder")))


def read_state(connection: sqlite3.Connection) -> str:
    """A name for the present content: equal states mean equal content, in any process.

    The random name of the collection is part of it, so that the derived files of another
    collection, or of one that was removed and made anew, are never taken for this one's.
    """
    rows = connection.execute(
        "SELECT value FROM settings WHERE key IN ('collection', 'generation') ORDER BY key"
    )
    return "-".join(str(value) for (value,) in rows)


@contextmanager
def transaction(connection: sqlite3.Connection, *, advance: bool = True) -> Iterator[None]:
    """One write transaction, or no trace of it. It advances the generation, unless told not to
    because no text or vector changes."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        if advance:
            generation = int(read_setting(connection, "generation")) + 1
            write_setting(connection, "generation", str(generation))
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


@contextmanager
def snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    """Several reads of one and the same state."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn SQLite's errors about the file at `path` into CollectionError with the mend."""
    try:
        yield
    except sqlite3.DatabaseError as err:
        message = _explain(path, err)
        if message is None:
            raise
        busy = _primary_code(err) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
        raise (CollectionBusy if busy else CollectionError)(message) from err


@contextmanager
def closed_on_error(connection: sqlite3.Connection) -> Iterator[None]:
    """Close the connection if the block fails."""
    try:
        yield
    except BaseException:
        connection.close()
        raise


def connect(path: Path, mode: str) -> sqlite3.Connection:
    """A connection in autocommit mode for any thread, whatever is in the file; `mode` is that of
    SQLite's URIs."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=BUSY_S,
    )
    with closed_on_error(connection):
        # FULL: a committed document survives a power cut, at one fsync per document.
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("PRAGMA secure_delete = ON")
    return connection


def open_unchecked(path: Path) -> sqlite3.Connection:
    """The same for a database of whatever kind and version."""
    return _connect_unwritable(path) if _is_unwritable(path) else connect(path, "rw")


def _is_unwritable(path: Path) -> bool:
    """Whether the file lies on a file system that is mounted to be read only."""
    if not hasattr(os, "statvfs"):
        return False
    with suppress(OSError):
        return bool(os.statvfs(path).f_flag & os.ST_RDONLY)
    return False


def _connect_unwritable(path: Path) -> sqlite3.Connection:
    """A connection that makes no file beside the database, as SQLite's log otherwise needs."""
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and log.stat().st_size:
        raise CollectionError(
            f"collection {path.parent.name!r} ({path}): its last changes are still in {log.name}, "
            "and the file system is mounted read-only; mount it to be written once, and open it"
        )
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro&immutable=1",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
    )


def _check(path: Path, connection: sqlite3.Connection) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID:
        raise CollectionError(
            f"{path} is not a Plumbline collection; move it away and ingest the documents again"
        )
    if version > SCHEMA_VERSION:
        raise CollectionError(
            f"{path} was made by a newer Plumbline (format {version}, this one reads "
            f"{SCHEMA_VERSION}); upgrade Plumbline, or use another collection"
        )
    if version < SCHEMA_VERSION:
        raise CollectionError(
            f"{path} was made by an older Plumbline (format {version}, this one reads "
            f"{SCHEMA_VERSION}); bring it up to date with `plumb collections check "
            f"{path.parent.name} --repair`"
        )
    read_embedder(connection)


def _primary_code(err: sqlite3.DatabaseError) -> int:
    return int(getattr(err, "sqlite_errorcode", 0)) & 0xFF


def _explain(path: Path, err: sqlite3.DatabaseError) -> str | None:
    name = path.parent.name
    mends = {
        sqlite3.SQLITE_BUSY: "another process is writing to it; try again when it has finished",
        sqlite3.SQLITE_LOCKED: "another process is writing to it; try again when it has finished",
        sqlite3.SQLITE_FULL: "the disk is full; make room and run the same command again",
        sqlite3.SQLITE_READONLY: "it may not be written to; check the rights of the folder",
        sqlite3.SQLITE_CANTOPEN: "it cannot be opened; check the rights of the folder",
        sqlite3.SQLITE_IOERR: "the disk reports an error; check it, then try again",
        sqlite3.SQLITE_CORRUPT: "the file is damaged; restore a copy, or run "
        f"`plumb collections remove {name}` and ingest the documents again",
        sqlite3.SQLITE_NOTADB: "the file is no database; restore a copy, or run "
        f"`plumb collections remove {name}` and ingest the documents again",
    }
    mend = mends.get(_primary_code(err))
    return mend and f"collection {name!r} ({path}): {mend} (SQLite: {err})"
