"""Records for tests, spelt with as few words as possible."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
from langchain_core.language_models import BaseChatModel

from rag.config import Settings
from rag.evidence import Passage
from rag.pipeline import Answerer
from rag.seams import Reranker, SupportScorer
from rag.tools import Search, Tools
from rag.types import Chunk, FloatArray, Hit
from tests.fakes import FakeChat, FakeEmbedder


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


def whole_of(found: Hit, score: float = 0.0) -> Passage:
    """The passage that shows all of a hit; `score` is its best sentence's."""
    return Passage(found, ((0, len(found.chunk.text)),), score)


class OverlapScorer:
    """Support as the share of the claim's words that the evidence has."""

    name = "overlap"

    def score(self, question: str, claims: Sequence[str], evidence: Sequence[str]) -> list[float]:
        present = set(" ".join(evidence).lower().replace(".", "").split())
        words = [claim.lower().replace(".", "").split() for claim in claims]
        return [sum(w in present for w in ws) / max(1, len(ws)) for ws in words]


class Reader:
    """A cross-encoder that gives each text the logit of the first key it holds, else `other`;
    keeps what it read, and for which questions."""

    def __init__(self, logits: Mapping[str, float] | None = None, other: float = 0.0) -> None:
        self._logits = dict(logits or {})
        self._other = other
        self.read: list[str] = []
        self.asked: set[str] = set()

    def scores(self, question: str, passages: Sequence[str]) -> FloatArray:
        self.read += passages
        self.asked.add(question)
        return np.array([self._logit(text) for text in passages], dtype=np.float32)

    def _logit(self, text: str) -> float:
        return next((v for key, v in self._logits.items() if key in text), self._other)


class FixedFinder:
    """Always the same hits; keeps what it was asked."""

    def __init__(self, *hits: Hit) -> None:
        self.hits = list(hits)
        self.asked: list[str] = []

    def retrieve(self, question: str, k: int | None = None) -> list[Hit]:
        self.asked.append(question)
        return self.hits[:k]


LEAVE = hit("Annual leave is 30 days a year. The canteen opens at noon.", "leave.md", score=0.9)
SICK = hit("Sick pay lasts six weeks. Ask Anna Weber.", "sick.md", score=0.8)
QUESTION = "How long is annual leave?"


def tools_of(reader: Reranker | None = None, scorer: SupportScorer | None = None) -> Tools:
    """All that answering needs beside the language model, without models."""
    embedder = FakeEmbedder()
    return Tools(Search(embedder, embedder, reader, reader), scorer or OverlapScorer())


def switched(settings: Settings, **sections: Mapping[str, object]) -> Settings:
    """`settings` with values of sections changed: `switched(s, checking={"verify": False})`."""
    changed = {
        name: getattr(settings, name).model_copy(update=dict(values))
        for name, values in sections.items()
    }
    return settings.model_copy(update=changed)


def answerer(
    settings: Settings,
    *replies: str,
    hits: Sequence[Hit] = (SICK, LEAVE),
    chat: BaseChatModel | None = None,
    reader: Reranker | None = None,
    scorer: SupportScorer | None = None,
) -> Answerer:
    """An answerer that finds `hits` whatever is asked. By default the cross-encoder is sure that
    every text answers."""
    return Answerer(
        FixedFinder(*hits),
        chat or FakeChat(replies=list(replies)),
        "fake",
        tools_of(reader or Reader(other=8.0), scorer),
        settings,
    )
