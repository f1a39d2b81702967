"""Amounts in the scales of two languages."""

from __future__ import annotations

import pytest

from rag.scales import restated, spellings
from rag.types import Language


@pytest.mark.parametrize(
    ("text", "language", "told"),
    [
        ("收入 2.286 亿元。", "en", "收入 2.286 亿元 (228.6 million)。"),
        ("利润 2,310 万元", "en", "利润 2,310 万元 (23.1 million)"),
        ("市值 1.2万亿", "en", "市值 1.2万亿 (1.2 trillion)"),
        ("共 3 万人", "en", "共 3 万人 (30 thousand)"),
        ("Revenue was RMB 903.7 million.", "zh", "Revenue was RMB 903.7 million (9.037 亿)."),
        ("EUR 4.8 Million", "zh", "EUR 4.8 Million (480 万)"),
        ("收入 2.286 亿元。", "zh", "收入 2.286 亿元。"),
        ("RMB 903.7 million, 3 millionaires", "en", "RMB 903.7 million, 3 millionaires"),
        ("3 millionaires in 2024", "zh", "3 millionaires in 2024"),
        ("5 thousand", "zh", "5 thousand"),
    ],
)
def test_an_amount_is_said_in_the_other_scale_too(text: str, language: Language, told: str) -> None:
    assert restated(text, language) == told


def test_spellings_are_those_of_every_scale() -> None:
    assert {"2.286", "228.6", "0.2286", "22860", "228600000"} <= spellings("收入 ２.286 亿元")
    assert "480" in spellings("EUR 4.8 million")
    assert spellings("in 2024, 17 people") == set()
