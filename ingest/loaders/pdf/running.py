"""Headers, footers and page numbers of a PDF's pages: told from body lines that recur.

A running line stands in the margin, at one height on many pages, set off from the body. A line of
the body, or the head of a table that goes on, may be the same on every page as well; it is
content.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from ingest.loaders.pdf.lines import Line

_MIN_PAGES = 3
_SHARE = 0.4
"""Of the pages with text, those that a running line must stand on."""
_SHARE_COUNTED = 0.08
"""The same for a line with a number that counts with the pages: front matter, chapters."""
_MARGIN = 0.12
"""Of the page's height, above and below, where running lines stand."""
_SET_OFF = 1.35
"""Times the usual distance of lines, by which a running line stands off from the body."""
_SMALLER = 0.93
_SAME_HEIGHT = 4.0
_FRONT_MATTER = 60
"""Pages by which a printed page number may differ from the page's place in the file."""
_NUMBER = re.compile(r"\d{1,4}|\b[ivxl]{1,7}\b")
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50}


@dataclass(slots=True)
class Body:
    """The lines of one page, with the page's edges in points."""

    lines: list[Line]
    bottom: float
    top: float


def drop_running_lines(pages: Sequence[Body]) -> None:
    """Take the running lines from the pages, in place.

    Where such a line first stands it is kept: it may be the only place that names the document.
    Only a number that counts with the pages is taken for a page number.
    """
    filled = sum(bool(page.lines) for page in pages)
    if len(pages) < _MIN_PAGES:
        return
    usual = median([line.size for page in pages for line in page.lines] or [0.0])
    places: dict[str, list[tuple[int, float]]] = defaultdict(list)
    found: list[dict[int, set[str]]] = []
    for number, page in enumerate(pages, start=1):
        found.append({})
        for index in _set_off(page, usual):
            forms = found[-1][index] = set(_forms(page.lines[index].text, number))
            for form in forms:
                places[form].append((number, page.lines[index].y))
    often = max(_MIN_PAGES, _SHARE * filled)
    counted = max(_MIN_PAGES, _SHARE_COUNTED * filled)
    running = {
        form
        for form, where in places.items()
        if _pages_at_one_height(where) >= (counted if "#" in form else often)
    }
    seen: set[str] = set()
    for page, candidates in zip(pages, found, strict=True):
        drop: set[int] = set()
        for index, forms in candidates.items():
            mine = forms & running
            if mine & seen or any(not form.strip("#+- /|–—·.0123456789") for form in mine):
                drop.add(index)
            seen |= mine
        page.lines[:] = [line for index, line in enumerate(page.lines) if index not in drop]


def _pages_at_one_height(where: Sequence[tuple[int, float]]) -> int:
    """The most pages on which a line stands at about the same height."""
    heights = sorted(where, key=lambda place: place[1])
    best = 0
    for first, (_, height) in enumerate(heights):
        near = {page for page, y in heights[first:] if y - height <= _SAME_HEIGHT}
        best = max(best, len(near))
        if best == len(heights):
            break
    return best


def _set_off(page: Body, usual: float) -> Iterator[int]:
    """The indices of the lines in the margins that stand off from the body."""
    height = page.top - page.bottom
    order = sorted(range(len(page.lines)), key=lambda index: -page.lines[index].y)
    if not order or height <= 0:
        return
    pitch = _pitch([page.lines[index].y for index in order])
    for direction in (order, order[::-1]):
        candidates: list[int] = []
        for index, inward in pairwise([*direction, None]):
            line = page.lines[index] if index is not None else None
            if line is None or not _in_margin(line, page, upper=direction is order):
                break
            candidates.append(index)  # type: ignore[arg-type]
            if inward is None:
                break
            distance = abs(
                line.y - page.lines[inward].last_y
                if direction is not order
                else line.last_y - page.lines[inward].y
            )
            smaller = (
                line.size < _SMALLER * usual and page.lines[inward].size >= line.size / _SMALLER
            )
            if distance > 0.5 * line.size and (distance > _SET_OFF * pitch or smaller):
                yield from candidates
                candidates = []


def _in_margin(line: Line, page: Body, *, upper: bool) -> bool:
    depth = _MARGIN * (page.top - page.bottom)
    return line.y > page.top - depth if upper else line.y < page.bottom + depth


def _pitch(heights: Sequence[float]) -> float:
    """The usual distance between the baselines of a page's lines; heights fall."""
    steps = [above - below for above, below in pairwise(heights) if above - below > 1.0]
    return median(steps) if steps else 0.0


def _forms(text: str, page_number: int) -> Iterator[str]:
    """The forms in which a line may repeat: as it stands, and with one number given relative to
    `page_number` (1-based)."""
    line = " ".join(text.lower().split())
    yield line
    for match in _NUMBER.finditer(line):
        ahead = page_number - _value(match.group())
        if abs(ahead) <= _FRONT_MATTER:
            yield f"{line[: match.start()]}#{ahead:+d}{line[match.end() :]}"


def _value(number: str) -> int:
    """The value of a number in figures or small Roman ones."""
    if number.isdigit():
        return int(number)
    values = [_ROMAN[sign] for sign in number]
    return sum(-a if a < b else a for a, b in pairwise([*values, 0]))
