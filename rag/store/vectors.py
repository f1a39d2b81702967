"""The vector index: which chunks are nearest to a question, by the size of the collection.

Up to `EXACT` vectors all are compared, in memory (`exact`). Above, an inverted file holds them
(`cells`) except for the newest, which are compared exactly until `BATCH` of them have gathered.
Products from the file are off by some hundredths, so what is found there is compared with the
stored vectors. Knows nothing of documents.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

from rag.store import ranges, rows
from rag.store.cells import Cells
from rag.store.database import read_setting, read_state, snapshot
from rag.store.exact import ExactVectors
from rag.store.ranges import Ranges
from rag.store.rows import Ids, decode
from rag.types import FloatArray, Language

INDEX = "index.db"
OLDER = ("index.faiss", "index.json")
"""What earlier versions kept in its place."""
EXACT = 32_768
BATCH = 8_192
_FEW = 1_024
"""Chunks that are read and compared one by one where a filter leaves no more."""
_ROUGH = 4
"""Chunks of the file that are compared with their stored vectors for each one asked for."""


class Unfit(Exception):
    """The file of the index is broken."""


class VectorIndex:
    """Search by inner product over the vectors of one database, in `folder`."""

    def __init__(self, folder: Path, dimension: int) -> None:
        self.folder = folder
        self._exact = ExactVectors(dimension)
        self._cells: Cells | None = None
        self._file = 0
        self._state = ""

    def close(self) -> None:
        """Close the file of the index, if there is one."""
        if self._cells is not None:
            self._cells.close()
            self._cells, self._file = None, 0

    def catch_up(self, connection: sqlite3.Connection) -> None:
        """Follow the database, and the file of the index where it is fit."""
        with snapshot(connection):
            self._open_cells(read_setting(connection, "collection"))
            try:
                last = 0 if self._cells is None else self._cells.last
            except sqlite3.DatabaseError:
                self._give_up()
                last = 0
            state = f"{read_state(connection)} {self._file} {last}"
            if state != self._state:
                self._exact.catch_up(connection, last)
                self._state = state

    @property
    def languages(self) -> list[Language]:
        """The languages of the chunks whose vectors it holds."""
        held = self._exact.languages
        if self._cells is not None:
            with suppress(sqlite3.DatabaseError):  # the search that follows finds out
                held |= self._cells.counts().keys()
        return sorted(held)

    @property
    def is_too_large(self) -> bool:
        """Whether more is compared exactly than should be: the file of the index is missing."""
        return len(self._exact.ids) > EXACT + BATCH

    def search(
        self,
        connection: sqlite3.Connection,
        vector: FloatArray,
        k: int,
        language: Language | None = None,
        within: Ranges | None = None,
    ) -> list[tuple[int, float]]:
        """The `k` nearest (row id of a chunk, inner product), best first; `vector` has shape [d].

        With `language`, among the chunks in that language; with `within`, in those ranges.
        """
        vector = np.ascontiguousarray(vector, dtype=np.float32)
        found = []
        if self._cells is not None:
            try:
                found.append(self._search_cells(connection, vector, k, language, within))
            except Unfit:
                self._give_up()
                self.catch_up(connection)
        found.append(self._exact.search(vector, k, language, within))
        ids = np.concatenate([ids for ids, _ in found])
        scores = np.concatenate([scores for _, scores in found])
        best = np.lexsort((ids, -scores))[:k]
        return list(zip(ids[best].tolist(), scores[best].tolist(), strict=True))

    def _search_cells(
        self,
        connection: sqlite3.Connection,
        vector: FloatArray,
        k: int,
        language: Language | None,
        within: Ranges | None,
    ) -> tuple[Ids, FloatArray]:
        """Row ids of the nearest of what the file holds, and inner products with their vectors."""
        assert self._cells is not None
        with _fit():
            counts = self._cells.counts()
        share = 1.0
        if within is not None:
            share = ranges.size(within) / max(sum(counts.values()), 1)
            if ranges.size(within) <= _FEW:
                held = rows.read_vectors_within(connection, within.tolist(), language)
                return _products(held, vector)
        with _fit(), self._cells.reading():
            near = [
                self._cells.search(vector, _ROUGH * k, spoken, share, within)[0]
                for spoken in ([language] if language is not None else counts)
                if spoken in counts
            ]
        rough = np.concatenate([np.zeros(0, np.int64), *near])
        return _products(rows.read_encoded(connection, rough.tolist()), vector)

    def _give_up(self) -> None:
        """Do without the file of the index until there is another."""
        file = self._file
        self.close()
        self._file = file

    def _open_cells(self, life: str) -> None:
        """Open the file of the index if it is there and this collection's, or follow its
        replacement."""
        path = self.folder / INDEX
        try:
            file = path.stat().st_ino
        except OSError:
            file = 0
        if file == self._file and (self._cells is None or self._cells.life == life):
            return
        self.close()
        if file:
            with suppress(sqlite3.DatabaseError):
                cells = Cells(path)
                if (cells.life, cells.dimension) == (life, self._exact.dimension):
                    self._cells = cells
                else:
                    cells.close()
        self._file = file


@contextmanager
def _fit() -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as err:
        raise Unfit(str(err)) from err


def _products(found: list[tuple[int, bytes]], vector: FloatArray) -> tuple[Ids, FloatArray]:
    ids = np.array([chunk for chunk, _ in found], dtype=np.int64)
    stacked = decode(b"".join(blob for _, blob in found)).reshape(-1, len(vector))
    products: FloatArray = stacked @ vector
    return ids, products
