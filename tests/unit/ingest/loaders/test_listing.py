"""Numbers as lists print them."""

from __future__ import annotations

import pytest

from ingest.loaders.listing import formatted


@pytest.mark.parametrize(
    ("number", "style", "printed"),
    [
        (3, "decimal", "3"),
        (3, "decimalZero", "03"),
        (27, "lowerLetter", "aa"),
        (2, "upperLetter", "B"),
        (49, "lowerRoman", "xlix"),
        (1994, "upperRoman", "MCMXCIV"),
        (12, "chineseCounting", "十二"),
        (11, "ordinal", "11th"),
        (22, "ordinal", "22nd"),
        (0, "lowerRoman", "0"),
        (5, "unknownStyle", "5"),
    ],
)
def test_formats(number: int, style: str, printed: str) -> None:
    assert formatted(number, style) == printed
