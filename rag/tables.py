"""Tables: rows found in text, and written out with what their columns mean.

Loaders give a table as lines of cells between bars, its head first; in plain text, lines that
stand together with their parts set apart by blanks or tabs are one too. A small model loses the
columns of a row that stands far from the head, so rows are shown to it as "Place Nairobi: Limit
USD 140". Pure functions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.lines import is_aligned
from rag.types import Span

TABLE_ROW = re.compile(r"^\s*\|.*\|\s*$")
_GAP = re.compile(r" {3,}|\t+")
_RULE = re.compile(r"^[\s|:-]+$")
_AMOUNT = re.compile(r"^(?:[A-Z]{3}\s|[$€£¥])?[-+−]?\d[\d.,]*(?:\s.*|[^\d\s]{1,12})?$")
_BARE = re.compile(r"[-+−]?\d[\d,]*(?:\.\d+)?")
_STATED = re.compile(
    r"[\s,，:：(（]*(?:\bin |单位[:：为]?)?"
    r"(?:(?P<currency>\b[A-Z]{3}|[$€£¥])\s?(?P<scale>thousand|million|billion)s?\b"
    r"|(?P<unit>(?:百万|千万|千|万|亿)(?:元|美元|欧元|人民币)))[)）]?"
)
_PERIOD = re.compile(r"(?:\d{4}|FY|[QH][1-4]|第?[一二三四]季度|[上下]半年|[\s,./年-])+")
_YEAR = re.compile(r"^(?:19|20)\d{2}(?:年|\b)")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: its cells, its place in the text, the head's cells (none if the text
    begins in the middle of the table), and which table of the text it belongs to."""

    cells: tuple[str, ...]
    start: int
    end: int
    head: tuple[str, ...]
    table: int
    is_head: bool


def rows(text: str) -> list[Row]:
    """All rows of all tables in `text`, in order; lines that only rule are left out."""
    found: list[Row] = []
    head: tuple[str, ...] = ()
    table, before, at = -1, 0, 0
    lines = text.splitlines(keepends=True)
    widths = _widths(lines)
    for number, line in enumerate(lines):
        start, at = at + len(line) - len(line.lstrip()), at + len(line)
        width = widths[number]
        first, before = width and not before, width
        if not width:
            continue
        cells = cells_of(line)
        if first:
            table += 1
            follows = number + 1 < len(lines) and widths[number + 1]
            below = cells_of(lines[number + 1]) if follows else ()
            ruled = below and _RULE.match(lines[number + 1])
            head = cells if not _RULE.match(line) and (ruled or _may_head(cells, below)) else ()
        if not _RULE.match(line):
            end = start + len(line.strip())
            found.append(Row(cells, start, end, head, table, bool(first and head)))
    return found


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


def cells_of(line: str) -> tuple[str, ...]:
    """The cells of one row, between bars or set apart by blanks."""
    if not TABLE_ROW.match(line):
        return tuple(_GAP.split(line.strip()))
    return tuple(cell.strip() for cell in line.strip().strip("|").split("|"))


def _may_head(cells: Sequence[str], below: Sequence[str]) -> bool:
    """Whether these may be a head that no rule follows: no amounts but years, not one of a series
    with what stands below it (E07, E08), and more than two, for a table of pairs mostly has no head
    and loses little if it has."""
    series = below and cells[0] != below[0] and _shape(cells[0]) == _shape(below[0]) != ""
    amounts = any(_AMOUNT.match(cell) and not _YEAR.match(cell) for cell in cells)
    return len(cells) > 2 and not series and not amounts


def _shape(code: str) -> str:
    """The code with every digit a nine; empty if it has none."""
    return re.sub(r"\d", "9", code) if re.search(r"\d", code) else ""


def written_out(text: str, spans: Sequence[Span], clean: Callable[[str], str] = str.strip) -> str:
    """The text of `spans`, each row of a table written out with its head, the other lines set
    apart by semicolons where nothing else does; an ellipsis where something was left out. `clean`
    is applied to every line."""
    pieces = [_written(text, rows(text), span, clean) for span in spans]
    return " … ".join(piece for piece in pieces if piece)


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
    return " ".join([*(line if _closed(line) else line + ";" for line in others), last])


def told(row: Row) -> str:
    """The row in words: its columns' names before its cells. A scale that the head states for
    bare numbers stands with each of them: "Revenue Group: 2025 RMB 903.7 million"."""
    first, *rest = row.cells
    if len(row.head) != len(row.cells):
        return f"{first}: {', '.join(cell for cell in rest if cell)}"
    subject, *columns = row.head
    general = _STATED.search(subject)
    pairs = zip(columns, rest, strict=True)
    named = [_named(column, cell, general) for column, cell in pairs if cell]
    subject = _STATED.sub("", subject)
    return f"{subject} {first}".strip() + (": " + ", ".join(named) if named else "")


def _named(column: str, cell: str, general: re.Match[str] | None) -> str:
    """The cell after its column's name, with the scale stated there, or for the columns of years
    and quarters in the head's first cell: another column of the table may count something else."""
    stated = _STATED.search(column) or (general if _PERIOD.fullmatch(column) else None)
    if stated is None or not _BARE.fullmatch(cell):
        return f"{column} {cell}".strip()
    name = _STATED.sub("", column)
    if stated.group("unit"):
        return f"{name} {cell} {stated.group('unit')}".strip()
    return f"{name} {stated.group('currency')} {cell} {stated.group('scale')}".strip()


def _lines(text: str) -> list[str]:
    lines = (" ".join(line.split()) for line in text.splitlines())
    return [line for line in lines if line and not _RULE.match(line)]


def _closed(line: str) -> bool:
    return line.endswith((".", ",", ";", ":", "!", "?", "。", "，", "；", "：", "！", "？", "、"))
