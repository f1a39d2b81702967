"""Records for tests, spelt with as few words as possible."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from rag.evidence.choose import Passage
from rag.types import Chunk, Hit


def hit(
    page: str,
    document: str = "handbook.md",
    *,
    start: int = 0,
    end: int | None = None,
    heading: str = "",
    score: float = 1.0,
) -> Hit:
    """A hit on `page[start:end]` of page 1 of the document."""
    end = len(page) if end is None else end
    document_id = hashlib.sha256(document.encode()).hexdigest()
    chunk = Chunk(f"{document}:{start}", document_id, 1, start, end, page[start:end], heading, 0, 0)
    return Hit(chunk, document, score)


def whole_of(found: Hit) -> Passage:
    """The passage that shows all of a hit."""
    return Passage(found, ((0, len(found.chunk.text)),), 0)


class OverlapScorer:
    """Support as the share of the claim's words that the evidence has."""

    name = "overlap"

    def score(self, question: str, claims: Sequence[str], evidence: Sequence[str]) -> list[float]:
        present = set(" ".join(evidence).lower().replace(".", "").split())
        words = [claim.lower().replace(".", "").split() for claim in claims]
        return [sum(w in present for w in ws) / max(1, len(ws)) for ws in words]


class FixedAnswerability:
    """The same score for every passage."""

    name = "fixed"

    def __init__(self, score: float) -> None:
        self._score = score

    def score(self, question: str, passages: Sequence[str]) -> list[float]:
        return [self._score] * len(passages)


class FixedFinder:
    """Always the same hits; keeps what it was asked."""

    def __init__(self, *hits: Hit) -> None:
        self.hits = list(hits)
        self.asked: list[str] = []

    def retrieve(self, question: str, k: int | None = None) -> list[Hit]:
        self.asked.append(question)
        return self.hits[:k]
