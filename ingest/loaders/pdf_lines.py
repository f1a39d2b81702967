"""The lines of a PDF page with their place and size: table rows put together, headings told apart.

pypdf gives text in the order in which it was drawn, and starts a line wherever the pen moves down,
so the cells of a table row often come as lines of their own. Here pieces that stand on one
baseline become one row again. Coordinates are points, y upwards.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from rag.text.lines import CJK, display_width

_ON_BASELINE = 0.3
_RAISED = 0.8
_NEXT_LINE = 1.8
_LOOK_BACK = 3
_MARKER = re.compile(
    r"(?:[-*•‣▪◦·–—●○■□◆►✓]|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,4})[.)]|[（(]?[一二三四五六七八九十\d]{1,3}[)）、．])$"
)
_HEADING_RATIO = 1.12
_HEADING_CHARS = 120
_HEADING_LEVELS = 4


@dataclass(frozen=True, slots=True)
class Start:
    """The pen was set to `x` for what begins at `offset` of the line's text; `wide` if that left a
    gap that words do not have."""

    x: float
    offset: int
    wide: bool


@dataclass(slots=True)
class Line:
    """A line or table row: its cells (one if it is plain text), the baseline `y` of its top, and
    where its last cell stands (`last_x`, and `last_y` if that cell wraps). `size` in points.
    `starts` are the places after blanks in a plain line where the pen was set anew."""

    cells: list[str]
    x: float
    y: float
    size: float
    last_x: float = field(init=False)
    last_y: float = field(init=False)
    starts: list[Start] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.last_x, self.last_y = self.x, self.y

    @property
    def text(self) -> str:
        """The line as it reads; a row as `| cell | cell |`."""
        cells = [" ".join(cell.split()) for cell in self.cells]
        return cells[0] if len(cells) == 1 else f"| {' | '.join(cells)} |"


class LineCollector:
    """A `visitor_text` for pypdf's `extract_text`; afterwards `lines` holds the page's lines."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._open = False

    def __call__(
        self, text: str, cm: Sequence[float], tm: Sequence[float], _font: Any, size: float
    ) -> None:
        x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
        y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
        points = abs(size) * max(abs(tm[3]), abs(tm[2])) * max(abs(cm[3]), abs(cm[2]))
        for number, part in enumerate(text.split("\n")):
            if number:
                self._open = False
            if self._open:
                self._go_on(part, x)
            elif part.strip():
                self._begin(part, x, y, points or 1.0)
                self._open = True

    def _go_on(self, part: str, x: float) -> None:
        """Add `part`, drawn at `x`, to the open line."""
        line = self.lines[-1]
        text = line.cells[-1]
        offset = len(text) + len(part) - len(part.lstrip())
        if part.strip() and (text[-1:].isspace() or part[0].isspace()):
            before = line.starts[-1] if line.starts else Start(line.x, 0, wide=False)
            columns = max(1, display_width(text[before.offset :].strip()) + 1)
            line.starts.append(Start(x, offset, x - before.x > _WIDEST * line.size * columns))
        line.cells[-1] = text + part

    def _begin(self, part: str, x: float, y: float, size: float) -> None:
        """Start a line with `part`, unless it belongs to the row before."""
        if self.lines:
            self._gather_first_cell(x, y, size)
            row = self.lines[-1]
            to_the_right = x > row.last_x + 0.5 * size
            if to_the_right and row.last_y - _ON_BASELINE * size <= y <= row.y + _RAISED * size:
                self._add_cell(row, part, x, y)
                return
            below = 0 < row.last_y - y < _NEXT_LINE * size
            if len(row.cells) > 1 and below and abs(x - row.last_x) < _ON_BASELINE * size:
                row.cells[-1] = _with(row.cells[-1], part)
                row.last_y = y
                return
        self.lines.append(Line([part], x, y, size))

    def _add_cell(self, row: Line, part: str, x: float, y: float) -> None:
        """Add a cell, or go on with the last one where the gap is none or it is a list's mark."""
        end = row.last_x + 0.5 * row.size * display_width(row.cells[-1].strip())
        if _MARKER.match(row.cells[-1].strip()) and len(row.cells) == 1:
            row.cells[-1] = f"{row.cells[-1].strip()} {part.lstrip()}"
        elif x - end < _ON_BASELINE * row.size:
            row.cells[-1] = _with(row.cells[-1], part)
        else:
            row.cells.append(part)
        row.last_x = x
        row.last_y = min(row.last_y, y)

    def _gather_first_cell(self, x: float, y: float, size: float) -> None:
        """Where the pen goes back up and to the right, the last few lines were one wrapped cell."""
        for back in range(2, min(_LOOK_BACK, len(self.lines)) + 1):
            first = self.lines[-back]
            cell = self.lines[-back:]
            if any(len(line.cells) > 1 or abs(line.x - first.x) > size for line in cell):
                return
            if any(above.y - below.y > _NEXT_LINE * size for above, below in pairwise(cell)):
                return
            if abs(y - first.y) <= _ON_BASELINE * size and x > first.x + size:
                for line in cell[1:]:
                    first.cells[0] = _with(first.cells[0], line.cells[0])
                first.last_y = cell[-1].y
                del self.lines[-back + 1 :]
                return


_CJK_END = re.compile(f"[{CJK}]$")
_CJK_START = re.compile(f"[{CJK}]")


def _with(before: str, after: str) -> str:
    """Two parts of a wrapped cell: joined by a blank, except within Chinese."""
    before, after = before.rstrip(), after.lstrip()
    if _CJK_END.search(before) and _CJK_START.match(after):
        return before + after
    return f"{before} {after}"


_ALIGNED = 1.0
_NEAR = 4
_WIDEST = 0.75
"""Ems per column of text that no font needs; where the pen moves further, there is a gap."""


def split_columns(lines: Sequence[Line]) -> None:
    """Turn plain lines into rows, in place, where parts of them stand below one another.

    The parts must begin at the same place in lines nearby, after a wide gap in at least one of
    them: running text does not line up so.
    """
    splits = [_aligned(lines, number) for number in range(len(lines))]
    for line, offsets in zip(lines, splits, strict=True):
        if offsets:
            text = line.cells[0]
            line.cells = [text[a:b].strip() for a, b in pairwise([0, *offsets, len(text)])]


def _aligned(lines: Sequence[Line], number: int) -> list[int]:
    """The offsets in line `number` that stand above or below a start in a line nearby."""
    line = lines[number]
    if len(line.cells) > 1:
        return []
    near = [
        other
        for other in lines[max(0, number - _NEAR) : number + _NEAR + 1]
        if other is not line and abs(other.y - line.y) <= 2 * _NEAR * line.size
    ]
    there = [start for other in near for start in other.starts]
    return [
        here.offset
        for here in line.starts
        if any(abs(here.x - s.x) < _ALIGNED and (here.wide or s.wide) for s in there)
    ]


def heading_entries(pages: Sequence[Sequence[Line]]) -> dict[int, list[tuple[int, str]]]:
    """1-based page number -> (level, text) of the lines set larger than the body text, in order.

    The body's size is the one that most characters have; the larger sizes, rounded to half points,
    are the levels from 1 down.
    """
    sizes: Counter[float] = Counter()
    for line in (line for page in pages for line in page):
        sizes[_rounded(line.size)] += len(line.text)
    if not sizes:
        return {}
    body = sizes.most_common(1)[0][0]
    large = sorted((size for size in sizes if size >= _HEADING_RATIO * body), reverse=True)
    levels = {size: level for level, size in enumerate(large[:_HEADING_LEVELS], start=1)}
    entries: dict[int, list[tuple[int, str]]] = {}
    for number, page in enumerate(pages, start=1):
        for line in page:
            level = levels.get(_rounded(line.size))
            if level and len(line.cells) == 1 and _is_title(line.text):
                entries.setdefault(number, []).append((level, line.text))
    return entries


def _is_title(text: str) -> bool:
    return len(text) <= _HEADING_CHARS and re.search(r"[^\W\d_]", text) is not None


def _rounded(size: float) -> float:
    return round(2 * size) / 2
