"""What is wrong with an open database and its index, found by reading all of it.

Each finding names what it is about, so that `rag.store.check` can mend it. Changes nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import faiss
import numpy as np

from rag.store import keywords
from rag.store.database import read_embedder, read_state, snapshot
from rag.store.folder import DATABASE, UPLOADS
from rag.store.rows import decode
from rag.store.vectors import INDEX, MANIFEST, VectorIndex, saved_state

_BLOCK = 4096
_NEAR = 1e-3
_ORPHANS = {
    "pages": "document_id NOT IN (SELECT document_id FROM documents)",
    "chunks": "document_id NOT IN (SELECT document_id FROM documents)",
    "vectors": "chunk NOT IN (SELECT id FROM chunks)",
    "paths": "document_id NOT IN (SELECT document_id FROM documents)",
    "documents": "document_id NOT IN (SELECT document_id FROM paths)",
}
"""Rows that belong to nothing; deleted in this order."""


@dataclass(slots=True)
class Damage:
    """What is wrong, by what has to be done about it. `broken` maps document ids to reasons."""

    file: list[str] = field(default_factory=list)
    broken: dict[str, str] = field(default_factory=dict)
    orphans: dict[str, int] = field(default_factory=dict)
    keywords: str = ""
    index: str = ""
    leftovers: list[Path] = field(default_factory=list)


def inspect(connection: sqlite3.Connection, folder: Path) -> Damage:
    """Everything that is wrong with the collection in `folder`, as of one moment."""
    damage = Damage()
    with snapshot(connection):
        damage.file = [row[0] for row in connection.execute("PRAGMA integrity_check(5)")]
        if damage.file == ["ok"]:
            damage.file = []
        if damage.file:
            return damage
        damage.broken = dict(_broken_documents(connection))
        damage.orphans = _count_orphans(connection)
        damage.keywords = _keyword_fault(connection)
        if not damage.broken:
            damage.index = _index_fault(connection, folder)
    damage.leftovers = list(_leftovers(folder))
    return damage


def delete_orphans(connection: sqlite3.Connection) -> None:
    """Delete the rows that belong to nothing, within the current transaction."""
    for table, condition in _ORPHANS.items():
        connection.execute(f"DELETE FROM {table} WHERE {condition}")


def _broken_documents(connection: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    size = 2 * read_embedder(connection).dimension
    for document_id, wrong in connection.execute(
        "SELECT c.document_id, count(*) FROM chunks c WHERE NOT EXISTS (SELECT 1 FROM vectors v "
        "WHERE v.chunk = c.id AND length(v.vector) = ?) GROUP BY 1",
        (size,),
    ):
        yield document_id, f"{wrong:,} chunks without a vector"
    for document_id, wrong in connection.execute(
        "SELECT c.document_id, count(*) FROM vectors v JOIN chunks c ON c.id = v.chunk "
        "WHERE length(v.vector) <> ? GROUP BY 1",
        (size,),
    ):
        yield document_id, f"{wrong:,} vectors of another length"
    for document_id, wrong in connection.execute(
        "SELECT c.document_id, count(*) FROM chunks c LEFT JOIN pages p ON "
        "p.document_id = c.document_id AND p.number = c.page WHERE p.text IS NULL OR "
        "substr(p.text, c.start + 1, c.end - c.start) <> c.text GROUP BY 1"
    ):
        yield document_id, f"{wrong:,} chunks that are not on their page"


def _count_orphans(connection: sqlite3.Connection) -> dict[str, int]:
    counts = {
        table: int(
            connection.execute(f"SELECT count(*) FROM {table} WHERE {condition}").fetchone()[0]
        )
        for table, condition in _ORPHANS.items()
    }
    return {table: count for table, count in counts.items() if count}


def _keyword_fault(connection: sqlite3.Connection) -> str:
    (lacking,) = connection.execute(
        "SELECT count(*) FROM chunks WHERE id NOT IN (SELECT id FROM keywords_docsize)"
    ).fetchone()
    if lacking:
        return f"{lacking:,} chunks are not in the keyword index"
    orphans = keywords.count_orphans(connection)
    return f"{orphans:,} entries of the keyword index belong to no chunk" if orphans else ""


def _index_fault(connection: sqlite3.Connection, folder: Path) -> str:
    """Why the vector index on disk is not what the database says."""
    (count,) = connection.execute("SELECT count(*) FROM vectors").fetchone()
    if not (folder / INDEX).exists() and not (folder / MANIFEST).exists():
        return "there is no vector index" if count else ""
    state = read_state(connection)
    saved = saved_state(folder)
    if saved is None:
        return f"{MANIFEST} is missing or no manifest"
    if saved != state:
        return "the vector index is out of date"
    index = VectorIndex.load(folder, read_embedder(connection).dimension, state)
    if index is None:
        return f"{INDEX} is cut short, of another version, or not what {MANIFEST} says"
    return _difference(connection, index)


def _difference(connection: sqlite3.Connection, index: VectorIndex) -> str:
    """How the vectors of the index differ from those of the database."""
    held = {int(identity): place for place, identity in enumerate(index.ids)}
    last, seen = -1, 0
    while True:
        rows = connection.execute(
            "SELECT id, vector FROM vectors WHERE id > ? ORDER BY id LIMIT ?", (last, _BLOCK)
        ).fetchall()
        if not rows:
            break
        last, seen = rows[-1][0], seen + len(rows)
        if any(identity not in held for identity, _ in rows):
            return "the vector index lacks vectors of the database"
        places = np.array([held[identity] for identity, _ in rows], dtype=np.int64)
        wanted = np.stack([decode(blob) for _, blob in rows])
        flat = faiss.downcast_index(index.flat)
        found = flat.reconstruct_batch(places)
        if np.abs(found - wanted).max() > _NEAR:
            return "the vector index holds other vectors than the database"
    return "" if seen == len(held) else "the vector index holds vectors of removed documents"


def _leftovers(folder: Path) -> Iterator[Path]:
    """Drafts of files that a kill left."""
    for name in (DATABASE, INDEX, MANIFEST):
        draft = folder / f"{name}.new"
        if draft.exists():
            yield draft
    yield from (folder / UPLOADS).glob(".before-*")
