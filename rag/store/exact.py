"""The vectors that no file of the index holds yet, in memory: exact search over them.

They are those of the chunks above some row id: all of a small collection, the last few of a large
one. Row ids are never used twice, so what is held is brought up to date by what is above it.
"""

from __future__ import annotations

import sqlite3

import numpy as np
from numpy.typing import NDArray

from rag.store.ranges import Ranges, inside
from rag.store.rows import Ids, decode
from rag.types import FloatArray, Language

_BLOCK = 8192


class ExactVectors:
    """Vectors of shape [n, d] with the row ids and languages of their chunks, ascending by id."""

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self.above = 0
        self._ids: list[Ids] = []
        self._vectors: list[FloatArray] = []
        self._languages: list[NDArray[np.str_]] = []

    @property
    def ids(self) -> Ids:
        """The chunks' row ids, one for each vector."""
        return self._joined()[0]

    @property
    def languages(self) -> set[Language]:
        """The languages of the chunks."""
        found: set[Language] = set(np.unique(self._joined()[2]).tolist())
        return found

    def catch_up(self, connection: sqlite3.Connection, above: int) -> None:
        """Hold the vectors of the chunks above the row id `above`, as they are in the database."""
        if above < self.above:
            self._ids, self._vectors, self._languages = [], [], []
        self.above = above
        found = connection.execute("SELECT chunk FROM vectors WHERE chunk > ?", (above,))
        kept = np.isin(self.ids, np.fromiter((row for (row,) in found), dtype=np.int64))
        if not kept.all():
            ids, vectors, languages = self._joined()
            self._replace(ids[kept], vectors[kept], languages[kept])
        last = int(self.ids[-1]) if len(self.ids) else above
        cursor = connection.execute(
            "SELECT v.chunk, c.language, v.vector FROM vectors v JOIN chunks c ON c.id = v.chunk "
            "WHERE v.chunk > ? ORDER BY v.chunk",
            (last,),
        )
        while rows := cursor.fetchmany(_BLOCK):
            self._ids.append(np.array([row for row, _, _ in rows], dtype=np.int64))
            self._languages.append(np.array([language for _, language, _ in rows]))
            packed = b"".join(vector for _, _, vector in rows)
            self._vectors.append(decode(packed).reshape(len(rows), self.dimension))

    def search(
        self, vector: FloatArray, k: int, language: Language | None, within: Ranges | None
    ) -> tuple[Ids, FloatArray]:
        """Row ids and inner products of the `k` nearest, in no order. With `within`, only chunks
        in these ranges."""
        ids, vectors, languages = self._joined()
        scores = vectors @ vector
        if language is not None and len(ids):
            scores[languages != language] = -np.inf
        if within is not None:
            scores[~inside(ids, within)] = -np.inf
        best = nearest(scores, k)
        return ids[best], scores[best]

    def _joined(self) -> tuple[Ids, FloatArray, NDArray[np.str_]]:
        if len(self._ids) != 1:
            self._replace(
                np.concatenate([np.zeros(0, np.int64), *self._ids]),
                np.concatenate([np.zeros((0, self.dimension), np.float32), *self._vectors]),
                np.concatenate([np.zeros(0, "<U2"), *self._languages]),
            )
        return self._ids[0], self._vectors[0], self._languages[0]

    def _replace(self, ids: Ids, vectors: FloatArray, languages: NDArray[np.str_]) -> None:
        self._ids, self._vectors, self._languages = [ids], [vectors], [languages]


def nearest(scores: FloatArray, k: int) -> Ids:
    """The places of the `k` highest finite scores, in no order."""
    best: Ids = (
        np.argpartition(-scores, k - 1)[:k] if 0 < k < len(scores) else np.arange(len(scores))
    )
    finite: Ids = best[np.isfinite(scores[best])]
    return finite
