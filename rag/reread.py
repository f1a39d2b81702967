"""Reread: the first hits put in the order of their best sentences as the trained encoder sees them.

Vectors and keywords say what a passage is like; whether one of its sentences answers the question
is seen by reading both together. Knows nothing of prompts or answers.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rag.config import Settings
from rag.crossinput import Pair, PairReader
from rag.reader import open_reader
from rag.seams import Embedder, Reranker
from rag.types import FloatArray, Hit
from rag.units import score_units, split_units

REREAD = 10
"""Hits whose sentences are read; the others stay below them in their order."""
FUSED_WEIGHT = 0.5
"""What a standard deviation of the fused score is worth in those of the sentence scores."""
_CAPACITY = 2048


class SentenceReader:
    """How far texts answer a question, by the trained encoder: the mean of its two answer logits.

    Remembers the latest pairs, for the same sentences are read to find and to choose. Safe to share
    by threads.
    """

    def __init__(self, pairs: PairReader, capacity: int = _CAPACITY) -> None:
        self._pairs = pairs
        self._capacity = capacity
        self._known: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._lock = threading.Lock()

    def scores(self, question: str, passages: Sequence[str]) -> FloatArray:
        """See `rag.seams.Reranker`."""
        with self._lock:
            found = {p: self._known[question, p] for p in passages if (question, p) in self._known}
        missing = [p for p in dict.fromkeys(passages) if p not in found]
        if missing:
            told = self._pairs.score([Pair(question, "", text) for text in missing])
            found.update(zip(missing, ((told.answerable + told.span) / 2).tolist(), strict=True))
        with self._lock:
            self._known.update({(question, p): found[p] for p in missing})
            while len(self._known) > self._capacity:
                self._known.popitem(last=False)
        return np.array([found[p] for p in passages], dtype=np.float32)


def load_sentence_reader(settings: Settings) -> Reranker | None:
    """The reader, None if `retrieval.reread` is off or the encoder's base is not installed."""
    pairs = open_reader(settings) if settings.retrieval.reread else None
    return None if pairs is None else SentenceReader(pairs)


def reread(question: str, hits: Sequence[Hit], embedder: Embedder, reader: Reranker) -> list[Hit]:
    """`hits` with the first `REREAD` in their new order; `Hit.score` becomes the sum of the best
    sentence's score and the weighted fused one, both in standard deviations."""
    if len(hits) < 2:
        return list(hits)
    first = hits[:REREAD]
    units = score_units(question, first, split_units(question, first, embedder), embedder, reader)
    best = np.full(len(first), -np.inf)
    for unit in units:
        best[unit.hit] = max(best[unit.hit], unit.score)
    lowest = float(best[np.isfinite(best)].min(initial=0.0))
    fused = np.array([hit.score for hit in hits])
    scores = FUSED_WEIGHT * (fused - fused.mean()) / (float(fused.std()) or 1.0)
    scores += lowest
    scores[: len(first)] += np.where(np.isfinite(best), best, lowest) - lowest
    order = np.argsort(-scores, kind="stable")
    return [replace(hits[i], score=float(scores[i])) for i in order.tolist()]
