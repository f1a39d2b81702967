"""Numbers in text: their signs, and whether they rise or fall."""

from __future__ import annotations

import pytest

from rag.text.quantities import missing, quantities, stated_scales


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
