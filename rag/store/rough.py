"""Vectors as few bits, in memory, in the cells of an inverted file: FAISS's RaBitQ.

A vector is told by the signs of its difference from its cell's centroid and two factors. Products
from that are off by some hundredths: who asks compares what is found with the stored vectors. Two
cores compare 100 million of them a second. After Gao and Long, "RaBitQ", SIGMOD 2024.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.store.ranges import Ranges
from rag.store.rows import Ids
from rag.types import FloatArray

Codes = NDArray[np.uint8]
"""Shape [n, width]."""
_CODE_BITS = 384
"""Bits that a vector has at least, so that those of few numbers have several for each."""
_QUERY_BITS = 4
"""Bits for each number of a question: more find no more (`benchmarks/at_size.py`)."""


class Coder:
    """What the vectors of an inverted file have in common: centroids of shape [cells, d]."""

    def __init__(self, centroids: FloatArray) -> None:
        self.centroids = np.ascontiguousarray(centroids, dtype=np.float32)

    @cached_property
    def width(self) -> int:
        """Bytes of a code; the first d / 8 are the signs."""
        return int(self._empty.code_size)

    def nearest_cells(self, vectors: FloatArray) -> Ids:
        """The cell of each vector, shape [n]."""
        import faiss

        _, cells = faiss.knn(np.ascontiguousarray(vectors), self.centroids, 1)
        nearest: Ids = cells[:, 0].astype(np.int64)
        return nearest

    def encode(self, vectors: FloatArray, cells: Ids) -> Codes:
        """The codes of vectors of shape [n, d] that lie in the `cells`, of shape [n]."""
        import faiss

        vectors = np.ascontiguousarray(vectors, dtype=np.float32)
        cells = np.ascontiguousarray(cells, dtype=np.int64)
        codes = np.zeros((len(vectors), self.width), dtype=np.uint8)
        pointers = (faiss.swig_ptr(held) for held in (vectors, cells, codes))
        self._empty.encode_vectors(len(vectors), *pointers)
        return codes

    @cached_property
    def _empty(self) -> Any:
        return self.new_index()

    def new_index(self) -> Any:
        """An empty `faiss.IndexIVFRaBitQ`."""
        import faiss

        cells, dimension = self.centroids.shape
        quantizer: Any = faiss.IndexFlatL2(dimension)
        quantizer.add(self.centroids)
        bits = min(8, max(1, round(_CODE_BITS / dimension)))
        index = faiss.IndexIVFRaBitQ(
            quantizer, dimension, cells, faiss.METRIC_INNER_PRODUCT, True, bits
        )
        quantizer.this.disown()
        index.own_fields = True
        index.train(self.centroids)
        index.qb = _QUERY_BITS
        return index


class RoughVectors:
    """The codes of one language, searched by inner product."""

    def __init__(self, coder: Coder, held: Iterable[tuple[int, Ids, Codes]]) -> None:
        """`held`: cell, row ids of chunks, codes; a cell may come several times."""
        import faiss

        self._coder = coder
        self._index = coder.new_index()
        self.last = 0
        for cell, chunks, codes in held:
            chunks = np.ascontiguousarray(chunks, dtype=np.int64)
            codes = np.ascontiguousarray(codes)
            pointers = faiss.swig_ptr(chunks), faiss.swig_ptr(codes)
            self._index.invlists.add_entries(cell, len(chunks), *pointers)
            self._index.ntotal += len(chunks)
            self.last = max(self.last, int(chunks.max()))
        sizes = (self._index.invlists.list_size(cell) for cell in range(len(coder.centroids)))
        self._sizes = np.fromiter(sizes, dtype=np.int64)

    @property
    def count(self) -> int:
        """How many vectors it holds."""
        return int(self._index.ntotal)

    def search(
        self, vector: FloatArray, k: int, wanted: int, within: Ranges | None
    ) -> tuple[Ids, FloatArray]:
        """Row ids of chunks and rough inner products of the `k` nearest of the nearest cells,
        best first; so many cells that they hold `wanted` vectors. With `within`, only chunks in
        these ranges."""
        import faiss

        products = self._coder.centroids @ vector
        order = np.argsort(-products)
        order = order[self._sizes[order] > 0]
        cells = order[: 1 + int(np.searchsorted(np.cumsum(self._sizes[order]), wanted))]
        library: Any = faiss  # its stubs know the C++ signatures alone
        options: dict[str, Any] = {"nprobe": len(cells)}
        if within is not None:
            marked = np.packbits(_marked(within, self.last), bitorder="little")
            options["sel"] = library.IDSelectorBitmap(marked)
        k = min(k, self.count)
        scores, chunks = np.empty(k, dtype=np.float32), np.empty(k, dtype=np.int64)
        nearness = products[cells]
        self._index.search_preassigned_c(
            1,
            faiss.swig_ptr(vector),
            k,
            faiss.swig_ptr(cells),
            faiss.swig_ptr(nearness),
            faiss.swig_ptr(scores),
            faiss.swig_ptr(chunks),
            False,
            library.SearchParametersIVF(**options),
        )
        return chunks[chunks >= 0], scores[chunks >= 0]


def _marked(ranges: Ranges, last: int) -> NDArray[np.bool_]:
    """Shape [last + 1]: which ids lie in the ranges."""
    steps = np.zeros(last + 2, dtype=np.int8)
    steps[np.minimum(ranges[:, 0], last + 1)] += 1
    np.subtract.at(steps, np.minimum(ranges[:, 1] + 1, last + 1), 1)
    marked: NDArray[np.bool_] = np.cumsum(steps[:-1], dtype=np.int8) > 0
    return marked
