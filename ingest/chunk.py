"""Documents -> chunks: passages of whole sentences within the embedder's token budget.

Pure over its inputs; knows nothing of files or collections. Each page is tokenised once. Where to
cut is chosen for the page as a whole, by least cost, in the manner of paragraph breaking (Knuth
and Plass, 1981): cuts at headings are free, at paragraphs cheap, between sentences dearer, within
tables dearest; a chunk that is nearly empty costs, and one that runs across a top heading costs
more.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ingest.units import MARGIN, TokenIndex, Unit, page_units
from rag.config import ChunkingSettings
from rag.seams import Embedder
from rag.types import Chunk, Document, Heading

RESERVED_TOKENS = 48
"""Kept free below the embedder's own limit: its prefix, its special tokens and the heading path."""

_HEADING_CHARS = 80

_CHUNK_COST = 1.0
_EMPTINESS_COST = 1.0
_TINY_COST = 2.0
_TINY = 1 / 8
_TOP_CROSSED_COST = 2.0
_HEADING_CROSSED_COST = 0.1
_PARAGRAPH_CUT_COST = 0.1
_SENTENCE_CUT_COST = 0.3
_SPLIT_CUT_COST = 0.6
"""Within a table or a sentence, or between a heading and what it heads."""


def chunk_document(
    document: Document, embedder: Embedder, settings: ChunkingSettings
) -> list[Chunk]:
    """The chunks of `document` in reading order.

    Each lies in one page; `chunk.text == page.text[chunk.start:chunk.end]`; every character that
    is not white space is in at least one; none has more than `settings.max_tokens` tokens (or what
    the embedder can read, if that is less). A chunk that does not start at a heading repeats up to
    `settings.overlap_tokens` tokens of whole sentences of the one before.
    """
    budget = min(settings.max_tokens, max(1, embedder.max_tokens - RESERVED_TOKENS))
    overlap = min(settings.overlap_tokens, budget // 2)
    top = _top_level(document)
    path: list[Heading] = []
    chunks: list[Chunk] = []
    for page in document.pages:
        tokens = TokenIndex(page.text, embedder)
        units = page_units(page, tokens, budget, top)
        for start, end in _spans(units, tokens, budget, overlap):
            text = page.text[start:end]
            chunks.append(
                Chunk(
                    chunk_id=chunk_id(document.document_id, page.number, start, end),
                    document_id=document.document_id,
                    page=page.number,
                    start=start,
                    end=end,
                    text=text,
                    heading=" > ".join(h.text for h in _path_at(path, page.headings, start)),
                    tokens=tokens.count(start, end),
                    ordinal=len(chunks),
                )
            )
        path = _path_at(path, page.headings, len(page.text))
    return chunks


def chunk_id(document_id: str, page: int, start: int, end: int) -> str:
    """The same text at the same place has the same id, whatever else changes."""
    place = f"{document_id}:{page}:{start}:{end}"
    return hashlib.sha256(place.encode()).hexdigest()[:32]


def embedding_text(chunk: Chunk) -> str:
    """What of a chunk is embedded: its text, under the headings that it does not show itself.

    A passage deep in a section seldom repeats what the section is about.
    """
    innermost = chunk.heading.rpartition(" > ")[2]
    if not chunk.heading or (innermost and chunk.text.startswith(innermost)):
        return chunk.text
    return f"{chunk.heading[-_HEADING_CHARS:]}\n{chunk.text}"


def _top_level(document: Document) -> int:
    """The level whose headings part the document: the first that occurs more than once.

    A single title above everything parts nothing, so the level below it is the one that does.
    """
    levels = [heading.level for page in document.pages for heading in page.headings]
    repeated = sorted({level for level in levels if levels.count(level) > 1})
    return repeated[0] if repeated else 1


def _path_at(before: Sequence[Heading], headings: Sequence[Heading], offset: int) -> list[Heading]:
    """The headings above `offset`, outermost first; `before` are those the page starts under."""
    path = list(before)
    for heading in headings[: bisect_right([h.start for h in headings], offset)]:
        while path and path[-1].level >= heading.level:
            path.pop()
        path.append(heading)
    return path


def _spans(
    units: Sequence[Unit], tokens: TokenIndex, budget: int, overlap: int
) -> Iterator[tuple[int, int]]:
    """Character spans of a page's chunks, overlap included."""
    cuts = _best_cuts(units, budget, overlap)
    floor = 0
    for first, last in pairwise(cuts):
        # Never so far back that the chunk before would lie within this one.
        start = units[max(_overlap_start(units, first, overlap), floor)].start
        floor = first + 1
        end = units[last - 1].end
        if tokens.count(start, end) > budget:  # one long sentence leaves no room for overlap
            start = units[first].start
        yield start, end


def _overlap_start(units: Sequence[Unit], first: int, overlap: int) -> int:
    """The index of the unit where a chunk that begins at unit `first` starts, overlap included.

    It reaches back over whole sentences, not across a heading nor into part of a split sentence.
    """
    index, room = first, overlap
    while index > 0 and not units[index].heading and not units[index].inner:
        room -= units[index - 1].tokens
        if room < 0 or units[index - 1].inner:
            break
        index -= 1
    return index


def _best_cuts(units: Sequence[Unit], budget: int, overlap: int) -> list[int]:
    """Indices of the units where chunks begin, the number of units last; least total cost."""
    # The cheapest way to cut what stands before each unit, and where its last chunk begins.
    costs, firsts = [0.0] + [float("inf")] * len(units), [0] * (len(units) + 1)
    tokens = [unit.tokens for unit in units]
    crossing = [_crossing_cost(unit) for unit in units]
    cutting = [_cut_cost(units, index) for index in range(1, len(units) + 1)]
    for first in range(len(units)):
        repeated = sum(tokens[_overlap_start(units, first, overlap) : first])
        size, before = 0, costs[first]
        for index in range(first, len(units)):
            size += tokens[index]
            if index > first:
                if size + repeated > budget - MARGIN:
                    break
                before += crossing[index]
            cost = before + _chunk_cost(size, repeated, budget) + cutting[index]
            if cost < costs[index + 1]:
                costs[index + 1], firsts[index + 1] = cost, first
    cuts = [len(units)]
    while cuts[-1] > 0:
        cuts.append(firsts[cuts[-1]])
    return cuts[::-1]


def _chunk_cost(size: int, repeated: int, budget: int) -> float:
    """What a chunk of `size` new and `repeated` tokens costs, wherever it is cut."""
    cost = _CHUNK_COST + _EMPTINESS_COST * max(0.0, 1 - (size + repeated) / budget) ** 2
    if size < _TINY * budget:
        cost += _TINY_COST
    return cost


def _crossing_cost(unit: Unit) -> float:
    """What it costs a chunk to go on across the start of `unit`."""
    if not unit.heading:
        return 0.0
    return _TOP_CROSSED_COST if unit.top else _HEADING_CROSSED_COST


def _cut_cost(units: Sequence[Unit], index: int) -> float:
    """What it costs to begin a chunk at unit `index`."""
    if index == len(units):
        return 0.0
    unit, before = units[index], units[index - 1]
    if before.heading or unit.inner or unit.row:
        return _SPLIT_CUT_COST
    if unit.heading:
        return 0.0
    return _PARAGRAPH_CUT_COST if unit.paragraph else _SENTENCE_CUT_COST
