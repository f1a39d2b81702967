"""A damaged database -> a new one with all documents that can still be read whole.

Each document is copied by itself; one that SQLite cannot read to the end is left out. The keyword
index is made anew. The damaged file stays beside the new one, as `store.db.damaged`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from rag.config import ChunkingSettings
from rag.errors import CollectionError
from rag.store import keywords
from rag.store.database import (
    connect,
    create_database,
    explained,
    read_embedder,
    read_setting,
    transaction,
)
from rag.store.folder import DATABASE, write_lock

_TABLES = ("documents", "paths", "pages", "chunks", "vectors")


def salvage(folder: Path) -> tuple[int, list[str]]:
    """Put a new database in the place of the damaged one in `folder`; the number of documents
    saved, and the paths of those that were not.

    Raises CollectionError if not even the settings or the list of documents can be read,
    CollectionBusy while someone writes.
    """
    path = folder / DATABASE
    fresh = folder / f"{DATABASE}.salvaged"
    with write_lock(folder), explained(path):
        damaged = connect(path, "rw")
        try:
            embedder = read_embedder(damaged)
            chunking = ChunkingSettings.model_validate_json(read_setting(damaged, "chunking"))
            listed = damaged.execute(
                "SELECT d.document_id, min(p.path) FROM documents d "
                "JOIN paths p ON p.document_id = d.document_id GROUP BY 1"
            ).fetchall()
        except (sqlite3.DatabaseError, json.JSONDecodeError, ValueError, TypeError) as err:
            damaged.close()
            raise CollectionError(
                f"collection {folder.name!r} is too damaged to save anything ({err}): restore a "
                f"backup, or run `plumb collections remove {folder.name}` and ingest again"
            ) from None
        fresh.unlink(missing_ok=True)
        create_database(fresh, embedder, chunking)
        saved = connect(fresh, "rw")
        try:
            lost = [where for key, where in listed if not _copy(damaged, saved, key)]
            with transaction(saved):
                keywords.rebuild(saved)
        finally:
            saved.close()
            damaged.close()
        _swap(path, fresh)
    return len(listed) - len(lost), lost


def _copy(damaged: sqlite3.Connection, saved: sqlite3.Connection, document_id: str) -> bool:
    """Copy one document whole, or nothing of it."""
    try:
        with transaction(saved):
            for table in _TABLES:
                for columns, row in _rows_of(damaged, table, document_id):
                    marks = ", ".join("?" * len(row))
                    names = ", ".join(f'"{column}"' for column in columns)
                    saved.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", row)
    except sqlite3.DatabaseError:
        return False
    return True


def _rows_of(
    connection: sqlite3.Connection, table: str, document_id: str
) -> list[tuple[Sequence[str], Sequence[object]]]:
    condition = (
        "chunk IN (SELECT id FROM chunks WHERE document_id = ?)"
        if table == "vectors"
        else "document_id = ?"
    )
    cursor = connection.execute(f"SELECT * FROM {table} WHERE {condition}", (document_id,))
    columns = [column[0] for column in cursor.description]
    return [(columns, row) for row in cursor]


def _swap(path: Path, fresh: Path) -> None:
    """Put the new database in its place, with nothing of the old one's log beside it."""
    path.replace(path.with_name(f"{path.name}.damaged"))
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    fresh.replace(path)
