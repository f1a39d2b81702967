"""An older collection -> the present schema, in one transaction.

Each step brings what a version brought and leaves documents as they are.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from rag.errors import CollectionError
from rag.store import keywords
from rag.store.database import (
    APPLICATION_ID,
    KEYWORDS,
    SCHEMA_VERSION,
    VECTORS,
    connect,
    explained,
    open_unchecked,
)
from rag.store.folder import write_lock

_STEPS: dict[int, tuple[str, ...]] = {
    2: (
        "ALTER TABLE documents ADD COLUMN metadata TEXT NOT NULL DEFAULT '{}'",
        "ALTER TABLE paths ADD COLUMN stamp TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE paths ADD COLUMN metadata TEXT NOT NULL DEFAULT '{}'",
    ),
    3: (
        "ALTER TABLE pages ADD COLUMN label TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE pages ADD COLUMN boxes BLOB NOT NULL DEFAULT x''",
    ),
    4: (  # the keyword index is one of its own, made from the texts
        "DROP TABLE keywords",
        "DELETE FROM settings WHERE key = 'unscrubbed'",
        *KEYWORDS,
    ),
    5: (),  # longer blocks of postings, made from the texts
    6: (  # one vector a chunk; those of its sentences go
        "ALTER TABLE vectors RENAME TO older",
        VECTORS,
        "INSERT INTO vectors SELECT chunk, vector FROM older "
        "WHERE id IN (SELECT min(id) FROM older GROUP BY chunk)",
        "DROP TABLE older",
    ),
}
"""What leads from a version to the next one."""

_KEYWORDS_OF = 6
"""The keyword index of older versions is made anew."""


def schema_version(path: Path) -> int:
    """The version of the database at `path`. Raises CollectionError if it is not ours."""
    with explained(path):
        connection = open_unchecked(path)
        try:
            (application,) = connection.execute("PRAGMA application_id").fetchone()
            (version,) = connection.execute("PRAGMA user_version").fetchone()
        finally:
            connection.close()
    if application != APPLICATION_ID:
        raise CollectionError(f"{path} is not a Plumbline collection")
    return int(version)


def migrate(path: Path) -> tuple[int, int]:
    """Bring the database at `path` up to date; the versions before and after.

    Raises CollectionError for a version that no step leads on from, CollectionBusy while someone
    writes.
    """
    before = schema_version(path)
    if before >= SCHEMA_VERSION:
        return before, before
    if any(version not in _STEPS for version in range(before, SCHEMA_VERSION)):
        raise CollectionError(
            f"{path} has format {before}, which is too old to bring up to date; run "
            f"`plumb collections remove {path.parent.name}` and ingest the documents again"
        )
    with write_lock(path.parent), explained(path):
        connection = connect(path, "rw")
        try:
            _take_steps(connection)
        finally:
            connection.close()
    return before, SCHEMA_VERSION


def _take_steps(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    # Read again: another process may have taken the steps while this one waited for the lock.
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    for step in range(version, SCHEMA_VERSION):
        for statement in _STEPS[step]:
            connection.execute(statement)
    if version < _KEYWORDS_OF:
        keywords.rebuild(connection)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    connection.execute("COMMIT")
