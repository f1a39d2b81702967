"""Cells that span rows and columns, merged heads, bars within cells."""

from __future__ import annotations

from ingest.loaders.tables import Cell, labelled, table_lines


def heads(*texts: str) -> list[Cell]:
    return [Cell(text, head=True) for text in texts]


def test_a_cell_that_spans_rows_stands_in_each() -> None:
    rows = [[Cell("Mon", down=2), Cell("Clay")], [Cell("Ink")], [Cell("Tue"), Cell("Song")]]
    assert table_lines(rows) == ["| Mon | Clay |", "| Mon | Ink |", "| Tue | Song |"]


def test_a_cell_that_spans_columns_stands_in_each_unless_it_spans_all() -> None:
    rows = [
        [Cell("Ground floor", across=3)],
        [Cell("Mon"), Cell("closed", across=2)],
        [Cell("Tue"), Cell("8-12"), Cell("14-18")],
    ]
    assert table_lines(rows) == [
        "| Ground floor |",
        "| Mon | closed | closed |",
        "| Tue | 8-12 | 14-18 |",
    ]


def test_head_rows_become_one() -> None:
    rows = [
        [Cell("Course", down=2, head=True), Cell("Fee", across=2, head=True)],
        heads("member", "guest"),
        [Cell("Clay"), Cell("60"), Cell("85")],
    ]
    assert table_lines(rows) == ["| Course | Fee: member | Fee: guest |", "| Clay | 60 | 85 |"]


def test_head_rows_that_are_not_marked_as_such() -> None:
    rows = [
        [Cell("Course", down=2), Cell("Fee", across=2)],
        [Cell("member"), Cell("guest")],
        [Cell("Clay"), Cell("60"), Cell("85")],
    ]
    assert table_lines(rows) == ["| Course | Fee: member | Fee: guest |", "| Clay | 60 | 85 |"]
    rows[1] = [Cell("60"), Cell("85")]
    assert table_lines(rows)[:2] == ["| Course | Fee | Fee |", "| Course | 60 | 85 |"]


def test_a_bar_within_a_cell_shifts_nothing() -> None:
    rows = [heads("Part", "Formula"), [Cell("OR"), Cell("a | b")], [Cell("AND"), Cell("")]]
    assert table_lines(rows) == ["Part: OR; Formula: a | b", "Part: AND"]


def test_bars_without_a_head() -> None:
    rows = [[Cell("A", down=2), Cell("1 | 2")], [Cell("3")]]
    assert table_lines(rows) == ["A; 1 | 2", "A; 3"]
    pairs = [[Cell("Name:"), Cell("Petra")], [Cell("Formula:"), Cell("a | b")]]
    assert table_lines(pairs) == ["Name:; Petra", "Formula:; a | b"]


def test_empty_cells_keep_their_place_and_empty_rows_go() -> None:
    rows = [[Cell("a"), Cell("b")], [Cell(""), Cell("")], [Cell(""), Cell("c")]]
    assert table_lines(rows) == ["| a | b |", "| | c |"]


def test_a_long_cell_is_written_once() -> None:
    long = "word " * 40
    lines = table_lines([[Cell(long, down=2), Cell("1")], [Cell("2")]])
    assert lines[1] == "| | 2 |"


def test_absurd_spans_are_bounded() -> None:
    lines = table_lines([[Cell("a", across=10**5, down=10**5), Cell("b")]])
    assert len(lines) == 1
    assert lines[0].count("|") <= 210


def test_rows_with_labels() -> None:
    assert labelled(["name", "locker"], ["Gus", "296"]) == "name: Gus; locker: 296"
    assert labelled(["name", "locker"], ["", "296", "x"]) == "locker: 296; x"
