"""Numbers in English and Chinese text as values with units, however they are written.

`1,200`, `1200`, full-width `１２００`, `一千二百` and `0.12万` are one value.
Pure functions.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from rag.text.language import fold_width, simplify

_DIGITS = {char: i for i, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_PLACES = {"十": 10, "百": 100, "千": 1000}
_SECTIONS = {"万": 10**4, "亿": 10**8}
_HAN = "零〇一二两三四五六七八九十百千万亿"
_SCALES = {
    "万": 1e4, "亿": 1e8, "千": 1e3, "百": 1e2, "万亿": 1e12, "百万": 1e6, "千万": 1e7,
    "hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12,
    "mn": 1e6, "bn": 1e9,
}  # fmt: skip
_TEENS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_WORDS = {word: float(i) for i, word in enumerate(_TEENS)} | {
    word: 10.0 * i for i, word in enumerate(_TENS, start=2)
}
_ORDINALS = {
    "first": 1.0, "second": 2.0, "third": 3.0, "fourth": 4.0, "fifth": 5.0, "sixth": 6.0,
    "seventh": 7.0, "eighth": 8.0, "ninth": 9.0, "tenth": 10.0,
}  # fmt: skip
_MONTH_NAMES = (
    "january|jan", "february|feb", "march|mar", "april|apr", "may", "june|jun", "july|jul",
    "august|aug", "september|sept|sep", "october|oct", "november|nov", "december|dec",
)  # fmt: skip
MONTHS = {
    name: float(i) for i, names in enumerate(_MONTH_NAMES, start=1) for name in names.split("|")
}
"""The number of each month's English name, short or long, in lower case."""
_UNITS = {
    "%": "%", "percent": "%", "per cent": "%", "个百分点": "%", "年": "year", "月": "month",
    "个月": "months", "month": "months", "months": "months", "日": "day", "号": "day",
    "天": "days", "day": "days", "days": "days", "小时": "hour", "个小时": "hour", "hour": "hour",
    "hours": "hour", "h": "hour", "分钟": "minute", "minute": "minute", "minutes": "minute",
    "min": "minute", "周": "week",
    "week": "week", "weeks": "week", "年间": "years", "years": "years", "year": "years",
    "岁": "age",
    "公里": "km", "千米": "km", "km": "km", "kilometers": "km", "kilometres": "km",
    "miles": "mile", "mile": "mile", "英里": "mile", "米": "m", "meters": "m", "metres": "m",
    "公斤": "kg", "千克": "kg", "kg": "kg", "吨": "t", "tons": "t", "tonnes": "t",
    "美元": "usd", "dollars": "usd", "usd": "usd", "元": "cny", "人民币": "cny", "yuan": "cny",
    "rmb": "cny", "欧元": "eur", "euros": "eur", "eur": "eur", "日元": "jpy", "英镑": "gbp",
    "pounds": "gbp", "人": "people", "名": "people", "位": "people", "people": "people",
    "世纪": "century", "century": "century", "年代": "decade", "度": "degree",
    "摄氏度": "degree", "°c": "degree", "degrees": "degree", "degree": "degree",
}  # fmt: skip
_LOOSE = frozenset({"", "people", "years", "year"})
"""Units that are often left out or written otherwise; they agree with everything but each other."""

_UNIT = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_SCALE = "|".join(sorted(_SCALES, key=len, reverse=True))
_NUMBER = re.compile(
    rf"(?P<sign>(?<![\w.])[$¥€£])?"
    rf"(?:(?P<arabic>(?<![a-z\d.,])\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|(?<![a-z\d.])\d+(?:\.\d+)?)"
    rf"|(?P<han>(?<![{_HAN}])[{_HAN}]+(?:点[{_HAN}]+)?)"
    rf"|(?P<word>\b(?:{'|'.join([*_WORDS, *_ORDINALS])})\b(?:-(?:{'|'.join(_WORDS)})\b)?))"
    rf"(?P<ordinal>(?:st|nd|rd|th)\b)?(?P<many>s\b)?"
    rf"(?:\s?(?P<scale>{_SCALE})(?![a-z]))?"
    rf"(?:[\s-]?(?P<unit>{_UNIT})(?![a-z]))?"
)
_MONTH = re.compile(
    rf"\b(?P<month>{'|'.join(sorted(MONTHS, key=len, reverse=True))})\b\.?"
    r"(?=\s\d|,?\s(?:of\s)?\d{4})|(?<=\d\s)\b(?P<after>january|february|march|april|may|june|july|"
    r"august|september|october|november|december)\b"
)
_MINUS = re.compile(r"(?:(?<![\w)\]])[-−–]|\b(?:minus|negative)\s|(?:负|零下)\s?)$")
_FALLING = re.compile(
    r"\b(?:fell|falls?|fallen|dropped|drops?|declined?|decreased?|shrank|down|lost|lower)\b"
    r"[^,.;|]{0,24}$|(?:下降|减少|降低|下滑|下跌|缩减|亏损)[^,。;|]{0,8}$"
)
_RISING = re.compile(
    r"\b(?:grew|grows?|grown|growth|rose|rises?|risen|increased?|climbed|gained|up|higher)\b"
    r"[^,.;|]{0,24}$|(?:增长|上升|提高|增加|上涨|增多)[^,。;|]{0,8}$"
)
_TELLING_DIGITS = 3
"""Digits from which a number without its scale is not taken for another by chance."""
_BEFORE = 40
"""Characters before a number in which a word of rising or falling counts."""
_STATED = re.compile(
    r"(?:\b(?:RMB|CNY|EUR|USD|GBP|SGD|in|yuan|euros?|dollars?)|[$€£¥])\s+"
    r"(thousand|million|billion)\b|(?<![\d.零〇一二两三四五六七八九十百千万亿])"
    r"(?<![\d.]\s)(百万|千万|万|亿)(?=元|美元|欧元)",
    re.IGNORECASE,
)
"""A scale without a number: after a currency in English, before one in Chinese."""
_SIGNS = {"$": "usd", "¥": "cny", "€": "eur", "£": "gbp"}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value in its unit (canonical name, empty if none); `text` is how the folded text puts it.

    `plain` is the value before its scale (2.5 of "2.5 million"). `change` is -1 or 1 where the
    words before it speak of falling or rising, else 0.
    """

    value: float
    unit: str
    text: str
    plain: float = 0.0
    change: int = 0


def quantities(text: str) -> list[Quantity]:
    """All numbers of `text` in order, months of dates included (unit "month").

    A lone Chinese 一 or English "one" without a unit is not a number: it is an article.
    """
    folded = simplify(fold_width(text))
    found = [
        Quantity(MONTHS[name], "month", name)
        for match in _MONTH.finditer(folded)
        if (name := match.group("month") or match.group("after"))
    ]
    for match in _NUMBER.finditer(folded):
        quantity = _quantity(match)
        if quantity is not None:
            found.append(_directed(quantity, folded[: match.start()]))
    return found


def stated_scales(text: str) -> frozenset[float]:
    """The scales that `text` states for numbers elsewhere in it: 1e6 for "RMB million", 百万元."""
    folded = simplify(fold_width(text))
    found = (match.group(1) or match.group(2) for match in _STATED.finditer(folded))
    return frozenset(_SCALES[scale.lower()] for scale in found)


def agree(a: Quantity, b: Quantity, scales: Collection[float] = ()) -> bool:
    """Whether two quantities are the same value in units that do not contradict each other, and
    neither rises where the other falls: "fell by 2" agrees with "-2" and "2", "grew by 2" not with
    "-2", nor does a bare 2. `scales` are those that a table may state for its bare numbers; where
    none is known, any will do."""
    if not _same_value(a, b, scales):
        return False
    if _direction(a) * _direction(b) < 0:
        return False
    if (a.value < 0) != (b.value < 0) and max(a, b, key=lambda q: q.value).change >= 0:
        return False
    return a.unit == b.unit or a.unit in _LOOSE or b.unit in _LOOSE


def _same_value(a: Quantity, b: Quantity, scales: Collection[float]) -> bool:
    """Equal, or equal but for a scale that a table states once for all: 108.6 under "million"."""
    if math.isclose(abs(a.value), abs(b.value), rel_tol=1e-6):
        return True
    scaled, bare = (a, b) if abs(a.value) > abs(b.value) else (b, a)
    telling = len(f"{bare.plain:g}".replace(".", "").strip("0")) >= _TELLING_DIGITS
    if not telling or bare.unit or bare.value != bare.plain or scaled.value == scaled.plain:
        return False
    if not scales:
        return bare.plain == scaled.plain
    sizes = (abs(bare.value) * scale for scale in scales)
    return any(math.isclose(size, abs(scaled.value), rel_tol=1e-6) for size in sizes)


def _direction(quantity: Quantity) -> int:
    return -1 if quantity.value < 0 else quantity.change


def missing(
    claimed: Iterable[Quantity], held: Sequence[Quantity], scales: Collection[float] = ()
) -> list[Quantity]:
    """The quantities of `claimed` that agree with none of `held`; `scales` as `agree` has them."""
    return [claim for claim in claimed if not any(agree(claim, other, scales) for other in held)]


def _directed(quantity: Quantity, before: str) -> Quantity:
    """The quantity with its sign, and with the rise or fall that the words before it tell of."""
    near = before[-_BEFORE:]
    if minus := _MINUS.search(near):
        return replace(
            quantity,
            value=-quantity.value,
            plain=-quantity.plain,
            text=minus.group() + quantity.text,
        )
    if _FALLING.search(near):
        return replace(quantity, change=-1)
    return replace(quantity, change=int(_RISING.search(near) is not None))


def _quantity(match: re.Match[str]) -> Quantity | None:
    unit = _UNITS.get(match.group("unit") or "", "")
    scale = _SCALES.get(match.group("scale") or "", 1.0)
    if match.group("arabic"):
        value = float(match.group("arabic").replace(",", ""))
        if not unit and scale == 1.0 and match.group("arabic").isdigit() and 1000 <= value <= 2100:
            unit = "year"
    elif match.group("han"):
        value = _han_value(match.group("han"))
        if len(match.group("han")) == 1 and not unit:
            return None
    else:
        value = _word_value(match.group("word"))
        if value <= 1.0 and not unit:
            return None
    if sign := match.group("sign"):
        unit = _SIGNS[sign]
    return Quantity(value * scale, unit, match.group(), value)


def _word_value(text: str) -> float:
    return sum(_WORDS.get(part, _ORDINALS.get(part, 0.0)) for part in text.split("-"))


def _han_value(text: str) -> float:
    whole, _, fraction = text.partition("点")
    value = float(_han_integer(whole))
    for place, char in enumerate(fraction, start=1):
        value += _DIGITS.get(char, 0) / 10**place
    return value


def _han_integer(text: str) -> int:
    """三千零五十 -> 3050, 二〇一九 -> 2019, 一亿二千万 -> 120000000."""
    if not any(char in _PLACES or char in _SECTIONS for char in text):
        return int("".join(str(_DIGITS[char]) for char in text))
    total = section = digit = 0
    for char in text:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char in _PLACES:
            section += (digit or 1) * _PLACES[char]
            digit = 0
        else:
            total = (total + section + digit or 1) * _SECTIONS[char]
            section = digit = 0
    return total + section + digit
