"""The lines of a PDF page with their place and size: table rows put together, headings told apart.

A page gives its text in the order in which it was drawn, so the cells of a table row often come
apart. Here pieces that stand on one baseline become one row again. Coordinates are points, y
upwards.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from ingest.loaders.pdf.grid import RuledTable
from ingest.loaders.pdf.pieces import Piece, Start, joined_wrap
from ingest.loaders.tables import bar_row, table_lines

_ON_BASELINE = 0.3
_RAISED = 0.8
_NEXT_LINE = 1.8
_LOOK_BACK = 3
_MARKER = re.compile(
    r"(?:[-*•‣▪◦·–—●○■□◆►✓]|\[[ x]\]|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,4})[.)]"
    r"|[（(]?[一二三四五六七八九十\d]{1,3}[)）、．]|\d{1,2}(?:\.\d{1,2}){1,4}\.?"
    r"|第[一二三四五六七八九十百\d]{1,4}[章节節条條])$"
)
_MARKER_GAP = 4.0
_WORDS = re.compile(r"\s*[^\W\d_]{2}|\s*[\u4e00-\u9fff]")


@dataclass(slots=True)
class Line:
    """A line or table row: its cells (one if it is plain text), the baseline `y` of its top, and
    where its last cell stands (`last_x`, and `last_y` if that cell wraps). `size` in points.
    `starts` are the places after blanks in a plain line where the pen was set anew, `spans` where
    its cells begin and end; a `row` is one of a ruled table, written out already; `typed` lines
    are in a typewriter's font."""

    cells: list[str]
    x: float
    y: float
    size: float
    right: float = 0.0
    last_x: float = field(init=False)
    last_y: float = field(init=False)
    starts: list[Start] = field(default_factory=list)
    spans: list[tuple[float, float]] = field(default_factory=list)
    open: bool = False
    row: bool = False
    typed: bool = False

    def __post_init__(self) -> None:
        self.last_x, self.last_y = self.x, self.y
        self.spans = self.spans or [(self.x, self.right)]

    @property
    def text(self) -> str:
        """The line as it reads; a row as `| cell | cell |`, or its cells parted by semicolons
        where one holds a bar."""
        cells = [" ".join(cell.split()) for cell in self.cells]
        if len(cells) == 1:
            return cells[0]
        if any("|" in cell for cell in cells):
            return "; ".join(filter(None, cells))
        return bar_row(cells)

    @property
    def in_table(self) -> bool:
        """Whether the line is a row of a table."""
        return self.row or len(self.cells) > 1


def lines_of(pieces: Sequence[Piece], tables: Iterable[RuledTable] = ()) -> list[Line]:
    """The lines that the pieces of a page make; those of `tables` are written row by row."""
    collector = _Collector()
    owners = {id(piece): table for table in tables for piece in table.pieces}
    written: set[int] = set()
    for piece in pieces:
        table = owners.get(id(piece))
        if table is None:
            collector.add(piece)
        elif id(table) not in written:
            written.add(id(table))
            collector.lines.extend(_rows(table))
            collector.closed = True
    return collector.lines


def _rows(table: RuledTable) -> list[Line]:
    """The rows of a ruled table as lines that are done."""
    piece = table.pieces[0]
    texts = table_lines(table.rows)
    heights = [*table.heights[1:], *[table.heights[-1]] * len(texts)]
    return [
        Line([text], piece.x, height, piece.size, piece.right, row=True)
        for text, height in zip(texts, heights, strict=False)
    ]


class _Collector:
    """Puts pieces together as they come."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.closed = False
        """Whether the last line is the end of a ruled table, so that nothing goes on with it."""

    def add(self, piece: Piece) -> None:
        """Start a line with `piece`, unless it belongs to the row before."""
        if self.lines and not self.closed:
            self._gather_first_cell(piece)
            row = self.lines[-1]
            x, y, size = piece.x, piece.y, piece.size
            to_the_right = x > row.last_x + 0.5 * size
            if to_the_right and row.last_y - _ON_BASELINE * size <= y <= row.y + _RAISED * size:
                self._add_cell(row, piece)
                return
            below = 0 < row.last_y - y < _NEXT_LINE * size
            if len(row.cells) > 1 and below and abs(x - row.last_x) < _ON_BASELINE * size:
                row.cells[-1] = joined_wrap(row.cells[-1], piece.text)
                row.last_y, row.right = y, max(row.right, piece.right)
                row.open = piece.joins_next
                return
        line = Line([piece.text], piece.x, piece.y, piece.size, piece.right, starts=piece.starts)
        line.open, line.typed, self.closed = piece.joins_next, piece.typed, False
        self.lines.append(line)

    def _add_cell(self, row: Line, piece: Piece) -> None:
        """Add a cell, or go on with the last one where the gap is none or it is a list's mark."""
        gap = (piece.x - row.right) / row.size
        marker = len(row.cells) == 1 and _MARKER.match(row.cells[-1].strip())
        if piece.joins or row.open:
            label = row.cells[-1].rstrip()
            value = piece.filled_in and label[-1:].isalpha() and not piece.text.startswith("[")
            row.cells[-1] = f"{label}{':' if value else ''} {piece.text.lstrip()}"
        elif marker and gap < _MARKER_GAP and _WORDS.match(piece.text):
            row.cells[-1] = f"{row.cells[-1].strip()} {piece.text.lstrip()}"
        elif gap < _ON_BASELINE:
            row.cells[-1] = joined_wrap(row.cells[-1], piece.text)
        else:
            row.cells.append(piece.text)
            row.spans.append((piece.x, piece.right))
        row.spans[-1] = (row.spans[-1][0], max(row.spans[-1][1], piece.right))
        row.last_x, row.right = piece.x, max(row.right, piece.right)
        row.last_y = min(row.last_y, piece.y)
        row.open = piece.joins_next

    def _gather_first_cell(self, piece: Piece) -> None:
        """Where the pen goes back up and to the right, the last few lines were one wrapped cell."""
        x, y, size = piece.x, piece.y, piece.size
        for back in range(2, min(_LOOK_BACK, len(self.lines)) + 1):
            first = self.lines[-back]
            cell = self.lines[-back:]
            if any(line.in_table or abs(line.x - first.x) > size for line in cell):
                return
            if any(above.y - below.y > _NEXT_LINE * size for above, below in pairwise(cell)):
                return
            right = max(line.right for line in cell)
            if abs(y - first.y) <= _ON_BASELINE * size and x > max(first.x + size, right):
                for line in cell[1:]:
                    first.cells[0] = joined_wrap(first.cells[0], line.cells[0])
                first.last_y, first.right = cell[-1].y, right
                del self.lines[-back + 1 :]
                return


_FAR_APART = 2.45
_SET_APART = 1.5
_ROWS_APART = 4.0
"""Times the print's size, or the usual distance of lines, by which paragraphs and tables part."""
PARAGRAPH, BREAK = "\ue0f0", "\ue0f1"
"""Stand at the end of a line that ends a paragraph, and of one that is not wrapped, until wrapped
lines are joined: they are judged by the whole page, and none is joined across either."""


def line_ends(lines: Sequence[Line]) -> list[str]:
    """What stands behind each line of a page: a line's end; PARAGRAPH before it where the space
    below parts paragraphs (the rows of a table stay together), BREAK at rows and between
    typed lines."""
    steps = [above.last_y - below.y for above, below in pairwise(lines)]
    usual = median([step for step in steps if step > 0] or [0.0])
    ends: list[str] = []
    for step, (above, below) in zip(steps, pairwise(lines), strict=True):
        size = max(above.size, below.size)
        if above.in_table and below.in_table:
            apart = step > _ROWS_APART * size
        else:
            apart = step > _FAR_APART * size or (
                step > _SET_APART * usual and step > _SET_APART * size
            )
        kept = above.in_table or below.in_table or (above.typed and below.typed)
        mark = PARAGRAPH if apart else BREAK if kept else ""
        ends.append(f"{mark}\n")
    return [*ends, ""] if lines else []
