"""A claim and the evidence shown -> how far the evidence supports it.

Two witnesses err differently. Word coverage, the share of the claim's words that stand in one
window of the evidence, is the plain method and agrees with people best; it does not see a changed
relation or number. A regression over what the trained encoder reads and whether numbers are there
(`rag.checking.facts`) does. The mean of the two logits is the score; 0.5 is the threshold. Across
languages words say little and the regression alone decides. Without the encoder's base weights it
has the numbers alone, and the name says so. Knows nothing of retrieval or prompts.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rag.checking.facts import Facts, compare
from rag.checking.windows import Evidence, Piece
from rag.config import CheckingSettings, Settings
from rag.models.crossinput import Pair, PairReader
from rag.models.logistic import load_logistic, sigmoid
from rag.models.reader import open_pairs
from rag.seams import Embedder, SupportScorer
from rag.text import detect_language

VERSION = "3"
SUPPORTED_FROM = 0.5
"""Support score from which a sentence counts as supported; scorers are calibrated to it."""
_COVERED = 0.4
"""Word coverage at which that witness is undecided, near the best balanced accuracy on the first
halves of BEGIN-wow and MTRAG."""
COVERAGE = 6.0
"""Log-odds that coverage spans. From 6 to 20 the same halves are told apart alike; above 6 the
words of a sentence with one changed number outweigh the encoder, which sees the change."""
DENIED = 2.0
"""Log-odds that a claim loses, halved like the witnesses', if it affirms what the evidence denies,
or denies what it affirms: the words are the same, and the encoder sees too little of it."""
_WINDOWS = 2
"""How many windows of the evidence the encoder reads with a claim, besides gathered sentences."""
_SINGLE_CHARS = {"en": 480, "zh": 180}
"""Evidence up to this length is read whole."""
_UNREAD = {"encoder": 0.0, "worst_token": 0.0}
_NOTHING = {"encoder": -6.0, "worst_token": 6.0}
"""What the encoder says of a claim without evidence."""


class PlumblineScorer:
    """Words and the trained encoder together; `pairs` is None where its base is not installed."""

    def __init__(
        self,
        pairs: PairReader | None,
        embedder: Embedder,
        settings: CheckingSettings | None = None,
        coverage: float = COVERAGE,
        denied: float = DENIED,
    ) -> None:
        self.name = f"plumbline{'-words' if pairs is None else ''}-{VERSION}"
        self._pairs = pairs
        self._embedder = embedder
        self._settings = settings or CheckingSettings()
        self._coverage, self._denied = coverage, denied

    def score(self, question: str, claims: Sequence[str], evidence: Sequence[str]) -> list[float]:
        """See `rag.seams.SupportScorer`. Passages of either language are read apart, and the better
        score counts: a claim is compared in another way with those of the other language."""
        readings = [self.read(question, claims, told) for told in _by_language(evidence)]
        return [max(map(self._probability, of_claim)) for of_claim in zip(*readings, strict=True)]

    def read(
        self, question: str, claims: Sequence[str], evidence: Sequence[str]
    ) -> list[dict[str, float]]:
        """The inputs of the regressions by name, one a claim; `training.fit` fits on the same."""
        held = Evidence(evidence)
        facts = [compare(claim, held, question).switched(self._settings) for claim in claims]
        if self._pairs is None:
            return [{**fact.values(), **_UNREAD} for fact in facts]
        windows = [
            self._windows(f"{question} {claim}", fact, held)
            for claim, fact in zip(claims, facts, strict=True)
        ]
        pairs = [
            Pair(question, claim, text)
            for claim, texts in zip(claims, windows, strict=True)
            for text in texts
        ]
        scores = self._pairs.score(pairs)
        readings, at = [], 0
        for fact, texts in zip(facts, windows, strict=True):
            read = dict(_NOTHING)
            if texts:
                best = at + int(np.argmax(scores.support[at : at + len(texts)]))
                read = {
                    "encoder": float(scores.support[best]),
                    "worst_token": float(scores.worst[best]),
                }
            readings.append({**fact.values(), **read})
            at += len(texts)
        return readings

    def _probability(self, reading: dict[str, float]) -> float:
        against = self._denied * reading["negation"]
        if reading["foreign"]:
            return sigmoid(load_logistic("support-foreign").margin(reading) - against / 2)
        words = self._coverage * (reading["window"] - _COVERED)
        return sigmoid((words + load_logistic("support").margin(reading) - against) / 2)

    def _windows(self, said: str, facts: Facts, held: Evidence) -> list[str]:
        """The texts that the encoder reads beside a claim: the whole evidence if it is short,
        else the windows nearest to what was asked and said, and the sentences that together
        cover it best."""
        if len(held.text) <= _SINGLE_CHARS[held.language]:
            return [held.text.strip()] if held.text.strip() else []
        near = self._nearest(said, held) if facts.foreign else held.nearest_windows(said)
        texts = [window.text for window in near[:_WINDOWS]]
        gathered = held.gathered(said)
        if gathered and all(gathered not in text for text in texts):
            texts.append(gathered)
        return texts

    def _nearest(self, said: str, held: Evidence) -> list[Piece]:
        """Windows by cosine with the claim: across languages words do not help."""
        query = self._embedder.embed_queries([said])[0]
        cosines = self._embedder.embed_passages([window.text for window in held.windows]) @ query
        return [held.windows[i] for i in np.argsort(-cosines, kind="stable")]


def load_scorer(settings: Settings, embedder: Embedder) -> SupportScorer:
    """The scorer that `checking.scorer` names: "plumbline" or an external one
    (`rag.models.scorers`). Raises ModelError naming what is missing for an external scorer."""
    if settings.checking.scorer != "plumbline":
        from rag.models.scorers import load_external

        return load_external(settings.checking.scorer)
    return PlumblineScorer(open_pairs(settings), embedder, settings.checking)


def _by_language(evidence: Sequence[str]) -> list[list[str]]:
    """The passages of each language; one empty list if there are none."""
    languages = [detect_language(passage) for passage in evidence]
    groups = [
        [passage for passage, own in zip(evidence, languages, strict=True) if own == language]
        for language in dict.fromkeys(languages)
    ]
    return groups or [[]]
