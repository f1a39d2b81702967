"""A whole document out of the database and into another: plain functions over a connection."""

from __future__ import annotations

import json
import sqlite3

from rag.store import keywords, places, rows
from rag.store.postings import ChunkTerms
from rag.store.whole import Whole, WholeChunk
from rag.text import keyword_terms
from rag.types import Document


def read_whole(connection: sqlite3.Connection, document_id: str) -> Whole | None:
    """All that is kept of the document; None if it is not there."""
    found = connection.execute(
        "SELECT document_id, media_type, bytes, added_at, metadata FROM documents "
        "WHERE document_id = ?",
        (document_id,),
    ).fetchone()
    if found is None:
        return None
    numbers = connection.execute(
        "SELECT number FROM pages WHERE document_id = ? ORDER BY number", (document_id,)
    ).fetchall()
    pages = (rows.read_page(connection, document_id, number) for (number,) in numbers)
    chunks = rows.read_document_chunks(connection, document_id)
    kept = connection.execute(
        "SELECT id, language FROM chunks WHERE document_id = ? ORDER BY ordinal", (document_id,)
    ).fetchall()
    _, media_type, size, added_at, metadata = found
    return Whole(
        document_id,
        media_type,
        size,
        added_at,
        metadata,
        tuple(page for page in pages if page is not None),
        tuple(places.read_places(connection, document_id)),
        tuple(
            WholeChunk(chunk, language, _vector(connection, row))
            for chunk, (row, language) in zip(chunks, kept, strict=True)
        ),
    )


def insert_whole(connection: sqlite3.Connection, whole: Whole) -> None:
    """Write a document that is not there yet, with its places, within the current transaction."""
    name = whole.places[0].name
    document = Document(
        whole.document_id,
        name,
        whole.places[0].path,
        whole.media_type,
        whole.pages,
        whole.bytes,
        json.loads(whole.metadata),
    )
    rows.insert_document(connection, document)
    connection.execute(
        "UPDATE documents SET added_at = ?, metadata = ? WHERE document_id = ?",
        (whole.added_at, whole.metadata, whole.document_id),
    )
    terms = []
    for held in whole.chunks:
        row = rows.insert_chunk(connection, held.chunk)
        connection.execute("UPDATE chunks SET language = ? WHERE id = ?", (held.language, row))
        rows.insert_vector(connection, row, rows.decode(held.vector))
        heading = keywords.heading_terms(name, held.chunk.heading)
        terms.append(ChunkTerms(row, keyword_terms(held.chunk.text), heading))
    keywords.insert_terms(connection, terms)
    for place in whole.places:
        places.put_place(connection, place)


def _vector(connection: sqlite3.Connection, row: int) -> bytes:
    found = connection.execute("SELECT vector FROM vectors WHERE chunk = ?", (row,)).fetchone()
    return bytes(found[0])
