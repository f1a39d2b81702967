"""Changes in PostgreSQL: documents and places in and out. Plain functions over a connection.

All run inside a transaction that the caller opened. Each notes in `intended` what Milvus has to
follow, so that a writer that is killed leaves nothing half done: the next one goes on from there.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from rag.store.remote import keywords, rows
from rag.store.remote.postgres import Connection
from rag.store.whole import Whole
from rag.types import Place


def insert_whole(connection: Connection, collection: int, whole: Whole, name: str) -> None:
    """Write a document that is not there yet, without its places, indexed under `name`."""
    row = connection.execute(
        "INSERT INTO documents (collection, document_id, media_type, bytes, added_at, metadata) "
        "VALUES (%s, %s, %s, %s, %s, %s) RETURNING id",
        (
            collection,
            whole.document_id,
            whole.media_type,
            whole.bytes,
            whole.added_at,
            whole.metadata,
        ),
    ).fetchone()
    assert row is not None
    document: int = row[0]
    _insert_pages(connection, document, whole)
    _insert_chunks(connection, collection, document, whole)
    keywords.insert(connection, collection, document, name, is_new=True)
    _intend(connection, collection, document, adds=True)


def _insert_pages(connection: Connection, document: int, whole: Whole) -> None:
    with connection.cursor().copy(
        "COPY pages (document, number, text, headings, blank, label, boxes) FROM STDIN"
    ) as copy:
        for page in whole.pages:
            headings = [[h.level, h.text, h.start] for h in page.headings]
            told = json.dumps(headings, ensure_ascii=False)
            blank = not page.text.strip()
            copy.write_row((document, page.number, page.text, told, blank, page.label, page.boxes))


def _insert_chunks(connection: Connection, collection: int, document: int, whole: Whole) -> None:
    ids = _reserve(connection, "chunks", len(whole.chunks))
    with connection.cursor().copy(
        "COPY chunks (id, collection, document, chunk_id, ordinal, page, start, "
        '"end", text, heading, tokens, language) FROM STDIN'
    ) as copy:
        for row, held in zip(ids, whole.chunks, strict=True):
            chunk = held.chunk
            place = (row, collection, document, chunk.chunk_id, chunk.ordinal, chunk.page)
            said = (chunk.start, chunk.end, chunk.text, chunk.heading, chunk.tokens, held.language)
            copy.write_row((*place, *said))
    with connection.cursor().copy("COPY vectors (chunk, vector) FROM STDIN") as copy:
        for row, held in zip(ids, whole.chunks, strict=True):
            copy.write_row((row, held.vector))


def _reserve(connection: Connection, table: str, count: int) -> list[int]:
    """Ids for that many rows to come, ascending."""
    found = connection.execute(
        f"SELECT nextval('{table}_id_seq') FROM generate_series(1, %s)", (count,)
    )
    return [number for (number,) in found]


def put_place(connection: Connection, collection: int, place: Place) -> None:
    """Record that the place's path now holds its document."""
    connection.execute(
        "INSERT INTO places (collection, path, name, document, stamp, metadata) "
        "SELECT %s, %s, %s, id, %s, %s FROM documents WHERE collection = %s AND document_id = %s "
        "ON CONFLICT (collection, path) DO UPDATE SET name = excluded.name, "
        "document = excluded.document, stamp = excluded.stamp, metadata = excluded.metadata",
        (
            collection,
            place.path,
            place.name,
            place.stamp,
            json.dumps(dict(place.metadata), ensure_ascii=False, sort_keys=True),
            collection,
            place.document_id,
        ),
    )


def settle_place(
    connection: Connection,
    collection: int,
    place: Place,
    before: Place | None,
    instead_of: str | None = None,
) -> None:
    """Put the document in its place, and `before`, which lay there, out of it."""
    # A document without a place was inserted just now, under the name of this one.
    touched = [place.document_id] + ([before.document_id] if before is not None else [])
    titles = rows.read_names(connection, collection, touched)
    titles.setdefault(place.document_id, place.name)
    if instead_of is not None:
        _drop_places(connection, collection, [instead_of])
    put_place(connection, collection, place)
    _follow_places(connection, collection, titles)


def forget(connection: Connection, collection: int, dropped: Sequence[Place]) -> None:
    """Drop places, and with its last place a document."""
    touched = [place.document_id for place in dropped]
    titles = rows.read_names(connection, collection, touched)
    _drop_places(connection, collection, [place.path for place in dropped])
    _follow_places(connection, collection, titles)


def advance(connection: Connection, collection: int, *, documents: bool = True) -> None:
    """Count a change of the collection; `documents`: more than places changed."""
    connection.execute(
        "UPDATE collections SET changes = changes + 1, generation = generation + %s WHERE id = %s",
        (int(documents), collection),
    )


def _drop_places(connection: Connection, collection: int, paths: Sequence[str]) -> None:
    connection.execute(
        "DELETE FROM places WHERE collection = %s AND path = ANY(%s)", (collection, list(paths))
    )


def _follow_places(connection: Connection, collection: int, before: dict[str, str]) -> None:
    """Delete documents that have no place; index those that go by another name than `before`."""
    names = rows.read_names(connection, collection, list(before))
    for document_id, title in before.items():
        name = names.get(document_id)
        if name == title:
            continue
        for row in rows.read_document_rows(connection, collection, [document_id]):
            keywords.remove(connection, collection, row, title, is_gone=name is None)
            if name is not None:
                keywords.insert(connection, collection, row, name, is_new=False)
                continue
            connection.execute("DELETE FROM documents WHERE id = %s", (row,))
            _intend(connection, collection, row, adds=False)


def _intend(connection: Connection, collection: int, document: int, *, adds: bool) -> None:
    connection.execute(
        "INSERT INTO intended (collection, document, adds) VALUES (%s, %s, %s)",
        (collection, document, adds),
    )
