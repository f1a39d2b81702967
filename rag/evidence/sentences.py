"""Hits -> their sentences, each with how far it answers the question.

The cross-encoder reads every sentence beside the question, under its file's name and headings;
a row of a table also with its columns' names, and the better reading counts: the bare cells do not
say what they are, the named ones are all alike. Without the encoder likeness of meaning stands in.
Knows nothing of prompts and budgets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from rag.retrieval.retriever import in_document
from rag.seams import Embedder, Reranker
from rag.text import sentence_spans
from rag.text.injection import addresses_the_model
from rag.text.tables import rows, told
from rag.types import FloatArray, Hit, Span

MAX_UNIT_TOKENS = 120
"""A run without sentence ends is cut to pieces of this length."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence of a hit: `text` is `hits[hit].chunk.text[start:end]`, `tokens` counts it, `said`
    is the text, for a row of a table with its columns' names, and `score` says how far it answers
    the question (higher is better; minus infinity: never shown)."""

    hit: int
    start: int
    end: int
    text: str
    tokens: int
    said: str
    score: float = 0.0


def split_units(hits: Sequence[Hit], embedder: Embedder) -> list[Unit]:
    """The sentences of all hits in order; one that overlaps an earlier hit's text comes once."""
    units: list[Unit] = []
    seen: set[tuple[str, int, int]] = set()
    for index, hit in enumerate(hits):
        chunk = hit.chunk
        said = {row.start: told(row) for row in rows(chunk.text) if not row.is_head}
        for start, end in sentence_spans(chunk.text):
            place = (chunk.document_id, chunk.page, chunk.start + start)
            if place not in seen:
                seen.add(place)
                units.extend(_cut(index, chunk.text, (start, end), embedder, said.get(start)))
    return units


def read_units(
    question: str,
    hits: Sequence[Hit],
    units: Sequence[Unit],
    embedder: Embedder,
    reader: Reranker | None,
) -> list[Unit]:
    """`units` with their scores: the encoder's logits, or without `reader` cosines. What addresses
    the model instead of the reader, and a mere repetition of its heading, is never shown."""
    if not units:
        return []
    if reader is None:
        texts = [in_document(hits[unit.hit], unit.said) for unit in units]
        scores = embedder.embed_passages(texts) @ embedder.embed_queries([question])[0]
    else:
        scores = _read(question, hits, units, reader)
    return [
        replace(unit, score=-np.inf if is_idle(unit, hits[unit.hit]) else float(score))
        for unit, score in zip(units, scores, strict=True)
    ]


def _read(
    question: str, hits: Sequence[Hit], units: Sequence[Unit], reader: Reranker
) -> FloatArray:
    bare = [in_document(hits[unit.hit], unit.text) for unit in units]
    named = [in_document(hits[unit.hit], unit.said) for unit in units]
    scores = reader.scores(question, bare + named)
    better: FloatArray = np.maximum(scores[: len(units)], scores[len(units) :])
    return better


def _cut(index: int, text: str, span: Span, embedder: Embedder, said: str | None) -> list[Unit]:
    start, end = span
    tokens = embedder.token_spans(text[start:end])
    if len(tokens) <= MAX_UNIT_TOKENS:
        return [Unit(index, start, end, text[start:end], len(tokens), said or text[start:end])]
    pieces = []
    for first in range(0, len(tokens), MAX_UNIT_TOKENS):
        group = tokens[first : first + MAX_UNIT_TOKENS]
        left, right = start + group[0][0], start + group[-1][1]
        piece = text[left:right]
        pieces.append(Unit(index, left, right, piece, len(group), piece))
    return pieces


def is_idle(unit: Unit, hit: Hit) -> bool:
    """Whether a sentence only repeats its heading, or addresses the model instead of the reader."""
    last = hit.chunk.heading.split(" > ")[-1].strip()
    is_heading = bool(last) and unit.text.strip().lstrip("#").strip() == last
    return is_heading or addresses_the_model(unit.text)
