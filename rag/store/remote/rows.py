"""Records as rows in PostgreSQL: what is read. Plain functions over a connection.

`collection` is the number of a collection, `row` that of a document or chunk; both are PostgreSQL's
own. Callers see the ids of `rag.types` alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rag.store.remote.postgres import Connection
from rag.store.rows import decode
from rag.store.where import fields_of
from rag.types import Chunk, DocumentInfo, EmbedderInfo, FloatArray, Heading, Language, Page, Place

CHUNK = (
    'c.chunk_id, d.document_id, c.page, c.start, c."end", c.text, c.heading, c.tokens, c.ordinal'
)
_CHUNKS = f"SELECT {CHUNK} FROM chunks c JOIN documents d ON d.id = c.document "
_PLACE = "p.path, p.name, d.document_id, p.stamp, p.metadata"
_PLACES = f"SELECT {_PLACE} FROM places p JOIN documents d ON d.id = p.document "
PAGES = (
    "SELECT p.number, p.text, p.headings, p.label, p.boxes FROM pages p "
    "JOIN documents d ON d.id = p.document WHERE d.collection = %s AND d.document_id = %s "
)
_INFO = """
SELECT d.document_id, p.name, p.path, d.media_type, d.bytes,
    (SELECT count(*) FROM pages WHERE document = d.id),
    (SELECT count(*) FROM pages WHERE document = d.id AND blank),
    (SELECT count(*) FROM chunks WHERE document = d.id),
    d.added_at, d.metadata, p.metadata
FROM documents d
JOIN LATERAL (SELECT * FROM places WHERE document = d.id ORDER BY path LIMIT 1) p ON true
WHERE d.collection = %s
"""


@dataclass(frozen=True, slots=True)
class Head:
    """What a collection says of itself: `life` tells one from another that had its name before;
    `changes` grows with whatever is written, `generation` with documents alone; `terms` is the
    number of keyword terms in all chunks."""

    collection: int
    life: str
    info: EmbedderInfo
    chunking: str
    generation: int
    changes: int
    chunks: int
    terms: int


def read_head(connection: Connection, name: str) -> Head | None:
    """The collection of that name."""
    row = connection.execute(
        "SELECT id, life, embedder, chunking, generation, changes, chunks, terms "
        "FROM collections WHERE name = %s",
        (name,),
    ).fetchone()
    if row is None:
        return None
    number, life, embedder, *rest = row
    return Head(number, life, EmbedderInfo(**json.loads(embedder)), *rest)


def read_infos(connection: Connection, collection: int) -> list[DocumentInfo]:
    """All documents by name, then path."""
    found = connection.execute(_INFO + "ORDER BY p.name, p.path", (collection,))
    return [_info(row) for row in found]


def read_info(connection: Connection, collection: int, document_id: str) -> DocumentInfo | None:
    """One document."""
    row = connection.execute(_INFO + "AND d.document_id = %s", (collection, document_id)).fetchone()
    return _info(row) if row else None


def _info(row: Sequence[Any]) -> DocumentInfo:
    said, said_of_place = map(json.loads, row[-2:])
    return replace(DocumentInfo(*row[:-2]), metadata={**said, **said_of_place})


def read_names(
    connection: Connection, collection: int, document_ids: Sequence[str]
) -> dict[str, str]:
    """The names that the documents go by, by id: those of their first places."""
    found = connection.execute(
        "SELECT d.document_id, p.name FROM places p JOIN documents d ON d.id = p.document "
        "WHERE d.collection = %s AND d.document_id = ANY(%s) ORDER BY p.path DESC",
        (collection, list(document_ids)),
    )
    return dict(found.fetchall())


def read_page(
    connection: Connection, collection: int, document_id: str, number: int
) -> Page | None:
    """One page with its text and headings."""
    row = connection.execute(
        PAGES + "AND p.number = %s", (collection, document_id, number)
    ).fetchone()
    return page_of(row) if row else None


def page_of(row: Sequence[Any]) -> Page:
    headings = tuple(Heading(*heading) for heading in json.loads(row[2]))
    return Page(row[0], row[1], headings, *row[3:])


def read_page_names(
    connection: Connection, collection: int, pages: Sequence[tuple[str, int]]
) -> dict[tuple[str, int], tuple[str, str]]:
    """The media type and the label of pages, by the document's id and their numbers."""
    found = connection.execute(
        "SELECT d.document_id, p.number, d.media_type, p.label "
        "FROM unnest(%s::text[], %s::integer[]) AS asked (document_id, number) "
        "JOIN documents d ON d.collection = %s AND d.document_id = asked.document_id "
        "JOIN pages p ON p.document = d.id AND p.number = asked.number",
        ([key for key, _ in pages], [number for _, number in pages], collection),
    )
    return {(key, number): (media_type, label) for key, number, media_type, label in found}


def read_chunks(
    connection: Connection, collection: int, chunk_ids: Sequence[str]
) -> dict[str, Chunk]:
    """Those of the chunks that exist, by id."""
    found = connection.execute(
        _CHUNKS + "WHERE c.collection = %s AND c.chunk_id = ANY(%s)", (collection, list(chunk_ids))
    )
    return {row[0]: Chunk(*row) for row in found}


def read_document_chunks(
    connection: Connection,
    collection: int,
    document_id: str,
    first: int = 0,
    last: int = (1 << 31) - 1,
) -> list[Chunk]:
    """The document's chunks in order, those with ordinals from `first` to `last`, both in."""
    found = connection.execute(
        _CHUNKS + "WHERE d.collection = %s AND d.document_id = %s AND c.ordinal BETWEEN %s AND %s "
        "ORDER BY c.ordinal",
        (collection, document_id, first, last),
    )
    return [Chunk(*row) for row in found]


def read_languages(connection: Connection, collection: int) -> list[Language]:
    """The languages of the collection's chunks, one look in the index for each."""
    found = connection.execute(
        "WITH RECURSIVE spoken AS ("
        "(SELECT min(language) AS language FROM chunks WHERE collection = %(c)s) UNION ALL "
        "SELECT (SELECT min(language) FROM chunks WHERE collection = %(c)s "
        "AND language > spoken.language) FROM spoken WHERE spoken.language IS NOT NULL) "
        "SELECT language FROM spoken WHERE language IS NOT NULL",
        {"c": collection},
    )
    return sorted(language for (language,) in found)


def read_place(connection: Connection, collection: int, path: str) -> Place | None:
    """What was last read from `path`."""
    row = connection.execute(
        _PLACES + "WHERE p.collection = %s AND p.path = %s", (collection, path)
    ).fetchone()
    return _place(row) if row else None


def read_places(
    connection: Connection, collection: int, document_id: str | None = None
) -> list[Place]:
    """All places by path, or those of one document."""
    found = connection.execute(
        _PLACES + "WHERE p.collection = %(c)s "
        "AND (%(d)s::text IS NULL OR d.document_id = %(d)s) ORDER BY p.path",
        {"c": collection, "d": document_id},
    )
    return [_place(row) for row in found]


def find_places(connection: Connection, collection: int, key: str) -> list[Place]:
    """The places that `key` names: all of a document by its id, else by path, else by file name."""
    for column in ("d.document_id", "p.path", "p.name"):
        found = connection.execute(
            _PLACES + f"WHERE p.collection = %s AND {column} = %s ORDER BY p.path",
            (collection, key),
        ).fetchall()
        if found:
            return [_place(row) for row in found]
    return []


def _place(row: Sequence[Any]) -> Place:
    path, name, document_id, stamp, metadata = row
    return Place(path, name, document_id, stamp, json.loads(metadata))


def read_fields(connection: Connection, collection: int) -> list[tuple[str, dict[str, object]]]:
    """Document id and fields (`rag.store.where`) of every place."""
    found = connection.execute(
        "SELECT d.document_id, p.name, p.path, d.media_type, d.metadata, p.metadata "
        "FROM places p JOIN documents d ON d.id = p.document WHERE p.collection = %s "
        "ORDER BY p.path",
        (collection,),
    )
    return [
        (document_id, fields_of(name, path, kind, json.loads(said), json.loads(of_place)))
        for document_id, name, path, kind, said, of_place in found
    ]


def is_said(connection: Connection, collection: int, text: str) -> bool:
    """Whether some page holds the text."""
    row = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM pages p JOIN documents d ON d.id = p.document "
        "WHERE d.collection = %s AND strpos(p.text, %s) > 0)",
        (collection, text),
    ).fetchone()
    return bool(row and row[0])


def read_document_rows(
    connection: Connection, collection: int, document_ids: Iterable[str]
) -> list[int]:
    """The rows of those of the documents that are there."""
    found = connection.execute(
        "SELECT id FROM documents WHERE collection = %s AND document_id = ANY(%s)",
        (collection, list(document_ids)),
    )
    return [row for (row,) in found]


def count_vectors(connection: Connection, documents: Sequence[int], most: int) -> int:
    """How many vectors the documents have, counted up to `most`."""
    row = connection.execute(
        "SELECT count(*) FROM (SELECT 1 FROM chunks c JOIN vectors v ON v.chunk = c.id "
        "WHERE c.document = ANY(%s) LIMIT %s) found",
        (list(documents), most),
    ).fetchone()
    return row[0] if row else 0


def read_vectors_of(
    connection: Connection, documents: Sequence[int], language: Language | None = None
) -> list[tuple[int, bytes]]:
    """Chunk row and encoded vector of all vectors of the documents; with `language`, of the chunks
    in that language."""
    return connection.execute(
        "SELECT c.id, v.vector FROM chunks c JOIN vectors v ON v.chunk = c.id "
        "WHERE c.document = ANY(%(d)s) AND (%(l)s::text IS NULL OR c.language = %(l)s)",
        {"d": list(documents), "l": language},
    ).fetchall()


def read_vectors(
    connection: Connection,
    collection: int,
    *,
    chunks: Sequence[int] | None = None,
    chunk_ids: Sequence[str] | None = None,
) -> dict[str, FloatArray]:
    """The vectors of those of the chunks that exist, by chunk id; the chunks given by their rows or
    by their ids."""
    column, keys = ("id", chunks) if chunks is not None else ("chunk_id", chunk_ids)
    found = connection.execute(
        "SELECT c.chunk_id, v.vector FROM chunks c JOIN vectors v ON v.chunk = c.id "
        f"WHERE c.collection = %s AND c.{column} = ANY(%s)",
        (collection, list(keys or ())),
    )
    return {chunk_id: decode(blob) for chunk_id, blob in found}
