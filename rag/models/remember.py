"""An embedder that remembers the passages it has embedded, for questions on the same passages.

The sentences of the hits are embedded anew for every question; neighbouring questions share most
of them, and on two cores that is the better part of a second each time.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

from rag.seams import Embedder
from rag.types import EmbedderInfo, FloatArray, Span

CAPACITY = 8192
"""Texts remembered; at 384 dimensions about 12 MB."""


class RememberingEmbedder:
    """`embedder` with a memory of its most recently used passages; safe to share by threads."""

    def __init__(self, embedder: Embedder, capacity: int = CAPACITY) -> None:
        self._embedder = embedder
        self._capacity = capacity
        self._known: OrderedDict[str, FloatArray] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def info(self) -> EmbedderInfo:
        """See `rag.seams.Embedder`."""
        return self._embedder.info

    @property
    def max_tokens(self) -> int:
        """See `rag.seams.Embedder`."""
        return self._embedder.max_tokens

    def embed_passages(self, texts: Sequence[str]) -> FloatArray:
        """See `rag.seams.Embedder`; only texts not remembered are embedded."""
        with self._lock:
            found = {text: self._known[text] for text in texts if text in self._known}
        missing = [text for text in dict.fromkeys(texts) if text not in found]
        if missing:
            found.update(zip(missing, self._embedder.embed_passages(missing), strict=True))
        with self._lock:
            for text in texts:
                self._known[text] = found[text]
                self._known.move_to_end(text)
            while len(self._known) > self._capacity:
                self._known.popitem(last=False)
        if not texts:
            return np.zeros((0, self.info.dimension), dtype=np.float32)
        return np.stack([found[text] for text in texts])

    def embed_queries(self, texts: Sequence[str]) -> FloatArray:
        """See `rag.seams.Embedder`."""
        return self._embedder.embed_queries(texts)

    def token_spans(self, text: str) -> list[Span]:
        """See `rag.seams.Embedder`."""
        return self._embedder.token_spans(text)
