"""Choose: from the hits, the sentences that a small model needs, within a token budget.

A 1.5-billion-parameter model on two cores reads 60 to 150 tokens a second, so five whole chunks
cost it many seconds before the first word. Here the sentences that matter most to the
question (`rag.units`) are taken together with what they refer to, and all of them are given in
reading order. Knows nothing of prompts or language models.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence, Set
from dataclasses import dataclass

import numpy as np

from rag.dictionary import translated_terms
from rag.rarity import content_terms
from rag.seams import Embedder, Reranker
from rag.tables import TABLE_ROW, asked_years, rows, written_out
from rag.text import detect_language
from rag.types import Hit, Span
from rag.units import READ, Unit, score_units, split_units, under_title

LEAN_ON_PREVIOUS = re.compile(
    r"^\W*(?:it|its|they|their|this|that|these|those|he|she|his|her|such|there|both|however|"
    r"otherwise|in that case|then|also|but|the (?:former|latter|same))\b"
    r"|^\W*(?:它|他|她|其|该|此|这|那|上述|前者|后者|两者|否则|但|因此|同时|另外|并且|届时)",
    re.IGNORECASE,
)
LEADS_ON = re.compile(r"[:：]\s*$")
_A_FEW_TOKENS = 8
"""Below so many tokens of the embedder two sentences may be the same by chance ("See below.")."""


@dataclass(frozen=True, slots=True)
class Passage:
    """What is shown of one hit: `spans` are offsets in `hit.chunk.text`, in reading order. `rank`
    is the place, from 0, of its best sentence among those of all hits. That sentence stands at
    `best`, None where no sentences were told apart, is `ahead` of the next best one of all by so
    much (in the unit of `rag.units.score_units`; 0 but for the first), and `behind` the very best
    one by so many standard deviations of the scores, infinitely many where that is not known."""

    hit: Hit
    spans: tuple[Span, ...]
    rank: int
    best: Span | None = None
    ahead: float = 0.0
    behind: float = math.inf

    @property
    def text(self) -> str:
        """The shown pieces, joined by an ellipsis where something between them was left out."""
        return " … ".join(self.hit.chunk.text[start:end].strip() for start, end in self.spans)

    @property
    def evidence(self) -> str:
        """The shown text under its file's name and headings."""
        return under_title(self.hit, self.text)

    def told(self, question: str) -> str:
        """The evidence with the rows of its tables written out, of columns for years those of the
        year that `question` asks for; nothing where it has no table."""
        if not rows(self.text):
            return ""
        text = written_out(self.hit.chunk.text, self.spans, asked=asked_years(question))
        return under_title(self.hit, text)

    def label(self, question: str) -> str:
        """Document and innermost heading, as the model is told; of the outer headings, since each
        token costs it time, those alone that have a word of the question which these lack."""
        *outer, innermost = self.hit.chunk.heading.split(" > ")
        told = f"{self.hit.document} {innermost}"
        parts = [self.hit.document]
        for heading in outer:
            if _asked_words(question, heading) - _asked_words(question, told):
                parts.append(heading)
                told += f" {heading}"
        return ", ".join([*parts, innermost] if innermost else parts)


@dataclass(frozen=True, slots=True)
class Choice:
    """What there is to choose from: the sentences of `hits`, scored for `question`."""

    question: str
    hits: Sequence[Hit]
    units: Sequence[Unit]

    def within(self, budget_tokens: int) -> list[Passage]:
        """The sentences that matter most, at most `budget_tokens` tokens of the embedder.

        Sentences that address the model instead of the reader are never chosen, and one that stands
        in several places is chosen once, where it matters most. The passages come in the order of
        the hits; the best sentence is always there, cut if it alone exceeds the budget.
        """
        return self._passages(_take(self.units, _best_first(self.units), budget_tokens))

    def filled(self, passages: Sequence[Passage], budget_tokens: int) -> list[Passage]:
        """`passages` and what else in their hits matters more than sentences do on average, within
        `budget_tokens` all together: room that others left which are not to be shown. Nothing is
        added in the other language than the question's, where scores are less to be trusted and a
        small model reads less rightly."""
        spans = {p.hit.chunk.chunk_id: p.spans for p in passages}
        ids = [self.hits[unit.hit].chunk.chunk_id for unit in self.units]
        taken = {
            i
            for i, unit in enumerate(self.units)
            if any(start <= unit.start and unit.end <= end for start, end in spans.get(ids[i], ()))
        }
        ranked = _best_first(self.units)
        average, _ = self._level()
        own = detect_language(self.question)
        readable = {n for n, h in enumerate(self.hits) if detect_language(h.chunk.text) == own}
        more = [
            i
            for i in ranked
            if ids[i] in spans and self.units[i].hit in readable and self.units[i].score >= average
        ]
        return self._passages(_take(self.units, more, budget_tokens, taken))

    def _passages(self, taken: Set[int]) -> list[Passage]:
        ranked = [self.units[index] for index in _best_first(self.units)]
        order = [unit.hit for unit in ranked]
        _, spread = self._level()
        passages = []
        for index, hit in enumerate(self.hits):
            chosen = [self.units[i] for i in sorted(taken) if self.units[i].hit == index]
            if spans := _join(hit.chunk.text, [(u.start, u.end) for u in chosen]):
                rank = order.index(index)
                best, after = ranked[rank], ranked[rank + 1 : rank + 2]
                ahead = best.score - after[0].score if after and rank == 0 else 0.0
                behind = (ranked[0].score - best.score) / spread
                span = (best.start, best.end)
                passages.append(Passage(hit, spans, rank, span, ahead, behind))
        return passages

    def _level(self) -> tuple[float, float]:
        """Mean and standard deviation of the scores of the best sentences, `rag.units.READ` at
        most; that is 1 where all are alike."""
        scores = [self.units[i].score for i in _best_first(self.units)[:READ]]
        known = [score for score in scores if np.isfinite(score)] or [0.0]
        return float(np.mean(known)), float(np.std(known)) or 1.0


def choose(
    question: str,
    hits: Sequence[Hit],
    embedder: Embedder,
    reader: Reranker | None = None,
) -> Choice:
    """The sentences of `hits` as they matter to `question`, to be taken within a budget."""
    units = split_units(question, hits, embedder)
    return Choice(question, hits, score_units(question, hits, units, embedder, reader))


def whole(hits: Sequence[Hit]) -> list[Passage]:
    """Every hit with its whole text: what `choose` is measured against."""
    return [Passage(hit, ((0, len(hit.chunk.text)),), rank) for rank, hit in enumerate(hits)]


def _take(
    units: Sequence[Unit], order: Sequence[int], budget: int, had: Set[int] = frozenset()
) -> set[int]:
    """Indexes of the chosen units, those already `had` among them: in `order`, each with its
    context, while the budget lasts."""
    taken = set(had)
    told = {_same_words(units[i]) for i in had}
    spent = sum(units[i].tokens for i in had)
    for index in order:
        if not np.isfinite(units[index].score):
            break
        if (said := _same_words(units[index])) and said in told:
            continue
        for group in (_with_context(units, index), {index}):
            new = group - taken
            cost = sum(units[i].tokens for i in new)
            if spent + cost <= budget or not taken:
                taken |= new
                spent += cost
                told.add(said)
                break
    return taken


def _same_words(unit: Unit) -> str:
    """What tells that a sentence is the same as another; nothing for a row of a table, which says
    something else in another table, and for a few words."""
    words = " ".join(unit.text.split())
    return "" if unit.tokens < _A_FEW_TOKENS or TABLE_ROW.match(unit.text) else words


def _asked_words(question: str, text: str) -> set[str]:
    """The content words of `question` that `text` has, or translates."""
    shared = set(content_terms(question)) & set(content_terms(text))
    return shared | translated_terms(question, text)


def _best_first(units: Sequence[Unit]) -> list[int]:
    return sorted(range(len(units)), key=lambda i: (-units[i].score, i))


def _with_context(units: Sequence[Unit], index: int) -> set[int]:
    """The unit and what it cannot be understood without."""
    group = {index}
    unit = units[index]
    if LEAN_ON_PREVIOUS.search(unit.text):
        group |= _neighbour(units, index, -1)
    if LEADS_ON.search(unit.text) or _is_question(unit.text):
        group |= _neighbour(units, index, 1)
    if TABLE_ROW.match(unit.text):
        group |= _table_head(units, index)
    return {i for i in group if np.isfinite(units[i].score)}


def _is_question(text: str) -> bool:
    return text.rstrip().endswith(("?", "？"))


def _neighbour(units: Sequence[Unit], index: int, step: int) -> set[int]:
    other = index + step
    inside = 0 <= other < len(units) and units[other].hit == units[index].hit
    return {other} if inside else set()


def _table_head(units: Sequence[Unit], index: int) -> set[int]:
    """The first row of the table that the row belongs to."""
    first = index
    while (
        first > 0
        and units[first - 1].hit == units[index].hit
        and TABLE_ROW.match(units[first - 1].text)
    ):
        first -= 1
    return {first}


def _join(text: str, spans: Sequence[Span]) -> tuple[Span, ...]:
    """Spans with nothing but white space between them become one."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and not text[joined[-1][1] : start].strip():
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return tuple(joined)
