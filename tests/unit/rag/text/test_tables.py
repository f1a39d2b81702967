"""Rows of tables, written out for a small model."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.tables import cells_of, rows, told, written_out

TABLE = (
    "Limits are per night.\n\n| Place | Limit | Note |\n|---|---|---|\n"
    "| Shanghai | RMB 650 | |\n| Nairobi | USD 140 | cash |\n\nMeals are extra."
)


def test_rows_carry_their_head_and_their_place() -> None:
    head, first, second = rows(TABLE)
    assert head.is_head
    assert not first.is_head
    assert first.head == ("Place", "Limit", "Note")
    assert TABLE[second.start : second.end] == "| Nairobi | USD 140 | cash |"


def test_a_row_is_written_out_with_its_columns() -> None:
    assert written_out(TABLE, [(0, len(TABLE))]) == (
        "Limits are per night. Place Shanghai: Limit RMB 650; "
        "Place Nairobi: Limit USD 140, Note cash; Meals are extra."
    )


def test_lines_of_aligned_columns_are_rows() -> None:
    text = "The limits are per night.\n\n    Singapore      SGD 220\n    Nairobi        USD 140\n"
    first, second = rows(text)
    assert first.cells == ("Singapore", "SGD 220")
    assert text[second.start : second.end] == "Nairobi        USD 140"
    assert written_out(text, [(0, len(text))]) == (
        "The limits are per night. Singapore: SGD 220; Nairobi: USD 140"
    )


def test_one_wide_gap_makes_no_table() -> None:
    assert rows("Signed      Gu Wenbo\nOn behalf of the board") == []
    assert rows("It ends here.    The next begins.\nSo it does.    And again.") == []


def test_a_row_alone_is_written_out_too() -> None:
    start = TABLE.index("| Nairobi")
    span = (start, TABLE.index("\n\nMeals"))
    assert written_out(TABLE, [(0, 21), span]) == (
        "Limits are per night. … Place Nairobi: Limit USD 140, Note cash"
    )


def test_a_table_that_begins_in_the_middle_has_no_head() -> None:
    text = "| Shanghai | RMB 650 |\n| Nairobi | USD 140 |"
    assert written_out(text, [(0, len(text))]) == "Shanghai: RMB 650; Nairobi: USD 140"
    years = "| Product | 2025 | 2024 |\n| Fan | 12 | 9 |"
    assert written_out(years, [(0, len(years))]) == "Product Fan: 2025 12, 2024 9"


def test_codes_and_text_may_head_a_table_and_a_rule_is_never_its_head() -> None:
    products = "| Property | MT-260 | MT-260S |\n| Weight | 70 kg | 80 kg |"
    assert written_out(products, [(0, len(products))]) == (
        "Property Weight: MT-260 70 kg, MT-260S 80 kg"
    )
    ruled = "| Size | 10 kg | 20 kg |\n|---|---|---|\n| Fee | EUR 5 | EUR 9 |"
    assert written_out(ruled, [(0, len(ruled))]) == "Size Fee: 10 kg EUR 5, 20 kg EUR 9"
    cut = "|---|---|\n| Nairobi | USD 140 |"
    assert written_out(cut, [(0, len(cut))]) == "Nairobi: USD 140"


def test_a_table_of_pairs_without_a_rule_has_no_head() -> None:
    sheet = "| Ambient temperature | 5 to 43 degrees |\n| Hold-over time | 52 hours |"
    assert written_out(sheet, [(0, len(sheet))]) == (
        "Ambient temperature: 5 to 43 degrees; Hold-over time: 52 hours"
    )
    measured = "| Load | 12 kg in all | 20 kg |\n| Time | 4 hours | 6 hours |"
    assert written_out(measured, [(0, len(measured))]) == (
        "Load: 12 kg in all, 20 kg; Time: 4 hours, 6 hours"
    )


@pytest.mark.parametrize(
    "text",
    [
        "| Colour | white |\n| Weight | 70 kg |\n| Time | 4 hours |",
        "| Colour | white |\n| Weight | 70 kg |",
        "| Fan | 24 months |\n| Door | 36 months |\n| Lamp | 12 months |",
        "| Model | MT-260 |\n| Door | 36 months |\n| Lamp | 12 months |",
    ],
)
def test_the_first_line_of_a_data_sheet_is_no_head(text: str) -> None:
    assert not any(row.is_head for row in rows(text))


def test_the_first_of_a_series_is_no_head() -> None:
    codes = "| E07 | Condenser hot | Clean it |\n| E08 | Battery low | Replace it |"
    assert written_out(codes, [(0, len(codes))]) == (
        "E07: Condenser hot, Clean it; E08: Battery low, Replace it"
    )


def test_equal_lines_are_set_apart_like_others() -> None:
    text = "No fee\nNo fee\nNo fee"
    assert written_out(text, [(0, len(text))]) == "No fee; No fee; No fee"


def test_lines_that_nothing_ends_are_set_apart() -> None:
    text = "Singapore SGD 220\nNairobi USD 140\nAll year."
    assert written_out(text, [(0, len(text))]) == "Singapore SGD 220; Nairobi USD 140; All year."
    assert written_out("", [(0, 0)]) == ""


def test_a_row_whose_cells_do_not_match_its_head_is_told_without_it() -> None:
    text = "| Place | Limit | Note |\n|---|---|---|\n| Leeds | GBP 90 |"
    *_, row = rows(text)
    assert told(row) == "Leeds: GBP 90"


def test_every_line_is_cleaned_before_it_is_told() -> None:
    def without_stars(line: str) -> str:
        return line.replace("*", "").strip()

    text = "*Limits*\n| Place | Limit |\n|---|---|\n| *Leeds* | GBP 90 |"
    assert written_out(text, [(0, len(text))], without_stars) == "Limits; Place Leeds: Limit GBP 90"


CELLS = st.lists(st.from_regex(r"[ab7]( ?[bc7]){0,3}", fullmatch=True), min_size=2, max_size=4)


@given(st.lists(CELLS, max_size=6), st.booleans())
def test_every_cell_between_bars_is_found_and_told(table: list[list[str]], ruled: bool) -> None:
    lines = [f"| {' | '.join(cells)} |" for cells in table]
    if ruled and lines:
        lines.insert(1, "|---|---|")
    text = "\n".join(lines)
    found = rows(text)
    assert [row.cells for row in found] == [cells_of(line) for line in lines if "-" not in line]
    assert all(text[row.start : row.end] in lines for row in found)
    assert sum(row.is_head for row in found) <= 1
    shown = written_out(text, [(0, len(text))])
    assert all(cell in shown for row in found if not row.is_head for cell in row.cells)
