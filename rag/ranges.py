"""Ranges: whether a number that is asked for lies in the range that a row of a table is for.

A tariff has a row for "51 to 150 km" and one for "up to 50 km"; words alone do not tell which of
them a customer 100 km away pays. Pure functions.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.quantities import MEASURES, Quantity, quantities
from rag.tables import Row
from rag.text import fold_width, simplify

_N = r"(?<![\w.,-])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?![\d,.]*\d)"
_BETWEEN = re.compile(
    rf"(?P<low>{_N})\s*(?P<mid>[^\W\d]{{0,10}}?)\s*(?:to|up to|[-–—~]|至|到)\s*"
    rf"(?P<high>(?:\d{{1,3}}(?:,\d{{3}})+|\d+)(?:\.\d+)?)"
)
_MOST = re.compile(
    rf"(?:\b(?:up to|at most|not more than|no more than|within|under|below|less than|until)|"
    rf"不超过|不足|不到|少于|低于|小于|至多)\s*(?P<high>{_N})"
    rf"|(?P<before>{_N})\s*[^\W\d]{{0,4}}?\s*(?:以内|以下|及以下|之内)"
)
_LEAST = re.compile(
    rf"(?:\b(?:over|above|more than|beyond|from|at least)|超过|多于|高于|大于|至少)\s*(?P<low>{_N})"
    rf"|(?P<before>{_N})\s*[^\W\d]{{0,4}}?\s*(?:以上|及以上|起|and more|or more)"
)
_UNITS = MEASURES | {"people"}
_AHEAD = 24
"""Characters after a number in which its unit stands."""


@dataclass(frozen=True, slots=True)
class Range:
    """From `low` to `high`, both counted in, in a unit of measure or people (`rag.quantities`)."""

    low: float
    high: float
    unit: str

    def holds(self, value: float) -> bool:
        """Whether the value lies in it."""
        return self.low <= value <= self.high


def ranges(text: str) -> list[Range]:
    """The ranges that a text gives, in English or Chinese."""
    folded = simplify(fold_width(text))
    found: list[Range] = []
    taken: list[tuple[int, int]] = []
    for pattern in (_BETWEEN, _MOST, _LEAST):
        for match in pattern.finditer(folded):
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            one = _range(folded, match)
            if one is not None:
                found.append(one)
                taken.append(match.span())
    return found


def in_range(said: str, label: str) -> bool | None:
    """Whether a number of `said` lies in a range of `label` of the same unit; None if `said` has
    no such number, or `label` no range."""
    told = ranges(label)
    if not told:
        return None
    numbers = [q for q in quantities(said) if any(q.unit == r.unit for r in told)]
    if not numbers:
        return None
    return any(r.holds(q.value) for q in numbers for r in told if r.unit == q.unit)


def within(said: str, text: str) -> list[Quantity]:
    """The numbers of `said` that lie in a range that `text` gives."""
    told = ranges(text)
    return [q for q in quantities(said) if any(r.unit == q.unit and r.holds(q.value) for r in told)]


def in_another_band(question: str, row: Row, table: Sequence[Row]) -> bool:
    """Whether the number that is asked for lies outside the range that `row` is for, and inside
    that of another row of `table`."""
    if in_range(question, row.cells[0]) is not False:
        return False
    beside = [other for other in table if other.table == row.table and not other.is_head]
    return any(in_range(question, other.cells[0]) for other in beside)


def _range(text: str, match: re.Match[str]) -> Range | None:
    named = match.groupdict()
    if "mid" in named:
        unit = _unit(text, match.start("high")) or _unit(text, match.start("low"))
        low, high = _value(named["low"]), _value(named["high"])
        return Range(low, high, unit) if low < high and unit else None
    bound = named.get("high") or named.get("low")
    group = "before" if bound is None else ("high" if "high" in named else "low")
    unit, value = _unit(text, match.start(group)), _value(bound or named["before"])
    if not unit:
        return None
    return Range(-math.inf, value, unit) if "high" in named else Range(value, math.inf, unit)


def _value(text: str) -> float:
    return float(text.replace(",", "").rstrip("."))


def _unit(text: str, at: int) -> str:
    found = quantities(text[at : at + _AHEAD])
    return found[0].unit if found and found[0].unit in _UNITS else ""
