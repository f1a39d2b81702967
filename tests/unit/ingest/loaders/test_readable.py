"""Gibberish is told from text of any language."""

from __future__ import annotations

import pytest

from ingest.loaders.readable import is_gibberish

SHIFTED = "5XOHV IRU WKH XVH RI WKH FROG VWRUH 7KH GRRU LV FORVHG ZLWKLQ WZR PLQXWHV " * 3


def test_shifted_letters_are_gibberish() -> None:
    assert is_gibberish(SHIFTED)


@pytest.mark.parametrize(
    "text",
    [
        "The door is closed within two minutes, and nobody works below minus twenty degrees. " * 2,
        "Dveře se zavírají do dvou minut a nikdo nepracuje pod minus dvaceti stupni. " * 2,
        "冷藏箱运输后应直立静置不少于四小时。" * 10,
        "4711 0815 2026 1234 " * 20,
        "x" * 500,
        "XKCD",
    ],
)
def test_text_is_not(text: str) -> None:
    assert not is_gibberish(text)
