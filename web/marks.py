"""Which characters of a passage to mark for which sentences of the answer. Pure, no HTML.

Offsets are 0-based character positions, end exclusive.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.types import Chunk, Citation, Span

LEAD = 90
TRAIL = 160
WHOLE = 420
"""A passage of up to WHOLE characters is shown whole; a longer one as a window that starts LEAD
characters before its first marked word and ends TRAIL after the last."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of a passage's text; `sentences` are the numbers of the sentences that cite it."""

    text: str
    sentences: tuple[int, ...]


def span_in_chunk(citation: Citation, chunk: Chunk) -> Span | None:
    """The citation's span relative to the chunk's text, clipped to it; None if they do not meet."""
    if (citation.document_id, citation.page) != (chunk.document_id, chunk.page):
        return None
    start = max(citation.start, chunk.start) - chunk.start
    end = min(citation.end, chunk.end) - chunk.start
    return (start, end) if start < end else None


def segments(text: str, spans: Sequence[tuple[int, Span]]) -> list[Segment]:
    """Cut `text` at the ends of the `(sentence, span)` pairs; the segments joined give `text`."""
    cuts = sorted({0, len(text), *(cut for _, span in spans for cut in span)})
    return [
        Segment(
            text[start:end],
            tuple(sorted({n for n, (left, right) in spans if left <= start and end <= right})),
        )
        for start, end in pairwise(cuts)
    ]


def window(text: str, spans: Sequence[Span]) -> Span:
    """The part of `text` to show before the reader asks for all of it."""
    if len(text) <= WHOLE:
        return 0, len(text)
    if not spans:
        return 0, _word_end(text, WHOLE - TRAIL)
    start = max(0, min(left for left, _ in spans) - LEAD)
    end = min(len(text), max(right for _, right in spans) + TRAIL)
    return _word_start(text, start), _word_end(text, end)


def _word_start(text: str, at: int) -> int:
    """The first place after `at` where a word starts, if one is near; Chinese is cut anywhere."""
    if at == 0:
        return 0
    space = text.find(" ", at, at + 20)
    return space + 1 if space >= 0 else at


def _word_end(text: str, at: int) -> int:
    if at >= len(text):
        return len(text)
    space = text.rfind(" ", at - 20, at)
    return space if space >= 0 else at
