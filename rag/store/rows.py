"""Documents, pages and chunks as rows: plain functions over an open connection.

Writers run inside a transaction that the caller opened; readers may run anywhere.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from rag.text import detect_language
from rag.types import Chunk, Document, DocumentInfo, FloatArray, Heading, Language, Page

_CHUNK = "chunk_id, document_id, page, start, end, text, heading, tokens, ordinal"
_INFO = """
SELECT d.document_id, p.name, p.path, d.media_type, d.bytes,
    (SELECT count(*) FROM pages WHERE document_id = d.document_id),
    (SELECT count(*) FROM pages WHERE document_id = d.document_id AND blank),
    (SELECT count(*) FROM chunks WHERE document_id = d.document_id),
    d.added_at, d.metadata, p.metadata
FROM documents d
JOIN paths p ON p.path = (SELECT min(path) FROM paths WHERE document_id = d.document_id)
"""
_BATCH = 500
"""Parameters per statement, well under SQLite's limit."""

_Key = TypeVar("_Key", int, str)
Ids = NDArray[np.int64]


def insert_document(connection: sqlite3.Connection, document: Document) -> None:
    """Write the document and its pages; it must not be there yet."""
    connection.execute(
        "INSERT INTO documents VALUES (?, ?, ?, ?, ?)",
        (
            document.document_id,
            document.media_type,
            document.bytes,
            datetime.now(UTC).isoformat(timespec="seconds"),
            json.dumps(dict(document.metadata), ensure_ascii=False, sort_keys=True),
        ),
    )
    connection.executemany(
        "INSERT INTO pages (document_id, number, text, headings, blank, label, boxes) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            (
                document.document_id,
                page.number,
                page.text,
                _encode_headings(page),
                not page.text.strip(),
                page.label,
                page.boxes,
            )
            for page in document.pages
        ),
    )


def insert_chunk(connection: sqlite3.Connection, chunk: Chunk) -> int:
    """Write a chunk; returns the row id that vectors and keywords refer to."""
    cursor = connection.execute(
        f"INSERT INTO chunks ({_CHUNK}, language) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            chunk.chunk_id,
            chunk.document_id,
            chunk.page,
            chunk.start,
            chunk.end,
            chunk.text,
            chunk.heading,
            chunk.tokens,
            chunk.ordinal,
            detect_language(chunk.text),
        ),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def insert_vector(connection: sqlite3.Connection, row: int, vector: FloatArray) -> None:
    """Write the vector, of shape [d], of the chunk with id `row`."""
    connection.execute("INSERT INTO vectors VALUES (?, ?)", (row, encode(vector)))


def delete_document(connection: sqlite3.Connection, document_id: str) -> None:
    """Delete the document, by all its paths; the keyword index is another's (`keywords`)."""
    connection.execute("DELETE FROM paths WHERE document_id = ?", (document_id,))
    connection.execute("DELETE FROM documents WHERE document_id = ?", (document_id,))


def count_leftovers(connection: sqlite3.Connection, document_id: str) -> dict[str, int]:
    """How many rows of each table belong to the document, or to nothing."""
    counts = {
        table: f"SELECT count(*) FROM {table} WHERE document_id = ?"
        for table in ("documents", "paths", "pages", "chunks")
    }
    counts["vectors"] = (
        "SELECT count(*) FROM vectors v LEFT JOIN chunks c ON c.id = v.chunk "
        "WHERE c.id IS NULL OR c.document_id = ?"
    )
    return {
        table: int(connection.execute(sql, (document_id,)).fetchone()[0])
        for table, sql in counts.items()
    }


def is_said(connection: sqlite3.Connection, text: str) -> bool:
    """Whether some page holds the text."""
    row = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM pages WHERE instr(text, ?) > 0)", (text,)
    ).fetchone()
    return bool(row[0])


def read_infos(connection: sqlite3.Connection) -> list[DocumentInfo]:
    """All documents by name, then path."""
    return [_info(row) for row in connection.execute(_INFO + "ORDER BY p.name, p.path")]


def read_info(connection: sqlite3.Connection, document_id: str) -> DocumentInfo | None:
    """One document."""
    row = connection.execute(_INFO + "WHERE d.document_id = ?", (document_id,)).fetchone()
    return _info(row) if row else None


def _info(row: Sequence[Any]) -> DocumentInfo:
    said, said_of_place = map(json.loads, row[-2:])
    return replace(DocumentInfo(*row[:-2]), metadata={**said, **said_of_place})


def read_names(connection: sqlite3.Connection, document_ids: Sequence[str]) -> dict[str, str]:
    """The names that the documents go by, by id: those of their first places."""
    names: dict[str, str] = {}
    for batch, marks in _batches(document_ids):
        rows = connection.execute(
            f"SELECT document_id, name FROM paths WHERE document_id IN ({marks}) "
            "ORDER BY path DESC",
            batch,
        )
        names.update(rows.fetchall())
    return names


def read_page(connection: sqlite3.Connection, document_id: str, number: int) -> Page | None:
    """One page with its text and headings."""
    row = connection.execute(
        "SELECT text, headings, label, boxes FROM pages WHERE document_id = ? AND number = ?",
        (document_id, number),
    ).fetchone()
    return row and Page(number, row[0], tuple(Heading(*h) for h in json.loads(row[1])), *row[2:])


def read_page_names(
    connection: sqlite3.Connection, pages: Sequence[tuple[str, int]]
) -> dict[tuple[str, int], tuple[str, str]]:
    """The media type and the label of pages, by the document's id and their numbers."""
    found: dict[tuple[str, int], tuple[str, str]] = {}
    for document_id, number in pages:
        row = connection.execute(
            "SELECT d.media_type, p.label FROM pages p JOIN documents d USING (document_id) "
            "WHERE document_id = ? AND p.number = ?",
            (document_id, number),
        ).fetchone()
        if row:
            found[document_id, number] = row
    return found


def read_chunks(connection: sqlite3.Connection, chunk_ids: Sequence[str]) -> dict[str, Chunk]:
    """Those of the chunks that exist, by id."""
    chunks = {}
    for batch, marks in _batches(chunk_ids):
        rows = connection.execute(f"SELECT {_CHUNK} FROM chunks WHERE chunk_id IN ({marks})", batch)
        chunks.update({row[0]: Chunk(*row) for row in rows})
    return chunks


def read_document_chunks(
    connection: sqlite3.Connection, document_id: str, first: int = 0, last: int | None = None
) -> list[Chunk]:
    """The document's chunks in order, those with ordinals from `first` to `last`, both in."""
    rows = connection.execute(
        f"SELECT {_CHUNK} FROM chunks WHERE document_id = ? AND ordinal BETWEEN ? AND ? "
        "ORDER BY ordinal",
        (document_id, first, (1 << 62) if last is None else last),
    )
    return [Chunk(*row) for row in rows]


def read_vectors(
    connection: sqlite3.Connection, chunk_ids: Sequence[str]
) -> list[tuple[str, bytes]]:
    """Chunk id and encoded vector of those of the chunks that exist."""
    found: list[tuple[str, bytes]] = []
    for batch, marks in _batches(chunk_ids):
        found += connection.execute(
            "SELECT c.chunk_id, v.vector FROM chunks c JOIN vectors v ON v.chunk = c.id "
            f"WHERE c.chunk_id IN ({marks})",
            batch,
        )
    return found


def read_encoded(connection: sqlite3.Connection, chunks: Sequence[int]) -> list[tuple[int, bytes]]:
    """Row id and encoded vector of those of the chunks that are there."""
    found: list[tuple[int, bytes]] = []
    for batch, marks in _batches(chunks):
        found += connection.execute(
            f"SELECT chunk, vector FROM vectors WHERE chunk IN ({marks}) ORDER BY chunk", batch
        )
    return found


def read_vectors_within(
    connection: sqlite3.Connection, ranges: Iterable[Sequence[int]], language: Language | None
) -> list[tuple[int, bytes]]:
    """The same of all chunks whose row ids are in the ranges (both ends in); with `language`, of
    those in that language."""
    found: list[tuple[int, bytes]] = []
    for first, last in ranges:
        found += connection.execute(
            "SELECT v.chunk, v.vector FROM chunks c JOIN vectors v ON v.chunk = c.id "
            "WHERE c.id BETWEEN ? AND ? AND (? IS NULL OR c.language = ?)",
            (first, last, language, language),
        )
    return found


def read_chunk_ids(connection: sqlite3.Connection, chunks: Sequence[int]) -> dict[int, str]:
    """Chunk ids by the row ids of those of the chunks that are there."""
    found: dict[int, str] = {}
    for batch, marks in _batches(chunks):
        rows = connection.execute(f"SELECT id, chunk_id FROM chunks WHERE id IN ({marks})", batch)
        found.update(rows.fetchall())
    return found


def encode(vector: FloatArray) -> bytes:
    """A vector as it lies in the database: float16, little-endian."""
    return vector.astype("<f2").tobytes()


def decode(blob: bytes) -> FloatArray:
    """The inverse of `encode`, in float32."""
    return np.frombuffer(blob, dtype="<f2").astype(np.float32)


def _batches(keys: Sequence[_Key]) -> Iterator[tuple[Sequence[_Key], str]]:
    for at in range(0, len(keys), _BATCH):
        batch = keys[at : at + _BATCH]
        yield batch, ", ".join("?" * len(batch))


def _encode_headings(page: Page) -> str:
    return json.dumps([[h.level, h.text, h.start] for h in page.headings], ensure_ascii=False)
