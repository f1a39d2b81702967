"""Tables: rows found in text, and written out with what their columns mean.

Loaders give a table as lines of cells between bars, its head first; in plain text, lines that
stand together with their parts set apart by blanks or tabs are one too. A small model loses the
columns of a row that stands far from the head, so rows are shown to it as "Place Nairobi: Limit
USD 140". Pure functions; offsets are 0-based characters, end exclusive.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.text.lines import is_aligned
from rag.types import Span

TABLE_ROW = re.compile(r"^\s*\|.*\|\s*$")
_GAP = re.compile(r" {3,}|\t+")
_RULE = re.compile(r"^[\s|:-]+$")
_AMOUNT = re.compile(r"^(?:[A-Z]{3}\s|[$€£¥])?[-+−]?\d[\d.,]*(?:\s.*|[^\d\s]{1,12})?$")
_YEAR = re.compile(r"^(?:19|20)\d{2}(?:年|\b)")
_CLOSING = tuple(".,;:!?。，；：！？、")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: its cells, its place in the text, the head's cells (none if the table has
    no head or the text begins in the middle of it), and whether it is the head itself."""

    cells: tuple[str, ...]
    start: int
    end: int
    head: tuple[str, ...]
    is_head: bool


def rows(text: str) -> list[Row]:
    """All rows of all tables in `text`, in order; lines that only rule are left out."""
    lines = text.splitlines(keepends=True)
    widths = _widths(lines)
    found: list[Row] = []
    head: tuple[str, ...] = ()
    before = at = 0
    for number, line in enumerate(lines):
        start, at = at + len(line) - len(line.lstrip()), at + len(line)
        first, before = widths[number] and not before, widths[number]
        if not widths[number]:
            continue
        cells = cells_of(line)
        if first:
            below = lines[number + 1] if sum(widths[number + 1 : number + 2]) else ""
            ruled = bool(below) and _RULE.match(below) is not None
            head = cells if ruled or _may_head(cells, below) else ()
        if not _RULE.match(line):
            end = start + len(line.strip())
            found.append(Row(cells, start, end, head, bool(first and head)))
    return found


def cells_of(line: str) -> tuple[str, ...]:
    """The cells of one row, between bars or set apart by blanks."""
    if not TABLE_ROW.match(line):
        return tuple(_GAP.split(line.strip()))
    return tuple(cell.strip() for cell in line.strip().strip("|").split("|"))


def written_out(text: str, spans: Sequence[Span], clean: Callable[[str], str] = str.strip) -> str:
    """The text of `spans` in one line, each row of a table told with its head, other lines set
    apart by semicolons where nothing else does; an ellipsis where something was left out. `clean`
    is applied to every line."""
    table = rows(text)
    pieces = [_written(text, table, span, clean) for span in spans]
    return " … ".join(piece for piece in pieces if piece)


def told(row: Row) -> str:
    """The row in words: its columns' names before its cells."""
    first, *rest = row.cells
    if len(row.head) != len(row.cells):
        return f"{first}: {', '.join(cell for cell in rest if cell)}"
    subject, *columns = row.head
    named = [f"{column} {cell}".strip() for column, cell in zip(columns, rest, strict=True) if cell]
    return f"{subject} {first}".strip() + (": " + ", ".join(named) if named else "")


def _widths(lines: Sequence[str]) -> list[int]:
    """For each line how many cells it has as a row of a table, 0 if it is none. Without bars, a
    line beside it must have as many."""
    aligned = [len(cells_of(line)) if is_aligned(line) else 0 for line in lines]
    return [
        len(cells_of(line))
        if TABLE_ROW.match(line)
        else width * (width in (*aligned[i - 1 : i], *aligned[i + 1 : i + 2]))
        for i, (line, width) in enumerate(zip(lines, aligned, strict=True))
    ]


def _may_head(cells: Sequence[str], below: str) -> bool:
    """Whether these may be a head that no rule follows: three columns or more, no amounts but
    years, and the row below begins with another kind of cell (E07 over E08 are both rows)."""
    if len(cells) < 3 or not below:
        return False
    if any(_AMOUNT.match(cell) and not _YEAR.match(cell) for cell in cells):
        return False
    shape, shape_below = _shape(cells[0]), _shape(cells_of(below)[0])
    return not shape or shape != shape_below


def _shape(code: str) -> str:
    """The code with every digit a nine; empty if it has none."""
    return re.sub(r"\d", "9", code) if re.search(r"\d", code) else ""


def _written(text: str, found: Sequence[Row], span: Span, clean: Callable[[str], str]) -> str:
    start, end = span
    said: list[str] = []
    at = start
    for row in found:
        if row.start < end and start < row.end:
            said += _lines(text[at : max(at, row.start)])
            if not row.is_head:
                said.append(told(row))
            at = row.end
    said += _lines(text[at:end])
    *others, last = [line for line in map(clean, said) if line] or [""]
    return " ".join([*(line if line.endswith(_CLOSING) else f"{line};" for line in others), last])


def _lines(text: str) -> list[str]:
    lines = (" ".join(line.split()) for line in text.splitlines())
    return [line for line in lines if line and not _RULE.match(line)]
