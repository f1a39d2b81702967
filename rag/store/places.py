"""Places: the paths from which documents were read, as rows. Plain functions over a connection.

The same bytes may lie in several places; a document without any is to be deleted. A document goes
by the name of its first place in the order of paths, whatever the order in which they were read.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from rag.store.where import fields_of
from rag.types import Place

_PLACE = "path, name, document_id, stamp, metadata"


def put_place(connection: sqlite3.Connection, place: Place) -> None:
    """Record that the place's path now holds its document."""
    connection.execute(
        f"INSERT INTO paths ({_PLACE}) VALUES (?, ?, ?, ?, ?) ON CONFLICT (path) DO UPDATE SET "
        "name = excluded.name, document_id = excluded.document_id, stamp = excluded.stamp, "
        "metadata = excluded.metadata",
        (place.path, place.name, place.document_id, place.stamp, encode_metadata(place)),
    )


def drop_place(connection: sqlite3.Connection, path: str) -> None:
    """Forget what was read from `path`."""
    connection.execute("DELETE FROM paths WHERE path = ?", (path,))


def read_place(connection: sqlite3.Connection, path: str) -> Place | None:
    """What was last read from `path`."""
    row = connection.execute(f"SELECT {_PLACE} FROM paths WHERE path = ?", (path,)).fetchone()
    return _place(row) if row else None


def read_places(connection: sqlite3.Connection, document_id: str | None = None) -> list[Place]:
    """All places by path, or those of one document."""
    where = "" if document_id is None else "WHERE document_id = ?"
    rows = connection.execute(
        f"SELECT {_PLACE} FROM paths {where} ORDER BY path",
        () if document_id is None else (document_id,),
    )
    return [_place(row) for row in rows]


def count_places(connection: sqlite3.Connection, document_id: str) -> int:
    """From how many paths the same bytes were read."""
    row = connection.execute(
        "SELECT count(*) FROM paths WHERE document_id = ?", (document_id,)
    ).fetchone()
    return int(row[0])


def find_places(connection: sqlite3.Connection, key: str) -> list[Place]:
    """The places that `key` names: all of a document by its id, else by path, else by file name."""
    for column in ("document_id", "path", "name"):
        rows = connection.execute(
            f"SELECT {_PLACE} FROM paths WHERE {column} = ? ORDER BY path", (key,)
        ).fetchall()
        if rows:
            return [_place(row) for row in rows]
    return []


def read_fields(connection: sqlite3.Connection) -> list[tuple[str, dict[str, object]]]:
    """Document id and fields (`rag.store.where`) of every place."""
    rows = connection.execute(
        "SELECT p.document_id, p.name, p.path, d.media_type, d.metadata, p.metadata "
        "FROM paths p JOIN documents d ON d.document_id = p.document_id ORDER BY p.path"
    )
    return [
        (document_id, fields_of(name, path, kind, json.loads(said), json.loads(of_place)))
        for document_id, name, path, kind, said, of_place in rows
    ]


def shown_name(connection: sqlite3.Connection, document_id: str) -> str | None:
    """The name that the document goes by; None if it has no place."""
    row = connection.execute(
        "SELECT name FROM paths WHERE document_id = ? ORDER BY path LIMIT 1", (document_id,)
    ).fetchone()
    return str(row[0]) if row else None


def encode_metadata(place: Place) -> str:
    """The place's metadata as JSON with sorted keys, so that equal ones are equal texts."""
    return json.dumps(dict(place.metadata), ensure_ascii=False, sort_keys=True)


def _place(row: Sequence[str]) -> Place:
    path, name, document_id, stamp, metadata = row
    return Place(path, name, document_id, stamp, json.loads(metadata))
