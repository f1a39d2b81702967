"""How well what would be shown answers, read in place of a passage."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from rag.checking.align import Quote
from rag.check import Claim
from rag.relevance import relevance
from tests.builders import hit

ROW = "| Singapore | SGD 220 |"


class _KnowsHotels:
    def score(self, question: str, passages: Sequence[str]) -> list[float]:
        return [0.9 if "Hotels" in passage else 0.1 for passage in passages]


def _shown(heading: str) -> list[Claim]:
    quote = Quote(hit(ROW, "travel.md", heading=heading), 0, len(ROW), 1.0)
    return [Claim("Singapore: SGD 220", "", "supported", 0.9, (quote,))]


@pytest.mark.parametrize(
    ("question", "heading", "cited", "expected"),
    [
        ("What is the hotel limit?", "Hotels", 0.5, 0.9),
        ("What is the hotel limit?", "Flights", 0.5, 0.1),
        ("Is there a limit?", "Flights", 0.5, 0.5),
        ("Is there a limit?", "Hotels", 0.5, 0.9),
    ],
)
def test_it_is_read_under_the_titles_of_what_it_quotes(
    question: str, heading: str, cited: float, expected: float
) -> None:
    assert relevance(question, _shown(heading), cited, _KnowsHotels()) == expected


def test_without_a_scorer_it_is_whether_something_is_shown() -> None:
    assert relevance("What?", _shown("Hotels"), 0.5, None) == 1.0
    assert relevance("What?", [], 0.5, None) == 0.0
    assert relevance("What?", [], 0.5, _KnowsHotels()) == 0.0
