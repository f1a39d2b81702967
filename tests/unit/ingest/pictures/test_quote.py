"""A quote is found whatever its line breaks, case and quotation marks."""

from __future__ import annotations

import pytest

from ingest.pictures.quote import find_quote


@pytest.mark.parametrize(
    ("quote", "text", "places"),
    [
        ("two words", "the two\n words, two words", [(4, 14), (16, 25)]),
        ("Two Words", "the two words", [(4, 13)]),
        ("Words", "words and Words", [(10, 15)]),
        ("it's 5", "so it’s５.", [(3, 8)]),
        ("三十天", "年假三十\n天。", [(2, 6)]),
        ("nothing", "something", []),
        ("  ", "a b", []),
    ],
)
def test_places(quote: str, text: str, places: list[tuple[int, int]]) -> None:
    assert find_quote(quote, text) == places
