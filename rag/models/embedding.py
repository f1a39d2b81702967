"""Chunks -> the vectors they are found by: one of the whole, and one of each part.

A vector of a whole passage blurs what its sentences say one by one. Its parts' vectors are means of
their tokens out of the one encoding of the passage, so that they know what it is about and cost no
second reading. A passage that has both is found better than by its own vector alone
(`rag.store.similarity`, docs/retrieval.md).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from rag.seams import Embedder, PartEmbedder
from rag.text.sentences import sentence_spans
from rag.types import Chunk, FloatArray, Part, Span

PART_TOKENS = 16
"""Sentences are joined up to this length: shorter ones are near to questions of any kind."""


@dataclass(frozen=True, slots=True, eq=False)
class Embedded:
    """A chunk's vector of shape [d] and those of its parts."""

    whole: FloatArray
    parts: tuple[Part, ...]


def embed_chunks(
    chunks: Sequence[Chunk], wholes: Sequence[str], embedder: Embedder
) -> list[Embedded]:
    """Embed each chunk with its parts. `wholes` are the texts that stand for the whole chunks:
    their own texts, or those under a heading, which end in it. No parts with an embedder that gives
    none."""
    if not isinstance(embedder, PartEmbedder):
        return [Embedded(vector, ()) for vector in embedder.embed_passages(wholes)]
    spans = [part_spans(chunk.text, embedder) for chunk in chunks]
    moved = [len(whole) - len(chunk.text) for chunk, whole in zip(chunks, wholes, strict=True)]
    placed = [
        [(start + by, end + by) for start, end in of_chunk]
        for by, of_chunk in zip(moved, spans, strict=True)
    ]
    vectors, parts = embedder.embed_with_parts(wholes, placed)
    return [
        Embedded(whole, tuple(Part(*span, one) for span, one in zip(of_chunk, found, strict=False)))
        for whole, of_chunk, found in zip(vectors, spans, parts, strict=True)
    ]


def part_spans(text: str, embedder: Embedder) -> list[Span]:
    """The parts of `text`: its sentences, short ones joined with the next until they have
    `PART_TOKENS` tokens. Empty if that leaves only one."""
    starts = [start for start, _ in embedder.token_spans(text)]
    spans: list[Span] = []
    open_at: int | None = None
    for start, end in sentence_spans(text):
        open_at = start if open_at is None else open_at
        if _count(starts, open_at, end) >= PART_TOKENS:
            spans.append((open_at, end))
            open_at = None
    if open_at is not None:
        end = len(text.rstrip())
        if spans and _count(starts, open_at, end) < PART_TOKENS // 2:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((open_at, end))
    return spans if len(spans) > 1 else []


def _count(starts: Sequence[int], start: int, end: int) -> int:
    return bisect_left(starts, end) - bisect_left(starts, start)
