"""A page -> the units that chunks are made of: sentences, and parts of those too long to fit.

Counting tokens is a look-up: the page is tokenised once, in stretches of whole sentences.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.seams import Embedder
from rag.text import sentence_spans
from rag.types import Heading, Page, Span

_STRETCH = 20_000
"""Characters tokenised in one call: keeps the tokeniser's memory small on a text of megabytes."""
MARGIN = 4
"""Tokens by which a passage may count more on its own than as part of its page."""
_CLAUSE_ENDS = (
    re.compile(r"\n"),
    re.compile(r"[，,；;：:、。！？!?)）】」』”]\s*"),
    re.compile(r"\s+"),
)


@dataclass(frozen=True, slots=True)
class Unit:
    """What is never cut: `tokens` counts from the end of the unit before, so that the sum over
    consecutive units is that of the text they cover (tokens of white space included).

    `heading`: a heading starts here (`top`: one that parts the document); `paragraph`: a blank
    line goes before it; `row`: it is a row of a table, but not the first; `inner`: it goes on
    with a sentence that was too long to stay whole.
    """

    start: int
    end: int
    tokens: int
    heading: bool = False
    top: bool = False
    paragraph: bool = False
    row: bool = False
    inner: bool = False


class TokenIndex:
    """Where the tokens of a text end, so that those of any part can be counted."""

    def __init__(self, text: str, embedder: Embedder) -> None:
        self.text = text
        self.sentences: list[Span] = sentence_spans(text)
        self._ends: list[int] = []
        for start, end in _stretches(self.sentences):
            spans = embedder.token_spans(text[start:end])
            self._ends.extend(start + token_end for _, token_end in spans)

    def count(self, start: int, end: int) -> int:
        """How many tokens end in `start:end`."""
        return bisect_right(self._ends, end) - bisect_right(self._ends, start)

    def end_of(self, start: int, tokens: int) -> int:
        """The offset where the `tokens`-th token after `start` ends, or the last one."""
        index = bisect_right(self._ends, start) + tokens - 1
        return self._ends[min(index, len(self._ends) - 1)]


def _stretches(sentences: Sequence[Span]) -> Iterator[Span]:
    """Spans of consecutive sentences of about `_STRETCH` characters each."""
    if not sentences:
        return
    start = sentences[0][0]
    for number, (_, end) in enumerate(sentences):
        if end - start >= _STRETCH or number == len(sentences) - 1:
            yield start, end
            if number + 1 < len(sentences):
                start = sentences[number + 1][0]


def page_units(page: Page, tokens: TokenIndex, budget: int, top_level: int) -> list[Unit]:
    """The units of `page` in order; none holds more than `budget` tokens.

    A sentence over which a heading starts or ends is cut there; headings of `top_level` or above
    part the document. A sentence over budget is split at clauses, else blanks, else tokens.
    """
    units: list[Unit] = []
    by_start = {heading.start: heading for heading in page.headings}
    previous_end = last_end = 0
    for start, end in _cut_at_headings(page, tokens.sentences):
        heading = by_start.get(start)
        paragraph = "\n\n" in page.text[previous_end:start]
        inner = False
        for part_start, part_end in _fitting(page.text, start, end, tokens, budget):
            units.append(
                Unit(
                    part_start,
                    part_end,
                    tokens.count(last_end, part_end),
                    heading=heading is not None and not inner,
                    top=heading is not None and not inner and heading.level <= top_level,
                    paragraph=paragraph and not inner,
                    row=not paragraph and page.text.startswith("|", start),
                    inner=inner,
                )
            )
            inner = True
            last_end = part_end
        previous_end = end
    return units


def _cut_at_headings(page: Page, sentences: Sequence[Span]) -> Iterator[Span]:
    cuts = sorted({cut for heading in page.headings for cut in _heading_edges(page.text, heading)})
    position = 0
    for start, end in sentences:
        while position < len(cuts) and cuts[position] <= start:
            position += 1
        while position < len(cuts) and cuts[position] < end:
            yield from _trimmed(page.text, start, cuts[position])
            start = cuts[position]
            position += 1
        yield from _trimmed(page.text, start, end)


def _heading_edges(text: str, heading: Heading) -> Span:
    """Where the heading's line starts and ends."""
    line_end = text.find("\n", heading.start)
    return heading.start, len(text) if line_end < 0 else line_end


def _trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    if left < len(piece):
        yield start + left, start + len(piece.rstrip())


def _fitting(text: str, start: int, end: int, tokens: TokenIndex, budget: int) -> Iterator[Span]:
    """`start:end` whole if it fits the budget, else in parts that do."""
    room = max(1, budget - MARGIN)
    while tokens.count(start, end) > room:
        cut = _last_break(text, start, tokens.end_of(start, room))
        yield from _trimmed(text, start, cut)
        start = cut
    yield from _trimmed(text, start, end)


def _last_break(text: str, start: int, limit: int) -> int:
    """The last good place to cut in the second half of `start:limit`, or `limit` itself."""
    middle = (start + limit) // 2
    for pattern in _CLAUSE_ENDS:
        ends = [match.end() for match in pattern.finditer(text, middle, limit)]
        if ends and ends[-1] > start:
            return ends[-1]
    return max(limit, start + 1)
