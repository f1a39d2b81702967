"""The keyword index: BM25 over terms that `rag.text.keyword_terms` made.

A term counts in the chunk's text and, half as much, in its heading with the document's name.

BM25 (k1 = 1.2, b = 0.75) as SQLite's FTS5 has it (its documentation, section 5.1.1): a term that
half of the chunks have weighs next to nothing, and is looked up only where the others do not find
enough. FTS5 itself visits each matching chunk by itself,
0.6 s for a question over 100,000 chunks, and must rewrite its whole index to forget a deleted text.

What `keyword_terms` made of a text is what is taken out again: whoever changes that function raises
`SCHEMA_VERSION`, with a step that rebuilds this index.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import PurePath

import numpy as np
from numpy.typing import NDArray

from rag.store import postings
from rag.store.database import read_state
from rag.store.postings import ChunkTerms
from rag.store.ranges import Ranges, inside
from rag.store.rows import Ids
from rag.text import keyword_terms
from rag.types import FloatArray

MAX_TERMS = 256
"""Distinct terms of a question that are searched for; a page of text has fewer."""

_HEADING_WEIGHT = 0.5
_K1, _B = 1.2, 0.75
_LEAST = 1e-6
"""What a term weighs that most chunks have."""


class Keywords:
    """BM25 over one database. It keeps the lengths of the chunks in memory, 8 bytes for each."""

    def __init__(self) -> None:
        self._state = ""
        self._lengths: NDArray[np.int32] = np.zeros(0, dtype=np.int32)
        self._norms: FloatArray = np.zeros(0, dtype=np.float32)
        self._chunks = 0

    def search(
        self,
        connection: sqlite3.Connection,
        terms: Sequence[str],
        k: int,
        within: Ranges | None = None,
    ) -> list[tuple[int, float]]:
        """The `k` best (row id of a chunk, BM25 score), best first, of equals the older first; any
        term may match. With `within`, among the chunks in these ranges."""
        self._catch_up(connection)
        counts = postings.count(connection, list(dict.fromkeys(terms))[:MAX_TERMS])
        telling = {term: held for term, held in counts.items() if 2 * held < self._chunks}
        common = {term: held for term, held in counts.items() if term not in telling}
        scores = np.zeros(len(self._lengths), dtype=np.float32)
        rows: Ids = np.zeros(0, dtype=np.int64)
        for some in (telling, common):
            if some and len(rows) < k:  # long lists are read only where the short ones do not do
                self._add(connection, some, scores)
                rows = np.flatnonzero(scores > 0)  # sooner than of numbers
                rows = rows if within is None else rows[inside(rows, within)]
        return _best(rows, scores[rows], k)

    def _add(
        self, connection: sqlite3.Connection, terms: Mapping[str, int], scores: FloatArray
    ) -> None:
        """Add what the terms, each with the number of chunks that have it, are worth in each."""
        for term, held in terms.items():
            weight = max(float(np.log((self._chunks - held + 0.5) / (held + 0.5))), _LEAST)
            rows, text, heading = postings.read(connection, term)
            often = text + _HEADING_WEIGHT * heading
            scores[rows] += weight * often * (_K1 + 1) / (often + self._norms[rows])

    def _catch_up(self, connection: sqlite3.Connection) -> None:
        state = read_state(connection)
        if state == self._state:
            return
        self._lengths = postings.read_lengths(connection)
        there = self._lengths >= 0
        self._chunks = int(there.sum())
        mean = max(float(self._lengths[there].mean()), 1.0) if self._chunks else 1.0
        self._norms = (_K1 * (1 - _B + _B * self._lengths / mean)).astype(np.float32)
        self._state = state


def _best(rows: Ids, scores: FloatArray, k: int) -> list[tuple[int, float]]:
    if len(rows) > k > 0:
        least = np.partition(scores, len(scores) - k)[len(scores) - k]
        rows, scores = rows[scores >= least], scores[scores >= least]
    order = np.lexsort((rows, -scores))[:k]
    return [(int(rows[i]), float(scores[i])) for i in order]


def insert_terms(connection: sqlite3.Connection, chunks: Sequence[ChunkTerms]) -> None:
    """Index chunks, within the current transaction."""
    postings.insert(connection, chunks)


def remove_document(connection: sqlite3.Connection, document_id: str, name: str) -> None:
    """Forget all terms of a document's chunks, which went by `name`."""
    postings.remove(connection, document_terms(connection, document_id, name))


def rename_document(
    connection: sqlite3.Connection, document_id: str, before: str, name: str
) -> None:
    """Index a document's chunks under another name."""
    postings.remove(connection, document_terms(connection, document_id, before))
    postings.insert(connection, document_terms(connection, document_id, name))


def document_terms(
    connection: sqlite3.Connection, document_id: str, name: str
) -> Iterator[ChunkTerms]:
    """The terms of a document's chunks under the name."""
    for row, text, heading in connection.execute(
        "SELECT id, text, heading FROM chunks WHERE document_id = ?", (document_id,)
    ).fetchall():
        yield ChunkTerms(row, keyword_terms(text), heading_terms(name, heading))


def rebuild(connection: sqlite3.Connection) -> None:
    """Make the index anew from the chunks, within the current transaction."""
    for table in ("postings", "lengths"):
        connection.execute(f"DELETE FROM {table}")
    found = connection.execute(
        "SELECT c.id, c.text, c.heading, (SELECT name FROM paths p WHERE "
        "p.document_id = c.document_id ORDER BY path LIMIT 1) FROM chunks c ORDER BY c.id"
    )
    terms = (
        ChunkTerms(row, keyword_terms(text), heading_terms(name or "", heading))
        for row, text, heading, name in found
    )
    while block := list(islice(terms, postings.BLOCK)):
        postings.insert(connection, block)


def heading_terms(name: str, heading: str) -> list[str]:
    """The terms of a chunk's heading in the document that goes by `name`."""
    return keyword_terms(f"{PurePath(name).stem} {heading}")


def count_lacking(connection: sqlite3.Connection) -> int:
    """Chunks that the index does not know."""
    lengths = postings.read_lengths(connection)
    known = set(np.flatnonzero(lengths >= 0).tolist())
    return sum(row not in known for (row,) in connection.execute("SELECT id FROM chunks"))


def count_orphans(connection: sqlite3.Connection) -> int:
    """Entries of the index whose chunk is no longer there."""
    (last,) = connection.execute("SELECT coalesce(max(id), 0) FROM chunks").fetchone()
    there = np.zeros(last + 2, dtype=bool)
    for (row,) in connection.execute("SELECT id FROM chunks"):
        there[row] = True
    found = (np.minimum(rows, last + 1) for rows in postings.read_rows(connection))
    return sum(int((~there[rows]).sum()) for rows in found)
