"""Amounts in the scales of Chinese and English: 2.286 亿 is 228.6 million.

A small model copies the digits and the wrong scale ("2.286 billion"). So an amount is shown to it
in a scale of the answer's language, and is known by all its spellings where it is looked for. Pure.
"""

from __future__ import annotations

import re
from decimal import Decimal

from rag.text.language import fold_width
from rag.types import Language

_CHINESE = {"万亿": 12, "亿": 8, "千万": 7, "百万": 6, "万": 4}
_ENGLISH = {"trillion": 12, "billion": 9, "million": 6, "thousand": 3}
_WRITTEN: dict[Language, tuple[tuple[str, int], ...]] = {
    "en": (("trillion", 12), ("billion", 9), ("million", 6), ("thousand", 3)),
    "zh": (("万亿", 12), ("亿", 8), ("万", 4)),
}
"""The scales in which an amount is written, greatest first, and their powers of ten."""
_APART: dict[Language, str] = {"en": " ", "zh": ""}
"""What sets an English scale apart from the Chinese unit that follows it."""
_CURRENCIES = {
    "元": "yuan", "人民币": "yuan", "美元": "US dollars", "欧元": "euros", "英镑": "pounds",
    "日元": "yen", "港元": "Hong Kong dollars", "新元": "Singapore dollars",
}  # fmt: skip
"""In English, where an amount is put into an English scale: beside it a Chinese unit was read as
any currency."""
_AMOUNT = r"(?<![\d.,])(?P<digits>\d[\d,]*(?:\.\d+)?)\s?"
_FOREIGN: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        rf"{_AMOUNT}(?P<scale>{'|'.join(_CHINESE)})(?P<unit>{'|'.join(_CURRENCIES)})?"
    ),
    "zh": re.compile(rf"{_AMOUNT}(?P<scale>{'|'.join(_ENGLISH)})\b(?P<unit>)", re.IGNORECASE),
}
_ANY = re.compile(
    rf"{_AMOUNT}(?P<scale>{'|'.join(_CHINESE)}|(?:{'|'.join(_ENGLISH)})\b)", re.IGNORECASE
)
_LEAST = Decimal("0.1")
"""The smallest number that anyone writes before a scale."""


def restated(text: str, language: Language) -> str:
    """`text` with every amount in the other language's scale put into a scale of `language`."""

    def put(match: re.Match[str]) -> str:
        value = _value(match)
        for scale, power in _WRITTEN[language]:
            if value >= 10**power:
                unit = _CURRENCIES.get(match.group("unit") or "")
                after = f" {unit}" if unit else _APART[language]
                return f"{plain(value / 10**power)} {scale}{after}"
        return match.group()

    return _FOREIGN[language].sub(put, text)


def spellings(text: str) -> set[str]:
    """The digits, without thousands separators, in which the scaled amounts of `text` may be
    written in any scale, or in none: 2.286, 228.6, 0.2286, 22860 and more for "2.286 亿"."""
    found = set()
    for match in _ANY.finditer(fold_width(text)):
        value = _value(match)
        for power in {0, *_CHINESE.values(), *_ENGLISH.values()}:
            if (scaled := value / 10**power) >= _LEAST:
                found.add(plain(scaled))
    return found


def _value(match: re.Match[str]) -> Decimal:
    scale = match.group("scale").lower()
    power = _CHINESE.get(scale) or _ENGLISH[scale]
    return Decimal(match.group("digits").replace(",", "")).scaleb(power)


def plain(value: Decimal) -> str:
    """An amount's digits, without exponent and without zeros that say nothing."""
    digits = f"{value:f}"
    return digits.rstrip("0").rstrip(".") if "." in digits else digits
