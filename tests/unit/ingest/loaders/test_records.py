"""Rows of a sheet as records."""

from __future__ import annotations

from ingest.loaders.records import parted, record_lines
from ingest.loaders.tables import Cell


def cells(*rows: list[str]) -> list[list[Cell]]:
    return [[Cell(text) for text in row] for row in rows]


def test_a_list_of_single_cells_is_text() -> None:
    assert record_lines(cells(["Rules"], ["No dogs"], ["", "No bikes"])) == [
        "Rules",
        "No dogs",
        "No bikes",
    ]


def test_without_names_for_the_columns_cells_stand_between_bars() -> None:
    assert record_lines(cells(["1", "2"], ["3", "4"])) == ["| 1 | 2 |", "| 3 | 4 |"]
    assert record_lines(cells(["a", "b"], ["c", "d"]), guess=False) == ["| a | b |", "| c | d |"]


def test_empty_rows_part_tables() -> None:
    blocks = list(parted(cells(["a"], [""], [], ["b"], ["c"])))
    assert [[row[0].text for row in block] for block in blocks] == [["a"], ["b", "c"]]
