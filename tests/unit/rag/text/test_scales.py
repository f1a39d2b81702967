"""Amounts in the scales of two languages."""

from __future__ import annotations

import pytest

from rag.text.scales import restated, spellings
from rag.types import Language


@pytest.mark.parametrize(
    ("text", "language", "told"),
    [
        ("收入 2.286 亿元。", "en", "收入 228.6 million yuan。"),
        ("利润 2,310 万元", "en", "利润 23.1 million yuan"),
        ("共 3 万人", "en", "共 30 thousand 人"),
        ("Revenue was RMB 903.7 million.", "zh", "Revenue was RMB 9.037 亿."),
        ("EUR 4.8 Million", "zh", "EUR 480 万"),
        ("收入 2.286 亿元。", "zh", "收入 2.286 亿元。"),
        ("RMB 903.7 million, 3 millionaires", "en", "RMB 903.7 million, 3 millionaires"),
        ("3 millionaires in 2024", "zh", "3 millionaires in 2024"),
        ("5 thousand", "zh", "5 thousand"),
    ],
)
def test_an_amount_is_put_into_the_scale_of_the_answer(
    text: str, language: Language, told: str
) -> None:
    assert restated(text, language) == told


def test_spellings_are_those_of_every_scale() -> None:
    assert {"2.286", "228.6", "0.2286", "22860", "228600000"} <= spellings("收入 ２.286 亿元")
    assert "480" in spellings("EUR 4.8 million")
    assert spellings("in 2024, 17 people") == set()
