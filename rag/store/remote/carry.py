"""A whole document out of PostgreSQL, to be put into another collection or compared."""

from __future__ import annotations

from rag.store.remote import rows
from rag.store.remote.postgres import Connection
from rag.store.whole import Whole, WholeChunk
from rag.types import Chunk


def read_whole(connection: Connection, collection: int, document_id: str) -> Whole | None:
    """All that is kept of the document; None if it is not there."""
    key = (collection, document_id)
    found = connection.execute(
        "SELECT id, media_type, bytes, added_at, metadata FROM documents "
        "WHERE collection = %s AND document_id = %s",
        key,
    ).fetchone()
    if found is None:
        return None
    row, *told = found
    pages = tuple(map(rows.page_of, connection.execute(rows.PAGES + "ORDER BY p.number", key)))
    vectors: dict[str, list[tuple[int, int, bytes]]] = {}
    for chunk_id, *vector in connection.execute(
        'SELECT c.chunk_id, v.start, v."end", v.vector FROM chunks c '
        "JOIN vectors v ON v.chunk = c.id WHERE c.document = %s ORDER BY v.id",
        (row,),
    ):
        vectors.setdefault(chunk_id, []).append((vector[0], vector[1], vector[2]))
    chunks = connection.execute(
        f"SELECT {rows.CHUNK}, c.language FROM chunks c JOIN documents d ON d.id = c.document "
        "WHERE c.document = %s ORDER BY c.ordinal",
        (row,),
    ).fetchall()
    whole = (WholeChunk(Chunk(*c[:-1]), c[-1], tuple(vectors.get(c[0], ()))) for c in chunks)
    places = tuple(rows.read_places(connection, collection, document_id))
    return Whole(document_id, told[0], told[1], told[2], told[3], pages, places, tuple(whole))
