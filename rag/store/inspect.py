"""What is wrong with an open database and its index, found by reading all of it.

Each finding names what it is about, so that `rag.store.check` can mend it. Changes nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rag.store import keywords
from rag.store import vectors as sizes
from rag.store.cells import Cells
from rag.store.database import read_embedder, read_state, snapshot
from rag.store.folder import DATABASE, UPLOADS
from rag.store.rows import decode, read_encoded
from rag.store.settle import open_cells
from rag.store.vectors import INDEX

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
    lacking = keywords.count_lacking(connection)
    if lacking:
        return f"{lacking:,} chunks are not in the keyword index"
    orphans = keywords.count_orphans(connection)
    return f"{orphans:,} entries of the keyword index belong to no chunk" if orphans else ""


def _index_fault(connection: sqlite3.Connection, folder: Path) -> str:
    """Why the vector index on disk is not what the database says."""
    (count,) = connection.execute("SELECT count(*) FROM vectors").fetchone()
    cells = open_cells(connection, folder)
    if cells is None:
        if (folder / INDEX).exists():
            return f"{INDEX} is cut short, of another version, or not this collection's"
        return "there is no vector index" if count > sizes.EXACT + sizes.BATCH else ""
    try:
        if cells.state != read_state(connection):
            return "the vector index is out of date"
        return _difference(connection, cells)
    except sqlite3.DatabaseError as err:
        return f"{INDEX} is damaged: {err}"
    finally:
        cells.close()


def _difference(connection: sqlite3.Connection, cells: Cells) -> str:
    """How the vectors of the index differ from those of the database."""
    held = 0
    for cell, chunks, codes in cells.coded():
        stored = read_encoded(connection, chunks.tolist())
        if {chunk for chunk, _ in stored} != set(chunks.tolist()):
            return "the vector index holds vectors of removed documents"
        vectors = decode(b"".join(blob for _, blob in stored))
        wanted = cells.encode(vectors.reshape(-1, cells.dimension), cell)
        signs = -(-cells.dimension // 8)  # the rest may differ by the last bit across processors
        known = set(zip([chunk for chunk, _ in stored], map(bytes, wanted[:, :signs]), strict=True))
        if not known.issuperset(zip(chunks.tolist(), map(bytes, codes[:, :signs]), strict=True)):
            return "the vector index holds other vectors than the database"
        held += len(chunks)
    (wanted_count,) = connection.execute(
        "SELECT count(*) FROM vectors WHERE chunk <= ?", (cells.last,)
    ).fetchone()
    return "" if held == wanted_count else "the vector index lacks vectors of the database"


def _leftovers(folder: Path) -> Iterator[Path]:
    """Drafts of files that a kill left."""
    for name in (DATABASE, INDEX):
        draft = folder / f"{name}.new"
        if draft.exists():
            yield draft
    yield from (folder / UPLOADS).glob(".before-*")
