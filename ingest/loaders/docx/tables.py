"""The rows of a Word table with what their cells span. Knows lxml elements, nothing of text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from docx.oxml.ns import qn


@dataclass(slots=True)
class Place:
    """A cell: its element (None for columns that a row leaves out), what it spans, and whether its
    row is a head."""

    element: Any
    across: int
    head: bool
    down: int = 1


def rows_of(table: Any) -> list[list[Place]]:
    """The rows of `table` itself, not of those within it; a cell merged downwards stands in its
    first row alone. Deleted rows are left out."""
    rows: list[list[Place]] = []
    above: dict[int, Place] = {}
    for row in table.iter(qn("w:tr")):
        if next(row.iterancestors(qn("w:tbl"))) is not table or _is_deleted(row):
            continue
        places: list[Place] = []
        head = row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None
        column = _number(row, f"{qn('w:trPr')}/{qn('w:gridBefore')}", 0)
        if column:
            places.append(Place(None, column, head))
        for cell in _cells(row):
            across = _number(cell, f"{qn('w:tcPr')}/{qn('w:gridSpan')}", 1)
            if _continues_above(cell) and column in above:
                above[column].down += 1
            else:
                above[column] = Place(cell, across, head)
                places.append(above[column])
            column += across
        rows.append(places)
    return rows


def _cells(row: Any) -> Iterator[Any]:
    for element in row:
        if element.tag == qn("w:tc"):
            yield element
        elif element.tag in (qn("w:sdt"), qn("w:sdtContent"), qn("w:customXml")):
            yield from _cells(element)


def _is_deleted(row: Any) -> bool:
    return row.find(f"{qn('w:trPr')}/{qn('w:del')}") is not None


def _continues_above(cell: Any) -> bool:
    """Whether the cell is the lower part of one merged downwards: its text stands further up."""
    merge = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
    return merge is not None and merge.get(qn("w:val"), "continue") == "continue"


def _number(element: Any, path: str, default: int) -> int:
    child = element.find(path)
    value = "" if child is None else child.get(qn("w:val"), "")
    return int(value) if value.isdigit() and len(value) < 4 else default
