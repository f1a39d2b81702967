"""The sentences of the hits, scored by how much they matter to a question.

First cheaply: cosine of the sentence under its heading, coverage of the question's words (or of
their translations), place of its chunk among the hits. Then the best of them are read beside the
question by the trained encoder (`rag.answerable`), which sees what likeness does not: that another
product's row or another year's figure is near and does not answer. Knows nothing of prompts,
budgets or language models.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

import numpy as np

from rag.dictionary import translated_terms
from rag.injection import addresses_the_model
from rag.ranges import in_another_band
from rag.rarity import Rarity, content_terms
from rag.seams import Embedder, Reranker
from rag.subject import is_about_another, twins
from rag.tables import asked_years, of_years, rows, told
from rag.text import detect_language, sentence_spans
from rag.types import FloatArray, Hit, Span

KEYWORD_WEIGHT = 0.15
"""Cosine points that covering all words of the question is worth; e5's cosines of related and
unrelated sentences lie about 0.1 apart."""
RANK_WEIGHT = 0.05
"""Cosine points that the first hit is ahead of the last one."""
ENOUGH_TO_LEVEL = 3
"""Sentences of each language from which their medians are compared."""
MAX_UNIT_TOKENS = 120
READ = 48
"""So many sentences, the best by the cheap score, are read by the encoder: what rereading costs
grows with them."""
ANOTHER = 0.06
"""Cosine points that a sentence loses that stands under a title about another product or year."""
_UNREAD = -8.0
"""Below every sentence that was read; the cheap score orders the unread among themselves."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence of a hit: `text` is `hits[hit].chunk.text[start:end]`, `tokens` counts it, `said`
    is that with its columns' names for a row of a table (of columns for years those that the
    question names), and `score` says how much it matters to
    the question (higher is better, see `score_units`)."""

    hit: int
    start: int
    end: int
    text: str
    tokens: int
    said: str
    score: float = 0.0


def split_units(question: str, hits: Sequence[Hit], embedder: Embedder) -> list[Unit]:
    """The sentences of all hits in order; one that overlaps an earlier hit's text comes once."""
    asked = asked_years(question)
    units: list[Unit] = []
    seen: set[tuple[str, int, int]] = set()
    for index, hit in enumerate(hits):
        chunk = hit.chunk
        table = [of_years(row, asked) for row in rows(chunk.text) if not row.is_head]
        said = {row.start: told(row) for row in table}
        for start, end in sentence_spans(chunk.text):
            place = (chunk.document_id, chunk.page, chunk.start + start)
            if place in seen:
                continue
            seen.add(place)
            units.extend(_cut_long(index, chunk.text, (start, end), embedder, said.get(start)))
    return units


def _cut_long(
    index: int, text: str, span: Span, embedder: Embedder, said: str | None
) -> list[Unit]:
    start, end = span
    tokens = embedder.token_spans(text[start:end])
    if len(tokens) <= MAX_UNIT_TOKENS:
        unit = text[start:end]
        return [Unit(index, start, end, unit, len(tokens), said or unit)]
    pieces = []
    for first in range(0, len(tokens), MAX_UNIT_TOKENS):
        group = tokens[first : first + MAX_UNIT_TOKENS]
        left, right = start + group[0][0], start + group[-1][1]
        piece = text[left:right]
        pieces.append(Unit(index, left, right, piece, len(group), piece))
    return pieces


def score_units(
    question: str,
    hits: Sequence[Hit],
    units: Sequence[Unit],
    embedder: Embedder,
    reader: Reranker | None = None,
) -> list[Unit]:
    """`units` with their scores; one that addresses the model, only repeats the heading, stands in
    the twin of what was asked for (`rag.subject`), or is a row for another range than the one that
    the question's number is in (`rag.ranges`), scores minus infinity.

    Without `reader` a score is in cosine points. With it, it is the sum of the cheap score and the
    reader's, each in standard deviations over the sentences read; of a row of a table the reader
    sees the bare cells and these with their columns' names, and the better score counts: the bare
    ones do not say what they are, the named ones are all alike.
    """
    cheap = _cheap_scores(question, hits, units, embedder)
    usable = [i for i in np.argsort(-cheap, kind="stable").tolist() if np.isfinite(cheap[i])]
    if reader is None or len(usable) < 2:
        return _scored(units, cheap)
    read = usable[:READ]
    logits = _read(question, hits, [units[i] for i in read], reader)
    scores = cheap + _UNREAD
    scores[read] = _standardised(cheap[read]) + _standardised(logits)
    return _scored(units, scores)


def _read(
    question: str, hits: Sequence[Hit], units: Sequence[Unit], reader: Reranker
) -> FloatArray:
    bare = [in_document(hits, unit) for unit in units]
    named = [under_title(hits[unit.hit], unit.said) for unit in units]
    scores = reader.scores(question, bare + named)
    better: FloatArray = np.maximum(scores[: len(units)], scores[len(units) :])
    return better


def _scored(units: Sequence[Unit], scores: FloatArray) -> list[Unit]:
    return [replace(unit, score=float(s)) for unit, s in zip(units, scores, strict=True)]


def _standardised(values: FloatArray) -> FloatArray:
    spread: FloatArray = (values - values.mean()) / (float(values.std()) or 1.0)
    return spread


def _cheap_scores(
    question: str, hits: Sequence[Hit], units: Sequence[Unit], embedder: Embedder
) -> FloatArray:
    if not units:
        return np.zeros(0, dtype=np.float32)
    placed = [under_headings(hits[unit.hit], unit.text) for unit in units]
    vectors = embedder.embed_passages(placed)
    cosines = _levelled(question, hits, units, vectors @ embedder.embed_queries([question])[0])
    rarity = Rarity.of([unit.text for unit in units])
    wanted = set(content_terms(question))
    covered = [
        rarity.coverage(wanted, {*content_terms(text), *translated_terms(question, text)})
        for text in placed
    ]
    places = np.array([1.0 - unit.hit / max(1, len(hits)) for unit in units])
    raised = cosines + KEYWORD_WEIGHT * np.array(covered) + RANK_WEIGHT * places
    titles = [under_title(hit, "") for hit in hits]
    another = np.array([is_about_another(question, titles[u.hit], u.said) for u in units])
    banded = [_of_other_bands(question, hit.chunk.text) for hit in hits]
    twin = twins(question, [PurePath(hit.document).stem for hit in hits], titles)
    scores: FloatArray = (raised - ANOTHER * another).astype(np.float32)
    for i, unit in enumerate(units):
        idle = _says_nothing_new(unit, hits[unit.hit]) or addresses_the_model(unit.text)
        if idle or (unit.hit in twin and another[i]) or unit.start in banded[unit.hit]:
            scores[i] = -np.inf
    return scores


def _of_other_bands(question: str, text: str) -> set[int]:
    """Where rows begin that are for other ranges than the one that the question's number is in."""
    table = rows(text)
    return {row.start for row in table if in_another_band(question, row, table)}


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


def under_headings(hit: Hit, text: str) -> str:
    """`text`, a part of the hit, under its headings, as it is embedded."""
    return f"{hit.chunk.heading}: {text}" if hit.chunk.heading else text


def in_document(hits: Sequence[Hit], unit: Unit) -> str:
    """The sentence under what it stands, file name and headings: they often hold the very subject
    or year that it leaves out."""
    return under_title(hits[unit.hit], unit.text)


def under_title(hit: Hit, text: str) -> str:
    """`text`, a part of the hit, under its file's name and its headings."""
    name = PurePath(hit.document)
    above = [name.stem if name.suffix else "", hit.chunk.heading]
    return ": ".join([*filter(None, above), text])
