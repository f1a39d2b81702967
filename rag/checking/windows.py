"""Evidence passages cut into sentences and windows, compared word by word with many claims.

Pure and deterministic: no model. Terms are weighted by their rarity in the evidence.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.text import detect_language, sentence_spans, simplify
from rag.text.quantities import Quantity, quantities, stated_scales
from rag.text.rarity import Rarity, content_terms
from rag.text.statements import is_negated

_GIVEN = 0.5
WINDOW_CHARS = {"en": 380, "zh": 140}
"""Windows are runs of consecutive sentences of about this many characters."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text with what is compared of it: content words, numbers and polarity."""

    text: str
    terms: frozenset[str]
    quantities: tuple[Quantity, ...]
    negated: bool


class Evidence:
    """Evidence passages, cut once for many claims. A window may run from one passage into the next:
    they support a claim together."""

    def __init__(self, passages: Sequence[str]) -> None:
        texts = [
            part
            for passage in passages
            for start, end in sentence_spans(passage)
            for part in _cut_long(passage[start:end])
        ]
        self.sentences = [piece(text) for text in texts]
        self.windows = [piece(text) for text in _windows(texts)]
        self.text = simplify(unicodedata.normalize("NFKC", "\n".join(passages)))
        self.quantities = [q for window in self.windows for q in window.quantities]
        self.rarity = Rarity.of([sentence.text for sentence in self.sentences])
        self.scales = stated_scales(self.text)
        self.language = detect_language(self.text)

    def share(
        self, wanted: frozenset[str], present: frozenset[str], given: frozenset[str] = frozenset()
    ) -> float:
        """The weighted share, in [0, 1], of `wanted` that is `present`; 0 if nothing is wanted.
        Words that are `given` by the question weigh half."""
        weights = {t: self.rarity.weight(t) * (_GIVEN if t in given else 1.0) for t in wanted}
        total = sum(weights.values())
        return sum(w for t, w in weights.items() if t in present) / total if total else 0.0

    def nearest_windows(self, claim: str) -> list[Piece]:
        """Windows by how much of the claim they cover, best first."""
        terms = piece(claim).terms
        return sorted(self.windows, key=lambda window: -self.share(terms, window.terms))

    def gathered(self, claim: str, limit: int = 4) -> str:
        """Up to `limit` sentences that together cover most of the claim, in reading order, as one
        text. Greedy: each adds the greatest weight of claim terms not yet covered."""
        left = set(piece(claim).terms)
        chosen: set[int] = set()
        while left and len(chosen) < limit:
            gains = [
                sum(map(self.rarity.weight, left & sentence.terms)) if i not in chosen else 0.0
                for i, sentence in enumerate(self.sentences)
            ]
            best = max(range(len(gains)), key=gains.__getitem__, default=-1)
            if best < 0 or gains[best] <= 0.0:
                break
            chosen.add(best)
            left -= self.sentences[best].terms
        return _join([self.sentences[i].text for i in sorted(chosen)])


@lru_cache(maxsize=4096)
def piece(text: str) -> Piece:
    """What is compared of `text`."""
    terms = frozenset(content_terms(text))
    return Piece(text, terms, tuple(quantities(text)), is_negated(text))


def _windows(sentences: Sequence[str]) -> list[str]:
    """Runs of consecutive sentences up to WINDOW_CHARS, each new run reusing the last one's end."""
    windows: list[str] = []
    run: list[str] = []
    for sentence in sentences:
        room = WINDOW_CHARS[detect_language(sentence)]
        if run and sum(map(len, run)) + len(sentence) > room:
            windows.append(_join(run))
            run = run[-1:] if len(run[-1]) + len(sentence) <= room else []
        run.append(sentence)
    if run:
        windows.append(_join(run))
    return windows


def _cut_long(sentence: str) -> list[str]:
    """A run without sentence ends, such as a table, in parts of at most two windows."""
    room = 2 * WINDOW_CHARS[detect_language(sentence)]
    return [sentence[at : at + room] for at in range(0, len(sentence), room)]


def _join(sentences: Sequence[str]) -> str:
    if not sentences:
        return ""
    return ("" if detect_language(sentences[0]) == "zh" else " ").join(sentences)
