"""How near a chunk is to a question, given that the chunk has a vector for each of its parts too.

A whole passage and its best sentences err differently: on XQuAD the mean of the two similarities
has recall@1 0.961 / 0.929 (English / Chinese) where the whole alone has 0.929 / 0.892 and the best
sentence alone 0.946 / 0.920.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

import numpy as np

from rag.types import FloatArray

_Key = TypeVar("_Key")


class ChunkVectors(Generic[_Key]):
    """The vectors of some chunks, stacked so that one product compares all with a query.

    `owners` names the chunk of each of the `stacked` vectors, shape [n, d]: those of a chunk one
    after the other, the whole chunk's first.
    """

    def __init__(self, owners: Sequence[_Key], stacked: FloatArray) -> None:
        firsts = [i for i, owner in enumerate(owners) if not i or owners[i - 1] != owner]
        self.chunks = [owners[i] for i in firsts]
        self._wholes = np.array(firsts, dtype=np.int64)
        self._parted = self._wholes[np.diff(firsts, append=len(owners)) > 1]
        self._stacked = stacked

    def similarities(self, query: FloatArray) -> FloatArray:
        """Shape [number of chunks]: the mean of the inner products of `query` with the whole chunk
        and with its best part; the whole stands in for the part of a chunk that has none."""
        if not self.chunks:
            return np.zeros(0, dtype=np.float32)
        products = self._stacked @ query.astype(np.float32)
        wholes = products[self._wholes]
        products[self._parted] = -np.inf
        best = np.maximum.reduceat(products, self._wholes)
        mean: FloatArray = np.asarray((wholes + best) / 2, dtype=np.float32)
        return mean
