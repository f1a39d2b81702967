"""Chunks -> the vectors they are found by: one of the whole, and one of each part.

A vector of a whole passage blurs what its sentences say one by one; a vector of a lone sentence
forgets what the passage is about. A passage that has both is found better than by either
(`rag.store.similarity`), for about twice the embedding.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from rag.seams import Embedder
from rag.text.sentences import sentence_spans
from rag.types import Chunk, FloatArray, Part, Span

_HEADING_CHARS = 200
"""As much of a heading path as a part is embedded with: the innermost end of it."""

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
    """Embed each chunk and its parts in one batch. `wholes` are the texts that stand for the whole
    chunks: their own texts, or those under a heading."""
    spans = [part_spans(chunk.text, embedder) for chunk in chunks]
    texts = list(wholes)
    for chunk, of_chunk in zip(chunks, spans, strict=True):
        texts.extend(_part_text(chunk, span) for span in of_chunk)
    vectors = embedder.embed_passages(texts)
    rest = iter(vectors[len(chunks) :])
    return [
        Embedded(whole, tuple(Part(start, end, next(rest)) for start, end in of_chunk))
        for whole, of_chunk in zip(vectors[: len(chunks)], spans, strict=True)
    ]


def _part_text(chunk: Chunk, span: Span) -> str:
    """What of a part is embedded: its text under the headings above it, since a table row or a
    sentence deep in a section does not say what it is about."""
    text = chunk.text[span[0] : span[1]]
    if not chunk.heading:
        return text
    return f"{chunk.heading[-_HEADING_CHARS:].replace(' > ', ', ')}: {text}"


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
