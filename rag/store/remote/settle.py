"""Milvus follows PostgreSQL: what a writer noted there is done here, and what a killed one left.

The caller holds the collection's lock. Each step may be done twice: rows are written over, and the
note of a step goes when Milvus has taken it.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.store.remote.milvus import BATCH, Entry, MilvusVectors
from rag.store.remote.postgres import Connection
from rag.store.rows import decode


def settle(connection: Connection, collection: int, vectors: MilvusVectors) -> None:
    """Do all that is noted. Raises StoreUnavailable and leaves the notes of what is not done."""
    noted = connection.execute(
        "SELECT id, document, adds FROM intended WHERE collection = %s ORDER BY id", (collection,)
    ).fetchall()
    if not noted:
        return
    vectors.create()
    gone = [(number, document) for number, document, adds in noted if not adds]
    vectors.delete([document for _, document in gone])
    _done(connection, [number for number, _ in gone])
    waiting: list[Entry] = []
    numbers: list[int] = []
    for number, document, adds in noted:
        if adds:
            waiting += read_entries(connection, document)
            numbers.append(number)
            if len(waiting) >= BATCH:
                vectors.write(waiting)
                _done(connection, numbers)
                waiting, numbers = [], []
    vectors.write(waiting)
    _done(connection, numbers)


def read_entries(connection: Connection, document: int) -> list[Entry]:
    """The vectors of a document as Milvus is to keep them; none if it is gone."""
    found = connection.execute(
        "SELECT c.id, c.language, v.vector FROM chunks c JOIN vectors v ON v.chunk = c.id "
        "WHERE c.document = %s ORDER BY c.id",
        (document,),
    )
    return [Entry(chunk, document, language, decode(blob)) for chunk, language, blob in found]


def read_intended(connection: Connection, collection: int) -> tuple[list[int], list[int]]:
    """The documents that Milvus has still to take in, and those it has still to delete."""
    found = connection.execute(
        "SELECT document, adds FROM intended WHERE collection = %s", (collection,)
    ).fetchall()
    return [d for d, adds in found if adds], [d for d, adds in found if not adds]


def _done(connection: Connection, numbers: Sequence[int]) -> None:
    connection.execute("DELETE FROM intended WHERE id = ANY(%s)", (list(numbers),))
