"""Documents -> the parts that a summary takes one after the other.

A part is a run of neighbouring chunks. Small runs under one heading are joined, those that share
most of their headings first, until the parts are few enough and of like size. Pure; knows nothing
of models.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.errors import UsageError
from rag.text.units import placed
from rag.types import Hit, Language

PART_TOKENS = 1250
"""What a part is meant to have, in tokens of the embedder."""
FEW_PARTS = 8
"""So many parts at most in a document of up to about forty pages; two cores summarise them within a
minute."""
LONG_PART_TOKENS = 2500
"""What a part of a longer document is meant to have."""
MOST_PARTS = 24
MOST_DOCUMENTS = 24
_TITLE_CHARS = 80
_SHOWN_SECTIONS = 12


@dataclass(frozen=True, slots=True)
class Source:
    """A document to summarise: all of its chunks in order, as hits."""

    name: str
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """Neighbouring chunks of one document. `path` are the headings that all of them stand under."""

    document: str
    path: tuple[str, ...]
    hits: tuple[Hit, ...]

    @property
    def tokens(self) -> int:
        """Of the embedder."""
        return sum(hit.chunk.tokens for hit in self.hits)


def choose_section(source: Source, wanted: str) -> Source:
    """The chunks that stand under a heading called `wanted`, in any case; or, if there is none,
    under one that has `wanted` in it. Raises UsageError, naming the headings there are."""
    sought = " ".join(wanted.split()).casefold()
    for fits in (str.__eq__, str.__contains__):
        found = [h for h in source.hits if any(fits(one.casefold(), sought) for one in _path(h))]
        if sought and found:
            return Source(source.name, tuple(found))
    there = list(dict.fromkeys(one for hit in source.hits for one in _path(hit)))
    named = ", ".join(map(repr, there[:_SHOWN_SECTIONS])) or "it has no headings"
    more = f" and {len(there) - _SHOWN_SECTIONS} more" if len(there) > _SHOWN_SECTIONS else ""
    raise UsageError(f"{source.name!r} has no section {wanted!r}; its headings: {named}{more}")


def outline(sources: Sequence[Source]) -> list[Part]:
    """The parts of all documents in order, at least one for each that has text and at most
    MOST_PARTS for all, longer documents in more. Raises UsageError for more than MOST_DOCUMENTS."""
    sources = [source for source in sources if source.hits]
    if len(sources) > MOST_DOCUMENTS:
        raise UsageError(
            f"{len(sources)} documents are too many for one summary: choose up to {MOST_DOCUMENTS}"
        )
    tokens = [sum(hit.chunk.tokens for hit in source.hits) for source in sources]
    most = _how_many(sum(tokens))
    shares = [max(1, round(most * own / max(1, sum(tokens)))) for own in tokens]
    while sum(shares) > max(most, len(sources)):
        shares[shares.index(max(shares))] -= 1
    return [
        part
        for source, share in zip(sources, shares, strict=True)
        for part in _joined(_runs(source), share)
    ]


def title(part: Part, common: Sequence[str], language: Language) -> str:
    """What a part is called within its document, whose parts all stand under `common`: its own
    headings, else the first and the last that it has, else its pages."""
    own = part.path[len(common) :]
    depth = len(part.path)
    below = [path[depth] for hit in part.hits if len(path := _path(hit)) > depth]
    # What stands under several headings is called by them: its neighbours share the one above.
    if own and len(set(below)) < 2:
        return _short(own[-1])
    ends = list(dict.fromkeys((below[0], below[-1]))) if below else []
    if ends:
        return " – ".join(map(_short, ends))
    first, last = part.hits[0], part.hits[-1]
    begins = placed(first.unit, first.chunk.page, first.label, language)
    if first.chunk.page == last.chunk.page:
        return begins
    return f"{begins} – {placed(last.unit, last.chunk.page, last.label, language)}"


def common_path(parts: Sequence[Part]) -> tuple[str, ...]:
    """The headings that all the parts stand under."""
    shared = parts[0].path
    for part in parts[1:]:
        shared = _shared(shared, part.path)
    return shared


def _how_many(tokens: int) -> int:
    few = min(FEW_PARTS, math.ceil(tokens / PART_TOKENS))
    return max(1, min(MOST_PARTS, max(few, tokens // LONG_PART_TOKENS)))


def _runs(source: Source) -> list[Part]:
    """Neighbouring chunks under the same headings, no run longer than a part is meant to be."""
    runs: list[Part] = []
    for hit in source.hits:
        path = _path(hit)
        last = runs[-1] if runs else None
        if last and last.path == path and last.tokens + hit.chunk.tokens <= PART_TOKENS:
            runs[-1] = Part(source.name, path, (*last.hits, hit))
        else:
            runs.append(Part(source.name, path, (hit,)))
    return runs


def _joined(runs: Sequence[Part], most: int) -> list[Part]:
    """The runs joined with their neighbours until there are at most `most`."""
    parts = list(runs)
    costs = [_cost(one, two) for one, two in pairwise(parts)]
    while len(parts) > most:
        at = costs.index(min(costs))
        one, two = parts[at], parts.pop(at + 1)
        parts[at] = Part(one.document, _shared(one.path, two.path), (*one.hits, *two.hits))
        del costs[at]
        for near in (at - 1, at):
            if 0 <= near < len(costs):
                costs[near] = _cost(parts[near], parts[near + 1])
    return parts


def _cost(one: Part, two: Part) -> float:
    """The size of the two together, greater by each heading that they do not share."""
    apart = max(len(one.path), len(two.path)) - len(_shared(one.path, two.path))
    return (one.tokens + two.tokens) * (1.0 + apart)


def _shared(one: Sequence[str], two: Sequence[str]) -> tuple[str, ...]:
    same = 0
    while same < min(len(one), len(two)) and one[same] == two[same]:
        same += 1
    return tuple(one[:same])


def _path(hit: Hit) -> tuple[str, ...]:
    heading = hit.chunk.heading
    return tuple(" ".join(one.split()) for one in heading.split(" > ")) if heading else ()


def _short(heading: str) -> str:
    return heading if len(heading) <= _TITLE_CHARS else heading[: _TITLE_CHARS - 1] + "…"
