"""What a filter means: parsing, comparing, and what is no filter."""

from __future__ import annotations

import pytest

from rag.errors import UsageError
from rag.store import parse_where

LEASE = {
    "department": "Legal",
    "year": 2025,
    "signed": "2025-03-01",
    "tags": ["rent", "Basel"],
    "final": True,
    "部门": "法务",
    "code": "007",
}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("department = legal", True),
        ("department=legal and year >= 2025", True),
        ("department = legal and year > 2025", False),
        ("department != hr", True),
        ("department != legal", False),
        ("owner != ann", True),
        ("owner = ann", False),
        ("department in (hr, 'Legal')", True),
        ("department in (hr) and year = 2025", False),
        ("tags = basel", True),
        ("tags ~ as", True),
        ("tags != rent", False),
        ("year = 2025.0", True),
        ("year < abc", True),
        ("code = 7", False),
        ("signed >= 2025-01 and signed < 2025-04", True),
        ("final = true", True),
        ("部门 = 法务", True),
        ("\"department\" = 'legal'", True),
        ("department ~ leg", True),
        ("year ~ 02", True),
    ],
)
def test_a_filter_means_what_it_says(text: str, holds: bool) -> None:
    where = parse_where([text])
    assert where is not None
    assert where.holds(LEASE) is holds


def test_all_of_several_have_to_hold_and_none_is_no_filter() -> None:
    where = parse_where(["department = legal", "year = 2024"])
    assert where is not None
    assert str(where) == "department = legal and year = 2024"
    assert not where.holds(LEASE)
    assert parse_where([]) is None
    several = parse_where(["x in (a, b c) and title = human resources"])
    assert str(several) == "x in (a, b c) and title = human resources"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a =",
        "= b",
        "a = b and",
        "a in ()",
        "a in (b",
        'a = "b',
        "a = b or c = d",
        "a b = c",
    ],
)
def test_what_is_no_filter_is_refused_with_examples(text: str) -> None:
    with pytest.raises(UsageError, match="department = legal"):
        parse_where([text])
