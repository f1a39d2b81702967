"""Cells that may span rows and columns -> lines of text, one a row, each readable by itself.

Knows nothing of formats. A cell that spans rows or columns is repeated in each of them, so that
nothing shifts; head rows are merged into one; a table with bars in its cells is written as
"label: value" pairs, as bars part the cells elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_REPEATED_CHARS = 120
"""A longer cell is written once: its text would outweigh the rows that it spans."""
_MOST_COLUMNS = 200


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its text on one line, the columns (`across`) and rows (`down`; 0: all that are
    left) that it spans, and whether it is a head."""

    text: str
    across: int = 1
    down: int = 1
    head: bool = False


Grid = list[list[Cell | None]]


def table_lines(rows: Sequence[Sequence[Cell]]) -> list[str]:
    """The table's lines; rows without any text are left out."""
    grid = _grid(rows)
    while grid and not any(cell and cell.text for cell in grid[0]):
        del grid[0]
    titles, head, body = _parted(grid)
    lines = [bar_row([title]) for title in titles]
    texts = [_texts(row, above) for row, above in zip(body, [None, *body], strict=False)]
    texts = [row for row in texts if any(row)]
    if any("|" in text for row in [head, *texts] for text in row):
        first = texts[0] if texts else []
        large = len(texts) > 2 or len(first) > 2
        if not head and large and all(first) and not any("|" in text for text in first):
            head, texts = first, texts[1:]
        return [*titles, *(labelled(head, row) for row in texts or [head])]
    return [*lines, *([bar_row(head)] if head else []), *map(bar_row, texts)]


def grid_texts(rows: Sequence[Sequence[Cell]]) -> tuple[list[str], list[list[str]]]:
    """The head's one row (empty if none is marked or told by its spans), and the rows below it,
    with a text for each column; rows without any are left out."""
    _, head, body = _parted(_grid(rows))
    texts = [_texts(row, above) for row, above in zip(body, [None, *body], strict=False)]
    return head, [row for row in texts if any(row)]


def labelled(labels: Sequence[str], cells: Sequence[str]) -> str:
    """A row as "label: value; label: value", empty cells left out."""
    if len(cells) == 1 and len(labels) > 1:
        return cells[0]
    names = [*labels, *[""] * (len(cells) - len(labels))]
    pairs = [
        f"{label}: {cell}" if label else cell
        for label, cell in zip(names, cells, strict=False)
        if cell
    ]
    return "; ".join(pairs)


def bar_row(cells: Sequence[str]) -> str:
    """A row as `| cell | cell |`; an empty cell leaves one blank."""
    return "|" + "".join(f" {cell} |" if cell else " |" for cell in cells)


def _grid(rows: Sequence[Sequence[Cell]]) -> Grid:
    """The cell at each place; one that spans several stands in all of them."""
    places: dict[tuple[int, int], Cell] = {}
    width = 0
    for number, row in enumerate(rows):
        column = 0
        for cell in row:
            while (number, column) in places:
                column += 1
            down = len(rows) - number if cell.down < 1 else min(cell.down, len(rows) - number)
            across = max(1, min(cell.across, _MOST_COLUMNS - column))
            for below in range(down):
                for right in range(across):
                    places.setdefault((number + below, column + right), cell)
            column += across
            width = max(width, column)
    return [[places.get((r, c)) for c in range(width)] for r in range(len(rows))]


def _parted(grid: Grid) -> tuple[list[str], list[str], Grid]:
    """Title rows above the head, the head's one row (empty if there is none), and the rest."""
    count = 0
    while count < len(grid) and all(cell is None or cell.head for cell in grid[count]):
        count += 1
    if count == len(grid):  # nothing but heads
        count = min(count, 1)
    if count < 2 and _spans_like_heads(grid):
        count = 2
    titles: list[str] = []
    heads = grid[:count]
    while heads and _is_one(heads[0]):
        titles.append(_texts(heads.pop(0), None)[0])
    merged = [": ".join(_distinct(column)) for column in zip(*heads, strict=True)]
    return titles, merged, grid[count:]


def _spans_like_heads(grid: Grid) -> bool:
    """Whether the first two rows are a head that is not marked as one: a cell of the first spans
    columns that the second names, another spans both rows."""
    if len(grid) < 3 or _is_one(grid[0]) or len(grid[0]) < 3:
        return False
    first, second = grid[0], grid[1]
    named = [below for above, below in zip(first, second, strict=True) if below is not above]
    deep = any(
        cell is not None and cell is below for cell, below in zip(first, second, strict=True)
    )
    wide = any(cell is not None and cell is beside for cell, beside in pairwise(first))
    words = all(
        cell is not None and cell.text and not any(map(str.isdigit, cell.text)) for cell in named
    )
    return deep and wide and words and bool(named)


def _is_one(row: Sequence[Cell | None]) -> bool:
    """Whether one cell spans the whole row."""
    return len(row) > 1 and row[0] is not None and all(cell is row[0] for cell in row)


def _distinct(column: Sequence[Cell | None]) -> list[str]:
    return list(dict.fromkeys(cell.text for cell in column if cell is not None and cell.text))


def _texts(row: Sequence[Cell | None], above: Sequence[Cell | None] | None) -> list[str]:
    """What stands in each column; a long cell only where it begins."""
    if _is_one(row) and row[0] is not None:
        return [row[0].text]
    texts: list[str] = []
    for column, cell in enumerate(row):
        goes_on = cell is not None and (
            (column > 0 and row[column - 1] is cell)
            or (above is not None and above[column] is cell)
        )
        long = cell is not None and len(cell.text) > _REPEATED_CHARS
        texts.append("" if cell is None or (goes_on and long) else cell.text)
    return texts
