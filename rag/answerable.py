"""Answerability: does this passage hold the answer to this question?

Subject, time and relation must fit, which likeness of meaning does not show: a passage about
another year or the runner-up is near to the question and does not answer it. The trained encoder
(`rag.crossencoder`) reads question and passage together; words and cosine are added by logistic
regression. Without the encoder's base weights the latter decide alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from rag.claims import Evidence, Features, compare
from rag.combination import load_logistic
from rag.config import Settings
from rag.crossinput import Pair, PairReader
from rag.reader import open_reader
from rag.seams import Embedder
from rag.text import detect_language
from rag.types import Language


class Answerability(Protocol):
    """The seam."""

    @property
    def name(self) -> str:
        """Name and version, as reports show it."""

    def score(self, question: str, passages: Sequence[str]) -> list[float]:
        """For each passage, in [0, 1], how likely it holds the answer to the question."""


class PlumblineAnswerability:
    """The scorer that ships; `pairs` is None where the encoder's base is not installed."""

    def __init__(self, embedder: Embedder, pairs: PairReader | None) -> None:
        self._embedder = embedder
        self._pairs = pairs
        self.name = f"plumbline-answerable{'-words' if pairs is None else ''}-2"

    def score(self, question: str, passages: Sequence[str]) -> list[float]:
        """See `Answerability`."""
        asked = detect_language(question)
        return [
            load_logistic(self._regression(asked, passage)).probability(values)
            for passage, values in zip(passages, self.read(question, passages), strict=True)
        ]

    def _regression(self, asked: Language, passage: str) -> str:
        """Its name. Across languages no word of the question can be expected in the passage."""
        if self._pairs is None:
            return "answerable-words"
        return "answerable" if detect_language(passage) == asked else "answerable-foreign"

    def read(self, question: str, passages: Sequence[str]) -> list[dict[str, float]]:
        """The inputs of the regression by name, one a passage; `training/fit.py` fits on these."""
        if not passages:
            return []
        cosines = self._cosines(question, passages)
        held = [Evidence([passage]) for passage in passages]
        readings = [
            _values(compare(question, evidence), cosine)
            for evidence, cosine in zip(held, cosines, strict=True)
        ]
        if self._pairs is not None:
            self._add_encoder(question, held, readings)
        return readings

    def _cosines(self, question: str, passages: Sequence[str]) -> list[float]:
        query = self._embedder.embed_queries([question])[0]
        return [float(x) for x in self._embedder.embed_passages(list(passages)) @ query]

    def _add_encoder(
        self, question: str, held: Sequence[Evidence], readings: list[dict[str, float]]
    ) -> None:
        """The best window of each passage as the encoder sees it."""
        assert self._pairs is not None
        texts = [[window.text for window in evidence.windows] or [""] for evidence in held]
        scores = self._pairs.score([Pair(question, "", t) for group in texts for t in group])
        at = 0
        for values, group in zip(readings, texts, strict=True):
            part = slice(at, at + len(group))
            best = at + int(np.argmax(scores.answerable[part]))
            # Two heads, one over the pair and one over its tokens: their mean errs less.
            values["encoder"] = float(scores.answerable[best] + scores.span[part].max()) / 2
            at += len(group)


def load_answerability(settings: Settings, embedder: Embedder) -> Answerability:
    """Answerability by the trained encoder if its base is installed, else by words and cosine."""
    return PlumblineAnswerability(embedder, open_reader(settings))


def _values(features: Features, cosine: float) -> dict[str, float]:
    return features.values() | {"cosine": cosine}
