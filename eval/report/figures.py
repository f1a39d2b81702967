"""Numbers as people read them: shares as percent, times in seconds, intervals beside."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from eval.metrics.catalogue import METRICS


def value(name: str, number: float | None) -> str:
    """A metric's value in its unit."""
    if number is None or math.isnan(number):
        return "–"
    unit = METRICS[name].unit if name in METRICS else "share"
    if unit == "share":
        return f"{100 * number:.1f} %"
    if unit == "ms":
        return f"{number / 1000:.2f} s" if number >= 1000 else f"{number:.0f} ms"
    return f"{number:,.0f} {unit if unit == 'MB' else ''}".strip()


def interval(name: str, estimate: Mapping[str, Any]) -> str:
    """The 95 % interval of an estimate or a difference, in the metric's unit."""
    low, high = estimate["low"], estimate["high"]
    if low is None or high is None or math.isnan(low) or math.isnan(high):
        return "–"
    if METRICS[name].unit == "share":
        return f"{100 * low + 0.0:.1f} to {100 * high + 0.0:.1f}"
    return f"{value(name, low)} to {value(name, high)}"


def difference(name: str, number: float) -> str:
    """A signed difference; shares in percentage points."""
    if METRICS[name].unit == "share":
        return f"{100 * number + 0.0:+.1f}"
    sign = "+" if number >= 0 else "−"
    return sign + value(name, abs(number))


def p_value(p: float) -> str:
    """A p-value as it is usually printed."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def verdict(name: str, diff: Mapping[str, Any]) -> str:
    """`better`, `worse`, or `same` when the interval of the difference holds zero."""
    if diff["low"] <= 0 <= diff["high"]:
        return "same"
    good = (diff["value"] > 0) == (METRICS[name].better == "higher")
    return "better" if good else "worse"


def plain(number: float | None, places: int = 3) -> str:
    """A bare number, or a dash for one that is missing."""
    return "–" if number is None or math.isnan(number) else f"{number:.{places}f}"


def duration(ms: float) -> str:
    """Milliseconds as ms or s."""
    return f"{ms / 1000:.2f} s" if ms >= 1000 else f"{ms:.0f} ms"
