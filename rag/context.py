"""Choose: from the hits, the sentences that a small model needs, within a token budget.

A 1.5-billion-parameter model on two cores reads about 90 tokens a second, so five whole chunks
cost it more than ten seconds before the first word. Here every sentence of the hits is scored
against the question (cosine of the sentence under its heading, coverage of the question's words,
place of its chunk among the hits), the best are taken together with what they refer to, and all
of them are given in reading order. Knows nothing of prompts or language models.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

import numpy as np

from rag.injection import addresses_the_model
from rag.rarity import Rarity, content_terms
from rag.seams import Embedder
from rag.text import detect_language, sentence_spans
from rag.types import FloatArray, Hit, Span

KEYWORD_WEIGHT = 0.15
"""Cosine points that covering all words of the question is worth; e5's cosines of related and
unrelated sentences lie about 0.1 apart."""
RANK_WEIGHT = 0.05
"""Cosine points that the first hit is ahead of the last one."""
ENOUGH_TO_LEVEL = 3
"""Sentences of each language from which their medians are compared."""
LEAN_ON_PREVIOUS = re.compile(
    r"^\W*(?:it|its|they|their|this|that|these|those|he|she|his|her|such|there|both|however|"
    r"otherwise|in that case|then|also|but|the (?:former|latter|same))\b"
    r"|^\W*(?:它|他|她|其|该|此|这|那|上述|前者|后者|两者|否则|但|因此|同时|另外|并且|届时)",
    re.IGNORECASE,
)
LEADS_ON = re.compile(r"[:：]\s*$")
TABLE_ROW = re.compile(r"^\s*\|.*\|\s*$")
MAX_UNIT_TOKENS = 120


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence of a hit: `text` is `hits[hit].chunk.text[start:end]`, `tokens` counts it, and
    `score` says how much it matters to the question (cosine points, higher is better)."""

    hit: int
    start: int
    end: int
    text: str
    tokens: int
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Passage:
    """What is shown of one hit: `spans` are offsets in `hit.chunk.text`, in reading order."""

    hit: Hit
    spans: tuple[Span, ...]

    @property
    def text(self) -> str:
        """The shown pieces, joined by an ellipsis where something between them was left out."""
        return " … ".join(self.hit.chunk.text[start:end].strip() for start, end in self.spans)

    @property
    def evidence(self) -> str:
        """The shown text under what it stands: file name and heading often hold the very subject
        or year that the sentence leaves out."""
        name = PurePath(self.hit.document)
        above = [name.stem if name.suffix else "", self.hit.chunk.heading]
        return ": ".join([*filter(None, above), self.text])

    @property
    def label(self) -> str:
        """Document, page and heading, as the reader and the model are told."""
        chunk = self.hit.chunk
        place = f"{self.hit.document}, p. {chunk.page}"
        return f"{place}, {chunk.heading}" if chunk.heading else place


def choose(
    question: str, hits: Sequence[Hit], embedder: Embedder, budget_tokens: int
) -> list[Passage]:
    """The sentences that matter to `question`, at most `budget_tokens` tokens of the embedder.

    Sentences that address the model instead of the reader are never chosen. The passages come in
    the order of `hits`; the best sentence is always there, cut if it alone exceeds the budget.
    """
    units = score_units(question, hits, split_units(hits, embedder), embedder)
    taken = _take(units, budget_tokens)
    return _passages(hits, [units[index] for index in sorted(taken)])


def whole(hits: Sequence[Hit]) -> list[Passage]:
    """Every hit with its whole text: what `choose` is measured against."""
    return [Passage(hit, ((0, len(hit.chunk.text)),)) for hit in hits]


def split_units(hits: Sequence[Hit], embedder: Embedder) -> list[Unit]:
    """The sentences of all hits in order; one that overlaps an earlier hit's text comes once."""
    units: list[Unit] = []
    seen: set[tuple[str, int, int]] = set()
    for index, hit in enumerate(hits):
        chunk = hit.chunk
        for start, end in sentence_spans(chunk.text):
            place = (chunk.document_id, chunk.page, chunk.start + start)
            if place in seen:
                continue
            seen.add(place)
            units.extend(_cut_long(index, chunk.text, (start, end), embedder))
    return units


def _cut_long(index: int, text: str, span: Span, embedder: Embedder) -> list[Unit]:
    start, end = span
    tokens = embedder.token_spans(text[start:end])
    if len(tokens) <= MAX_UNIT_TOKENS:
        return [Unit(index, start, end, text[start:end], len(tokens))]
    pieces = []
    for first in range(0, len(tokens), MAX_UNIT_TOKENS):
        group = tokens[first : first + MAX_UNIT_TOKENS]
        left, right = start + group[0][0], start + group[-1][1]
        pieces.append(Unit(index, left, right, text[left:right], len(group)))
    return pieces


def score_units(
    question: str, hits: Sequence[Hit], units: Sequence[Unit], embedder: Embedder
) -> list[Unit]:
    """`units` with their scores; one that addresses the model or only repeats the heading
    scores minus infinity."""
    if not units:
        return []
    vectors = embedder.embed_passages([_in_place(hits, unit) for unit in units])
    cosines = _levelled(question, hits, units, vectors @ embedder.embed_queries([question])[0])
    rarity = Rarity.of([unit.text for unit in units])
    wanted = set(content_terms(question))
    scored = []
    for unit, cosine in zip(units, cosines.tolist(), strict=True):
        if _says_nothing_new(unit, hits[unit.hit]) or addresses_the_model(unit.text):
            scored.append(replace(unit, score=-np.inf))
            continue
        terms = set(content_terms(_in_place(hits, unit)))
        place = 1.0 - unit.hit / max(1, len(hits))
        score = cosine + KEYWORD_WEIGHT * rarity.coverage(wanted, terms) + RANK_WEIGHT * place
        scored.append(replace(unit, score=score))
    return scored


def _levelled(
    question: str, hits: Sequence[Hit], units: Sequence[Unit], cosines: FloatArray
) -> FloatArray:
    """Cosines of the other language's sentences raised to the level of the question's own: e5 puts
    any two texts of one language nearer together than two of different ones."""
    own = detect_language(question)
    languages = [detect_language(hit.chunk.text) for hit in hits]
    at_home = np.array([languages[unit.hit] == own for unit in units])
    if min(at_home.sum(), (~at_home).sum()) < ENOUGH_TO_LEVEL:
        return cosines
    gap = np.median(cosines[at_home]) - np.median(cosines[~at_home])
    return np.where(at_home, cosines, cosines + gap)


def _says_nothing_new(unit: Unit, hit: Hit) -> bool:
    """Whether it is but the heading that the passage's label repeats."""
    last = hit.chunk.heading.split(" > ")[-1].strip()
    return bool(last) and unit.text.strip().lstrip("#").strip() == last


def _in_place(hits: Sequence[Hit], unit: Unit) -> str:
    heading = hits[unit.hit].chunk.heading
    return f"{heading}: {unit.text}" if heading else unit.text


def _take(units: Sequence[Unit], budget: int) -> set[int]:
    """Indexes of the chosen units: best first, each with its context, while the budget lasts."""
    taken: set[int] = set()
    spent = 0
    for index in sorted(range(len(units)), key=lambda i: (-units[i].score, i)):
        if not np.isfinite(units[index].score):
            break
        for group in (_with_context(units, index), {index}):
            new = group - taken
            cost = sum(units[i].tokens for i in new)
            if spent + cost <= budget or not taken:
                taken |= new
                spent += cost
                break
    return taken


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


def _passages(hits: Sequence[Hit], chosen: Sequence[Unit]) -> list[Passage]:
    passages = []
    for index, hit in enumerate(hits):
        spans = _join(hit.chunk.text, [(u.start, u.end) for u in chosen if u.hit == index])
        if spans:
            passages.append(Passage(hit, spans))
    return passages


def _join(text: str, spans: Sequence[Span]) -> tuple[Span, ...]:
    """Spans with nothing but white space between them become one."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and not text[joined[-1][1] : start].strip():
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return tuple(joined)
