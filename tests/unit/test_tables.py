"""Rows of tables, written out for a small model."""

from __future__ import annotations

import pytest

from rag.checking.align import Aligner
from rag.cells import from_another_row
from rag.text.tables import asked_years, of_years, rows, without_other_rows, written_out
from tests.builders import hit
from tests.fakes import FakeEmbedder

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
    assert {head.table, first.table, second.table} == {0}


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


@pytest.mark.parametrize(
    ("head", "row", "said"),
    [
        ("| Revenue, RMB million | 2025 | Change |", "| Group | 903.7 | +2% |",
         "Revenue Group: 2025 RMB 903.7 million, Change +2%"),
        ("| Revenue, RMB million | Q1 2025 | Staff 2025 |", "| Group | 903.7 | 12 |",
         "Revenue Group: Q1 2025 RMB 903.7 million, Staff 2025 12"),
        ("| Item | Budget (EUR thousand) | Staff |", "| Roof | 1,200 | 14 |",
         "Item Roof: Budget EUR 1,200 thousand, Staff 14"),
        ("| 营业收入（百万元） | 2025 年 | 增长 |", "| 集团 | 903.7 | 2% |",
         "营业收入 集团: 2025 年 903.7 百万元, 增长 2%"),
    ],
)  # fmt: skip
def test_a_scale_that_the_head_states_stands_with_every_number(
    head: str, row: str, said: str
) -> None:
    text = f"{head}\n|---|---|---|\n{row}"
    assert written_out(text, [(0, len(text))]) == said


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
    ("text", "said"),
    [
        ("| 地点 | 每晚限额 |\n| 北京 | 650 元 |\n| 鹿特丹 | 165 欧元 |\n| 新加坡 | 260 新加坡元 |",
         "地点 北京: 每晚限额 650 元; 地点 鹿特丹: 每晚限额 165 欧元; "
         "地点 新加坡: 每晚限额 260 新加坡元"),
        ("| Item | Charge |\n| Labour | EUR 96 per hour |\n| Call-out | EUR 145 |",
         "Item Labour: Charge EUR 96 per hour; Item Call-out: Charge EUR 145"),
        ("| Part | Warranty |\n| Fan | 24 months |\n| Door | 36 months |",
         "Part Fan: Warranty 24 months; Part Door: Warranty 36 months"),
        ("| Code | Meaning |\n| E07 | Hot |\n| E08 | Battery low |",
         "Code E07: Meaning Hot; Code E08: Meaning Battery low"),
    ],
)  # fmt: skip
def test_what_stands_above_pairs_of_one_kind_is_their_head(text: str, said: str) -> None:
    assert written_out(text, [(0, len(text))]) == said


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


YEARS = "| Product | 2025 | 2024 | Change |\n| Fan | 12 | 9 | +3 |"


def test_of_columns_for_years_that_of_the_year_asked_for_is_told() -> None:
    asked = asked_years("How many fans were sold in 2024?")
    assert written_out(YEARS, [(0, len(YEARS))], asked=asked) == "Product Fan: 2024 9, Change +3"
    both = asked_years("2025 年比 2024 年多卖了多少风扇？")
    assert written_out(YEARS, [(0, len(YEARS))], asked=both) == (
        "Product Fan: 2025 12, 2024 9, Change +3"
    )
    [_, row] = rows(YEARS)
    assert of_years(row, {"2023"}) == row


@pytest.mark.parametrize(
    ("question", "years"),
    [
        ("How many fans were sold in 2024?", {"2024"}),
        ("How much did sales grow in 2025?", set()),
        ("Were more fans sold in 2025 than in the year before?", set()),
        ("2025 年销量较上年增加多少？", set()),
        ("2025 年卖了多少风扇？", {"2025"}),
    ],
)
def test_a_question_that_compares_is_told_all_years(question: str, years: set[str]) -> None:
    assert asked_years(question) == years


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


def test_the_figure_of_another_row_is_seen() -> None:
    source = hit(TABLE, "policy.md", heading="Hotels")
    question = "What is the limit in Nairobi?"
    aligner = Aligner(question, [source], FakeEmbedder())
    wrong, right = "The limit in Nairobi is RMB 650.", "The limit in Nairobi is USD 140."
    assert from_another_row(wrong, aligner.quotes(wrong))
    assert not from_another_row(right, aligner.quotes(right))
    both = "The limit in Nairobi is USD 140, in Shanghai RMB 650."
    assert not from_another_row(both, aligner.quotes(both))


def test_a_row_for_several_is_not_that_of_the_one_it_does_not_name() -> None:
    text = (
        "| Product or part | Period |\n|---|---|\n| MT-120 and MT-260 cabinets | 36 months |\n"
        "| Compressors of all models | 60 months |"
    )
    source = hit(text, "terms.md", heading="Warranty")
    aligner = Aligner("How long is the warranty of an MT-260 compressor?", [source], FakeEmbedder())
    right = "The compressor of an MT-260 has a warranty of 60 months."
    wrong = "The cabinet of an MT-260 has a warranty of 60 months."
    assert not from_another_row(right, aligner.quotes(right))
    assert from_another_row(wrong, aligner.quotes(wrong))


def test_rows_that_are_not_cited_are_left_out_and_heads_and_sentences_stay() -> None:
    text = f"Limits for a night.\n{TABLE}\nSee below."
    whole = ((0, len(text)),)
    row = text.index("| Nairobi")
    left = without_other_rows(text, whole, [(row + 2, row + 9)])
    told = written_out(text, left)
    assert "Nairobi" in told
    assert "Shanghai" not in told
    assert "Limits for a night." in told
    assert "See below." in told
    assert without_other_rows(text, whole, [(0, 6)]) == whole
    assert without_other_rows(text, ((row, row + 9),), [(row, row + 2)]) == ((row, row + 9),)
    assert without_other_rows("", (), []) == ()
