"""Rows of a sheet -> lines, each row with the names of its columns, so that it can be read alone.

Knows nothing of formats. What stands apart by empty rows is a table of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ingest.loaders.tables import Cell, grid_texts, labelled, table_lines

Rows = Sequence[Sequence[Cell]]


def record_lines(rows: Rows, *, guess: bool = True) -> list[str]:
    """The lines of one table: "name: Gus; locker: 296" where its first rows name the columns, the
    cells between bars where they do not. Rows above that hold one cell are titles. `guess`: the
    first row names the columns if it holds no figures, though no cell is marked as a head."""
    titles: list[str] = []
    left = list(rows)
    width = max((sum(cell.across for cell in row) for row in left), default=0)
    while len(left) > 1 and width > 1 and len(_filled(left[0])) == 1:
        titles.append(_filled(left.pop(0))[0])
    if all(len(_filled(row)) < 2 for row in left):
        return [*titles, *(text for row in left for text in _filled(row))]
    head, body = grid_texts(left)
    if body and all(len(row) == 2 and row[0].endswith((":", "：")) for row in body) and not head:
        return [*titles, *(" ".join(filter(None, row)) for row in body)]
    if guess and not head and len(body) > 1 and _names(body[0]):
        head, body = body[0], body[1:]
    if not head or not body:
        return [*titles, *table_lines(left)]
    return [*titles, *(labelled(head, row) for row in body)]


def parted(rows: Rows) -> Iterator[Rows]:
    """The tables of a sheet: stretches of rows without an empty one between them."""
    block: list[Sequence[Cell]] = []
    for row in rows:
        if any(cell.text for cell in row):
            block.append(row)
        elif block:
            yield block
            block = []
    if block:
        yield block


def _names(row: Sequence[str]) -> bool:
    """Whether a row may name the columns below it."""
    return len(set(row)) == len(row) and not any(map(is_value, row))


def is_value(cell: str) -> bool:
    """Whether a cell holds a figure, as no name of a column does (a year may be one)."""
    bare = cell.replace(",", "").replace(".", "").strip("+-%€$£ ")
    return bare.isdigit() and not (len(bare) == 4 and bare[:2] in ("19", "20"))


def _filled(row: Sequence[Cell]) -> list[str]:
    return [cell.text for cell in row if cell.text]
