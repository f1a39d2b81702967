"""Characters that are raised, lowered or fractions by themselves."""

from __future__ import annotations

import pytest

from ingest.loaders.spelled import spelled, spelled_page
from rag.types import Heading, Page


@pytest.mark.parametrize(
    ("printed", "read"),
    [
        ("at most 10³ germs", "at most 10^3 germs"),
        ("5·10⁻⁶ mol", "5·10^-6 mol"),
        ("3½ cups, ½ spoon", "3 1/2 cups, 1/2 spoon"),
        ("3 1⁄2 and 2¹⁄₂", "3 1/2 and 2 1/2"),
        ("lasts 25¹ years", "lasts 25[note 1] years"),
        ("lasts 25² years\n² If cleaned.", "lasts 25[note 2] years\n[note 2] If cleaned."),
        ("the treatment¹,² works", "the treatment[note 1],[note 2] works"),
        ("12 m² of CO₂, x²", "12 m² of CO₂, x²"),
        ("²³⁸U and ²H", "²³⁸U and ²H"),
        ("101₂", "101_2"),
    ],
)
def test_they_read_right(printed: str, read: str) -> None:
    assert spelled(printed) == read


def test_headings_stay_where_they_are() -> None:
    text = "Limit 10³\n\nFees 2½\n\nAll."
    page = Page(1, text, (Heading(1, "Limit 10³", 0), Heading(2, "Fees 2½", text.index("Fees"))))
    read = spelled_page(page)
    assert [(h.text, read.text[h.start :][: len(h.text)]) for h in read.headings] == [
        ("Limit 10^3", "Limit 10^3"),
        ("Fees 2 1/2", "Fees 2 1/2"),
    ]
