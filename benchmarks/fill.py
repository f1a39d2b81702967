"""Fills a collection with copies of the stock, faster than ingestion: the same rows, many documents
in a transaction, the keyword terms of each piece of text made once."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks.stock import EACH, Copy, Stock, copy, cut
from rag.config import Settings
from rag.store import Collection, keywords, places, postings, rows
from rag.store.database import open_database, transaction
from rag.store.folder import DATABASE, collection_folder
from rag.store.postings import Entries
from rag.store.settle import settle
from rag.text import keyword_terms
from rag.types import EmbedderInfo, Place

_DOCUMENTS = 65_536 // EACH
"""Documents in a transaction."""


def fill(settings: Settings, name: str, info: EmbedderInfo, stock: Stock, size: int) -> None:
    """Make the collection `name` of `size` chunks (a multiple of `EACH`), index and all."""
    Collection.open(settings, name, info, create=True).close()
    folder = collection_folder(settings, name)
    connection = open_database(folder / DATABASE)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA cache_size = -500000")
    pieces = _Pieces(stock)
    try:
        for first in range(0, size // EACH, _DOCUMENTS):
            last = min(first + _DOCUMENTS, size // EACH)
            with transaction(connection):
                _write(connection, (copy(stock, n) for n in range(first, last)), pieces)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        settle(connection, folder, "")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        connection.close()


class _Pieces:
    """The keyword terms of the first two thirds and of the last third of each text of the stock,
    as arrays of term numbers and counts."""

    def __init__(self, stock: Stock) -> None:
        self.ids: dict[str, int] = {}
        self._pieces = [
            [self.counted(keyword_terms(cut(text, tail=tail))) for text in stock.texts]
            for tail in (False, True)
        ]

    def counted(self, terms: Sequence[str]) -> tuple[np.ndarray, int]:
        """Shape [n, 2]: the number of each term and how often it comes; and how many come."""
        counts = [(self.ids.setdefault(t, len(self.ids)), n) for t, n in Counter(terms).items()]
        return np.array(counts, dtype=np.int64).reshape(-1, 2), len(terms)

    def of_chunk(self, one: Copy, i: int) -> tuple[list[np.ndarray], int]:
        """The same of a chunk of a copy: of its head, its tail, and its heading."""
        heading, of_name = self.counted(keywords.heading_terms(one.document.name, ""))
        head, first = self._pieces[0][one.heads[i]]
        tail, last = self._pieces[1][one.tails[i]]
        return [head, tail, heading], first + last + of_name


def _write(connection: sqlite3.Connection, copies: Iterator[Copy], pieces: _Pieces) -> None:
    tables: list[np.ndarray] = []
    numbers: list[int] = []
    lengths: dict[int, int] = {}
    vectors: list[tuple[int, bytes]] = []
    for one in copies:
        rows.insert_document(connection, one.document)
        path, id_ = one.document.path, one.document.document_id
        places.put_place(connection, Place(path, one.document.name, id_))
        for i, chunk in enumerate(one.chunks):
            row = rows.insert_chunk(connection, chunk)
            vectors.append((row, rows.encode(one.vectors[i])))
            found, lengths[row] = pieces.of_chunk(one, i)
            tables += found
            numbers += [row] * 3
    connection.executemany("INSERT INTO vectors VALUES (?, ?)", vectors)
    sizes = [len(table) for table in tables]
    ids, often = np.concatenate(tables).T
    above = np.repeat(np.arange(len(tables)) % 3 == 2, sizes)
    counts = np.where(above, 0, often), np.where(above, often, 0)
    postings.write(connection, Entries(list(pieces.ids), ids, np.repeat(numbers, sizes), *counts))
    postings.set_lengths(connection, lengths)
