"""Verify: how far the evidence supports each claim.

What the claim says is compared word by word (`rag.claims`) and read beside the evidence by a
small trained encoder (`rag.crossencoder`); a logistic regression joins the two into a calibrated
probability, 0.5 being the working threshold. A number that the question lays down need not stand in
the evidence where this gives a range that holds it ("51 to 150 km" for 100 km). Without the
encoder's base weights the word features alone decide, and the name says so. Knows nothing of
retrieval or prompts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.claims import Evidence, Features, Piece, compare, join_pieces
from rag.combination import load_logistic, sigmoid
from rag.config import Settings
from rag.crossinput import Pair, PairReader
from rag.ranges import within
from rag.reader import open_reader
from rag.scales import as_written
from rag.seams import Embedder, SupportScorer
from rag.text import detect_language

VERSION = "1"
_WINDOWS = 2
"""How many windows of the evidence the encoder reads with a claim, besides gathered sentences."""
_WORDS_SHARE = 0.6
"""What the words alone count for beside words and encoder together. They err differently: the
encoder takes free wording for falsehood, words do not see a changed relation (docs/scorer.md)."""
_PRIOR = 0.4
"""Log odds that a sentence written from chosen passages is true before it is looked at, 3 to 2: the
regressions were fitted on pairs of which half are false."""
_DISCOUNT = 0.49
"""What is left of the score of a claim with a number, or in the evidence's language a name, that
the evidence lacks: never enough to count as supported, whatever else speaks for it."""
_SINGLE_CHARS = {"en": 480, "zh": 180}
"""Evidence up to this length is read whole."""


class WordScorer:
    """Words, numbers, names and negation alone; needs no model."""

    def __init__(self) -> None:
        self.name = f"plumbline-words-{VERSION}"
        self._logistic = load_logistic("support-words")

    def score(self, question: str, claims: Sequence[str], evidence: Sequence[str]) -> list[float]:
        """See `rag.seams.SupportScorer`."""
        held = Evidence(evidence)
        granted = within(question, held.text)
        compared = [compare(as_written(claim, held.text), held, granted) for claim in claims]
        return [_strict(self._logistic.probability(f.values()), f) for f in compared]


class PlumblineScorer:
    """Words and the trained encoder together."""

    def __init__(self, pairs: PairReader, embedder: Embedder) -> None:
        self.name = f"plumbline-{VERSION}"
        self._pairs = pairs
        self._embedder = embedder

    def score(self, question: str, claims: Sequence[str], evidence: Sequence[str]) -> list[float]:
        """See `rag.seams.SupportScorer`. Passages of either language are read apart, and the better
        score counts: a claim is compared in another way with those of the other language."""
        readings = [self.read(question, claims, told) for told in _by_language(evidence)]
        return [
            max(_strict(_probability(reading), reading.features) for reading in of_claim)
            for of_claim in zip(*readings, strict=True)
        ]

    def read(self, question: str, claims: Sequence[str], evidence: Sequence[str]) -> list[Reading]:
        """The inputs of the regression, one a claim; `training/fit.py` fits on the same."""
        held = Evidence(evidence)
        claims = [as_written(claim, held.text) for claim in claims]
        granted = within(question, held.text)
        compared = [compare(claim, held, granted) for claim in claims]
        windows = [
            self._windows(f"{question} {claim}", features, held)
            for claim, features in zip(claims, compared, strict=True)
        ]
        pairs = [
            Pair(question, claim, window)
            for claim, texts in zip(claims, windows, strict=True)
            for window in texts
        ]
        scores = self._pairs.score(pairs)
        readings, at = [], 0
        for features, texts in zip(compared, windows, strict=True):
            part = slice(at, at + len(texts))
            readings.append(_reading(features, scores.support[part], scores.worst[part]))
            at += len(texts)
        return readings

    def _windows(self, said: str, features: Features, held: Evidence) -> list[str]:
        """The texts that the encoder reads beside a claim: the whole evidence if it is short,
        else the windows nearest to what was asked and said, and the sentences that together
        cover it best."""
        if len(held.text) <= _SINGLE_CHARS[held.language]:
            return [held.text.strip()] if held.text.strip() else []
        if features.foreign:
            chosen = self._nearest(said, held.windows)
        else:
            chosen = [window for _, window in held.ranked_windows(said)]
        texts = [window.text for window in chosen[:_WINDOWS]]
        gathered = join_pieces(held.gathered(said))
        if gathered and all(gathered not in text for text in texts):
            texts.append(gathered)
        return texts

    def _nearest(self, said: str, windows: Sequence[Piece]) -> list[Piece]:
        """Windows by cosine with the claim: across languages words do not help."""
        query = self._embedder.embed_queries([said])[0]
        cosines = self._embedder.embed_passages([window.text for window in windows]) @ query
        return [windows[i] for i in np.argsort(-cosines, kind="stable")]


def _by_language(evidence: Sequence[str]) -> list[list[str]]:
    """The passages of each language; one empty list if there are none."""
    languages = [detect_language(passage) for passage in evidence]
    groups = [
        [passage for passage, own in zip(evidence, languages, strict=True) if own == language]
        for language in dict.fromkeys(languages)
    ]
    return groups or [[]]


@dataclass(frozen=True, slots=True)
class Reading:
    """What is known of one claim: features by name, and which regression they go into."""

    values: dict[str, float]
    regression: str
    features: Features


def load_scorer(settings: Settings, embedder: Embedder) -> SupportScorer:
    """The scorer that `answering.scorer` names: "plumbline" or an external one (`rag.scorers`).

    Raises ModelError naming what is missing for an external scorer.
    """
    if settings.answering.scorer != "plumbline":
        from rag.scorers import load_external

        return load_external(settings.answering.scorer)
    pairs = open_reader(settings)
    return WordScorer() if pairs is None else PlumblineScorer(pairs, embedder)


def _probability(reading: Reading) -> float:
    margin = load_logistic(reading.regression).margin(reading.values)
    if reading.features.foreign:
        return sigmoid(_PRIOR + margin)
    words = load_logistic("support-words").margin(reading.values)
    return sigmoid(_PRIOR + _WORDS_SHARE * words + (1 - _WORDS_SHARE) * margin)


def _strict(score: float, features: Features) -> float:
    lacking = features.numbers > 0 or (features.names > 0 and not features.foreign)
    return _DISCOUNT * score if lacking else score


def _reading(
    features: Features, support: NDArray[np.float64], worst: NDArray[np.float64]
) -> Reading:
    values = features.values()
    best = int(np.argmax(support)) if len(support) else -1
    values["encoder"] = float(support[best]) if len(support) else -6.0
    values["worst_token"] = float(worst[best]) if len(support) else 6.0
    return Reading(values, "support-foreign" if features.foreign else "support", features)
