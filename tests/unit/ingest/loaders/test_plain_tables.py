"""Separated values: rows that can be read by themselves; prose with commas is left alone."""

from __future__ import annotations

from ingest.loaders.plain import load_text


def text(source: str, name: str = "a.csv") -> str:
    [page] = load_text(source.encode(), name)
    return page.text


def test_each_row_has_the_names_of_its_columns() -> None:
    assert text("name,locker\nGus,296\nHal,\n") == "name: Gus; locker: 296\nname: Hal"


def test_quotes_semicolons_tabs_and_a_title() -> None:
    assert text('a;b\n"x; y";"1\n2"\n') == "a: x; y; b: 1 2"
    assert text("a\tb\n1\t2\n", "a.tsv") == "a: 1; b: 2"
    assert text("Staff list,\nname,locker\nGus,296\n") == "Staff list\nname: Gus; locker: 296"


def test_without_a_head_rows_stay_rows() -> None:
    assert text("1,2\n3,4\n") == "| 1 | 2 |\n| 3 | 4 |"


def test_prose_is_no_table() -> None:
    assert text("Just a line\nand one more, with a comma\nend\n") == (
        "Just a line\nand one more, with a comma\nend"
    )
    assert text("name,locker\nGus,296\n", "a.txt") == "name,locker\nGus,296"


def test_the_line_that_names_the_separator_is_none_of_the_table() -> None:
    assert text("sep=;\nname;locker\nGus, H;296\n") == "name: Gus, H; locker: 296"
