"""The trained cross-encoder as it is used: how far a text answers a question.

Needs the weights of the base `multilingual-e5-small`, whichever embedder is configured.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rag.config import Settings
from rag.models.crossinput import Pair, PairReader
from rag.types import FloatArray

BASE = "multilingual-e5-small"
"""Catalogue name of the base."""
ADAPTER = Path(__file__).parents[1] / "weights" / "crossencoder.safetensors"
_CAPACITY = 4096


class AnswerReader:
    """A `rag.seams.Reranker`: the mean of the encoder's two answer logits, one over the pair and
    one over the tokens of the text, which errs less than either.

    Remembers the latest pairs, for the same texts are read to find and to choose. Safe to share by
    threads.
    """

    def __init__(self, pairs: PairReader, capacity: int = _CAPACITY) -> None:
        self.pairs = pairs
        self._capacity = capacity
        self._known: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._lock = threading.Lock()

    def scores(self, question: str, passages: Sequence[str]) -> FloatArray:
        """Logits of "this text holds the answer", shape [len(passages)]."""
        with self._lock:
            found = {p: self._known[question, p] for p in passages if (question, p) in self._known}
        missing = [p for p in dict.fromkeys(passages) if p not in found]
        if missing:
            read = self.pairs.score([Pair(question, "", text) for text in missing])
            found.update(zip(missing, ((read.answerable + read.span) / 2).tolist(), strict=True))
        with self._lock:
            self._known.update({(question, p): found[p] for p in missing})
            while len(self._known) > self._capacity:
                self._known.popitem(last=False)
        return np.array([found[p] for p in passages], dtype=np.float32)


def open_pairs(settings: Settings) -> PairReader | None:
    """The encoder over the installed base, loaded once a process; None without the base.

    Raises ModelError if base and adapter do not fit together.
    """
    folder = settings.models_dir / BASE
    if not (folder / "model.safetensors").is_file() or not ADAPTER.is_file():
        return None
    from rag.models.crossencoder import load_once

    return load_once(folder, ADAPTER, settings.embedder.dtype)
