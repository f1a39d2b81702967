"""Numbers in text: their values however written, their signs, and whether they rise or fall."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.text.quantities import agree, missing, quantities, stated_scales


def values(text: str) -> list[tuple[float, str]]:
    return [(q.value, q.unit) for q in quantities(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("营收1,200万元", (12_000_000, "cny")),
        ("一千二百名员工", (1200, "people")),
        ("１２００人", (1200, "people")),
        ("二〇一九年", (2019, "year")),
        ("$3.5 million", (3_500_000, "usd")),
        ("twenty-five days", (25, "days")),
        ("约三十五亿", (3_500_000_000, "")),
        ("12.5％", (12.5, "%")),
        ("3050", (3050, "")),
        ("三千零五十", (3050, "")),
        ("十五天", (15, "days")),
        ("an increase of 7 percent", (7, "%")),
    ],
)
def test_numbers_are_read_however_written(text: str, expected: tuple[float, str]) -> None:
    assert values(text) == [expected]


def test_dates_are_read_alike_in_both_languages() -> None:
    english = quantities("24 October 1996")
    chinese = quantities("1996年10月24日")
    assert {q.value for q in english} == {q.value for q in chinese} == {24, 10, 1996}
    assert not missing(english, chinese)
    assert not missing(chinese, english)


def test_an_article_is_no_number() -> None:
    assert values("一只猫和一个人走了") == [] or all(v != 1 for v, _ in values("一只猫"))
    assert values("one of them") == []


def test_units_that_contradict_do_not_agree() -> None:
    (days,), (percent,) = quantities("30 days"), quantities("30%")
    (bare,) = quantities("30")
    assert not agree(days, percent)
    assert agree(days, bare)
    assert missing([days], [percent]) == [days]


@settings(max_examples=40)
@given(st.integers(2, 999_999))
def test_separators_do_not_matter(number: int) -> None:
    assert quantities(f"{number:,} apples")[0].value == quantities(f"{number} apples")[0].value


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("grew by 2.3%", "| Transport | 228.6 | -2.3 % |", False),
        ("fell by 2.3 percent", "-2.3%", True),
        ("下降 2.3%", "fell by 2.3 percent", True),
        ("rose by 40", "dropped by 40", False),
        ("30 °C", "at -30 °C", False),
        ("零下 20 度", "20 度", False),
        ("grew by 9.1%", "9.1%", True),
        ("MT-260", "260", True),
        ("RMB 108.6 million", "| South-East Asia | 108.6 |", True),
        ("3 million", "| Boxes | 3 |", False),
    ],
)
def test_signs_and_directions_count(one: str, other: str, same: bool) -> None:
    assert (missing(quantities(one), quantities(other)) == []) is same


@pytest.mark.parametrize(
    ("text", "scales"),
    [
        ("| RMB million | 2025 | 2024 |", {1e6}),
        ("单位：百万元", {1e6}),
        ("（万元）", {1e4}),
        ("Figures in thousand and in EUR billion", {1e3, 1e9}),
        ("Revenue was RMB 903.7 million, 9.037 亿元, or 三亿元.", set()),
    ],
)
def test_a_scale_is_stated_where_it_stands_without_a_number(text: str, scales: set[float]) -> None:
    assert stated_scales(text) == scales


@pytest.mark.parametrize(
    ("claim", "held"),
    [("903.7 million", True), ("9.037 亿", True), ("903.7 亿", False), ("903.7 billion", False)],
)
def test_a_bare_number_of_a_table_has_the_scale_that_the_table_states(
    claim: str, held: bool
) -> None:
    table = "| RMB million | 2025 |\n| Revenue | 903.7 |"
    left = missing(quantities(claim), quantities(table), stated_scales(table))
    assert (not left) == held
