"""A figure that stands in another column than the answer speaks of."""

from __future__ import annotations

import pytest

from rag.checking.align import Quote
from rag.cells import from_another_column
from tests.builders import hit

CONTRACTS = (
    "| Contract | Price per year | Answer by phone | Engineer on site |\n|---|---|---|---|\n"
    "| Silver | EUR 204 | 4 working hours | 2 working days |\n"
)
FIGURES = (
    "| RMB million | 2025 | 2024 | Change |\n|---|---|---|---|\n"
    "| Order backlog | 268.0 | 231.0 | +16.0% |\n"
)
LIMITS = "| 地点 | 住宿限额 | 每日补贴 |\n|---|---|---|\n| 新加坡 | 260 新元 | 65 新元 |\n"


def last_row(table: str) -> list[Quote]:
    start = table.rstrip().rindex("\n") + 1
    return [Quote(hit(table), start, len(table.rstrip()), 1.0)]


@pytest.mark.parametrize(
    ("sentence", "table"),
    [
        ("The order backlog at the end of 2025 was RMB 231 million.", FIGURES),
        ("Under a Silver contract, the answer by phone takes 2 working days.", CONTRACTS),
        ("新加坡的住宿限额为 65 新元。", LIMITS),
    ],
)
def test_a_neighbouring_column_is_seen(sentence: str, table: str) -> None:
    assert from_another_column(sentence, last_row(table))


@pytest.mark.parametrize(
    ("sentence", "table"),
    [
        ("The order backlog at the end of 2025 was RMB 268 million.", FIGURES),
        ("The order backlog was RMB 268 million in 2025 and RMB 231 million in 2024.", FIGURES),
        ("In 2025 the order backlog grew by 16.0%.", FIGURES),
        ("The order backlog was RMB 231 million.", FIGURES),
        ("Under a Silver contract an engineer is on site in 2 working days.", CONTRACTS),
        ("A Silver contract costs EUR 204.", CONTRACTS),
        ("新加坡的住宿限额为 260 新元。", LIMITS),
        ("In 2025 there were 7 contracts.", CONTRACTS),  # a figure that no cell has
    ],
)
def test_its_own_column_is_left_alone(sentence: str, table: str) -> None:
    assert not from_another_column(sentence, last_row(table))


def test_what_prose_says_beside_the_table_counts() -> None:
    text = f"{FIGURES}\nThe backlog of 2025 was first put at 231 million."
    quotes = [*last_row(FIGURES), Quote(hit(text), text.index("The"), len(text), 1.0)]
    assert not from_another_column("The order backlog of 2025 was 231 million.", quotes)
