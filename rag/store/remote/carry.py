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
    chunks = connection.execute(
        f"SELECT {rows.CHUNK}, c.language, v.vector FROM chunks c "
        "JOIN documents d ON d.id = c.document JOIN vectors v ON v.chunk = c.id "
        "WHERE c.document = %s ORDER BY c.ordinal",
        (row,),
    ).fetchall()
    whole = (WholeChunk(Chunk(*c[:-2]), *c[-2:]) for c in chunks)
    places = tuple(rows.read_places(connection, collection, document_id))
    return Whole(document_id, told[0], told[1], told[2], told[3], pages, places, tuple(whole))
