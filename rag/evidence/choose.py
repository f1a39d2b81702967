"""Sentences of the hits -> the passages that the language model reads, within a token budget.

A small model on two cores reads 60 to 150 tokens a second, and takes wrong answers from what it
need not have read. So hits that answer much worse than the best one are left out. Of the others the
best sentences are taken, each row of a table with its head, and given in reading order under their
document and heading. Knows nothing of prompts or language models.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rag.config import AnsweringSettings
from rag.evidence.sentences import Unit, read_units, split_units
from rag.retrieval.retriever import in_document
from rag.seams import Embedder, Reranker
from rag.text.tables import TABLE_ROW, rows, written_out
from rag.types import Hit, Span

_A_FEW_TOKENS = 8
"""Below so many tokens two sentences may be the same by chance ("See below.")."""


@dataclass(frozen=True, slots=True)
class Passage:
    """What is shown of one hit: `spans` are offsets in `hit.chunk.text`, in reading order; `score`
    is that of its best sentence (`rag.evidence.sentences`)."""

    hit: Hit
    spans: tuple[Span, ...]
    score: float

    @property
    def text(self) -> str:
        """The shown pieces, joined by an ellipsis where something between them was left out."""
        return " … ".join(self.hit.chunk.text[start:end].strip() for start, end in self.spans)

    @property
    def evidence(self) -> str:
        """The shown text under its file's name and headings."""
        return in_document(self.hit, self.text)

    @property
    def told(self) -> str:
        """The evidence with the rows of its tables written out; the evidence where it has none."""
        if not rows(self.text):
            return self.evidence
        return in_document(self.hit, written_out(self.hit.chunk.text, self.spans))

    @property
    def label(self) -> str:
        """Document and headings, as the model is told."""
        path = self.hit.chunk.heading.replace(" > ", ", ")
        return f"{self.hit.document}, {path}" if path else self.hit.document


def choose(
    question: str,
    hits: Sequence[Hit],
    embedder: Embedder,
    reader: Reranker | None,
    settings: AnsweringSettings,
) -> list[Passage]:
    """The sentences that answer best, at most `settings.budget_tokens` tokens of the embedder, as
    passages in the order of the hits. A hit whose best sentence scores more than `settings.max_gap`
    below the best of all is left out. A sentence that stands in several places is chosen once; the
    best one is always there, cut if it alone exceeds the budget."""
    units = read_units(question, hits, split_units(hits, embedder), embedder, reader)
    return passages_of(hits, units, take(units, settings))


def whole(hits: Sequence[Hit]) -> list[Passage]:
    """Every hit with its whole text: what `choose` is measured against."""
    return [Passage(hit, ((0, len(hit.chunk.text)),), hit.score) for hit in hits]


def passages_of(hits: Sequence[Hit], units: Sequence[Unit], taken: set[int]) -> list[Passage]:
    """The `taken` units (by index) as one passage a hit."""
    passages = []
    for index, hit in enumerate(hits):
        chosen = [units[i] for i in sorted(taken) if units[i].hit == index]
        if spans := _joined(hit.chunk.text, [(u.start, u.end) for u in chosen]):
            passages.append(Passage(hit, spans, max(u.score for u in chosen)))
    return passages


def take(units: Sequence[Unit], settings: AnsweringSettings) -> set[int]:
    """The indices of the units that answer best, as `choose` takes them; at least one."""
    taken: set[int] = set()
    told: set[str] = set()
    spent, budget = 0, settings.budget_tokens
    near = _near(units, settings.max_gap)
    for index in sorted(range(len(units)), key=lambda i: (-units[i].score, i)):
        if not np.isfinite(units[index].score):
            break
        if units[index].hit not in near:
            continue
        said = _same_words(units[index])
        if said and said in told:
            continue
        new = {index, *_head_of(units, index)} - taken
        cost = sum(units[i].tokens for i in new)
        if spent + cost <= budget or not taken:
            taken |= new
            spent += cost
            told.add(said)
    return taken


def _near(units: Sequence[Unit], max_gap: float) -> set[int]:
    """The hits whose best unit scores at most `max_gap` below the best of all."""
    best: dict[int, float] = {}
    for unit in units:
        best[unit.hit] = max(best.get(unit.hit, -np.inf), unit.score)
    top = max(best.values(), default=0.0)
    return {hit for hit, score in best.items() if score >= top - max_gap}


def _same_words(unit: Unit) -> str:
    """What tells that a sentence is the same as another; nothing for a row of a table, which says
    something else in another table, and for a few words."""
    short = unit.tokens < _A_FEW_TOKENS or TABLE_ROW.match(unit.text)
    return "" if short else " ".join(unit.text.split())


def _head_of(units: Sequence[Unit], index: int) -> set[int]:
    """The first row of the table that a row belongs to; nothing for other sentences."""
    if not TABLE_ROW.match(units[index].text):
        return set()
    first = index
    while (
        first > 0
        and units[first - 1].hit == units[index].hit
        and TABLE_ROW.match(units[first - 1].text)
    ):
        first -= 1
    return {first}


def _joined(text: str, spans: Sequence[Span]) -> tuple[Span, ...]:
    """Spans with nothing but white space between them become one."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and not text[joined[-1][1] : start].strip():
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return tuple(joined)
