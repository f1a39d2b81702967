"""Tables: rows found in text, and written out with what their columns mean.

Loaders give a table as lines of cells between bars, its head first; in plain text, lines that
stand together with their parts set apart by blanks or tabs are one too. A small model loses the
columns of a row that stands far from the head, so rows are shown to it as "Place Nairobi: Limit
USD 140". Pure functions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from rag.lines import is_aligned
from rag.quantities import quantities
from rag.subject import years
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
_MONEY = re.compile(r"\b[A-Z]{3}\s?\d|[$€£¥]|\d\s*[^\d\s]{0,4}元|\b(?:yuan|dollars|euros|pounds)\b")
_COMPARES = re.compile(
    r"\b(?:than|compar\w+|previous|prior|before|earlier|last|change\w*|differ\w*|gr[eo]w\w*|r[io]se\w*|"
    r"increas\w+|decreas\w+|f[ae]ll\w*|drop\w*|more|less|up|down)\b"
    r"|[比较增减升降变]|同期|上年|去年|前一年|上一年",
    re.IGNORECASE,
)
"""A question of two years, though it may name but one."""


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
            below = _below(lines, widths, number)
            ruled = below and _RULE.match(lines[number + 1])
            head = cells if not _RULE.match(line) and (ruled or _may_head(cells, below)) else ()
        if not _RULE.match(line):
            end = start + len(line.strip())
            found.append(Row(cells, start, end, head, table, bool(first and head)))
    return found


def _below(lines: Sequence[str], widths: Sequence[int], number: int) -> list[tuple[str, ...]]:
    """The cells of the rows that follow line `number` in its table."""
    found = []
    for line, width in zip(lines[number + 1 :], widths[number + 1 :], strict=True):
        if not width:
            break
        found.append(cells_of(line))
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


def _may_head(cells: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether these may be a head that no rule follows: no amounts but years, and not one of a
    series with what stands below it (E07, E08). A table of pairs mostly has no head and loses
    little if it has."""
    amounts = any(_AMOUNT.match(cell) and not _YEAR.match(cell) for cell in cells)
    if amounts or (below and cells[0] != below[0][0] and _is_series([cells, below[0]])):
        return False
    return len(cells) > 2 or _heads_pairs(cells, below)


def _heads_pairs(cells: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether two cells without a number head pairs that are all of one kind: amounts of money, or
    of one unit, or a series of codes."""
    if len(below) < 2 or len(cells) != 2 or any(re.search(r"\d", cell) for cell in cells):
        return False
    kinds = {_kind(row[-1]) for row in below}
    return (len(kinds) == 1 and "" not in kinds) or _is_series(below)


def _kind(cell: str) -> str:
    """What an amount is of: "money", or its unit; empty for other cells and bare numbers."""
    if not _AMOUNT.match(cell):
        return ""
    return "money" if _MONEY.search(cell) else next((q.unit for q in quantities(cell)), "")


def _is_series(table: Sequence[Sequence[str]]) -> bool:
    """Whether the rows begin with codes of one shape."""
    shapes = {_shape(row[0]) for row in table}
    return len(shapes) == 1 and "" not in shapes


def _shape(code: str) -> str:
    """The code with every digit a nine; empty if it has none."""
    return re.sub(r"\d", "9", code) if re.search(r"\d", code) else ""


def written_out(
    text: str,
    spans: Sequence[Span],
    clean: Callable[[str], str] = str.strip,
    asked: Collection[str] = (),
) -> str:
    """The text of `spans`, each row of a table written out with its head (of years only the columns
    of those `asked` for, see `of_years`), the other lines set apart by semicolons where nothing
    else does; an ellipsis where something was left out. `clean` is applied to every line."""
    table = [of_years(row, asked) for row in rows(text)]
    pieces = [_written(text, table, span, clean) for span in spans]
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


def asked_years(question: str) -> set[str]:
    """The years whose columns tell what is asked: those that the question names; none, so that all
    are told, where it compares."""
    return set() if _COMPARES.search(question) else years(question)


def of_years(row: Row, asked: Collection[str]) -> Row:
    """The row without the columns of other years, where there is one of a year `asked` for."""
    columns = [years(head) for head in row.head]
    if len(row.head) != len(row.cells) or not any(column & set(asked) for column in columns):
        return row
    kept = [i for i, column in enumerate(columns) if not column or column & set(asked)]
    cells, heads = (tuple(texts[i] for i in kept) for texts in (row.cells, row.head))
    return replace(row, cells=cells, head=heads)


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


def without_other_rows(text: str, spans: Sequence[Span], cited: Sequence[Span]) -> tuple[Span, ...]:
    """Of the `spans` of `text` (0-based, end exclusive) what is left without the rows that none of
    `cited` touches; all of it where none touches a row. Heads of tables stay."""
    body = [(row.start, row.end) for row in rows(text) if not row.is_head]
    others = [
        (start, end)
        for start, end in body
        if not any(begin < end and start < stop for begin, stop in cited)
    ]
    if len(others) == len(body):
        return tuple(spans)
    left = []
    for begin, stop in spans:
        for start, end in others:
            if begin <= start < stop:
                left.append((begin, start))
                begin = min(end, stop)
        left.append((begin, stop))
    return tuple((begin, stop) for begin, stop in left if text[begin:stop].strip())
