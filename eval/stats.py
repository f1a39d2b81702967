"""Intervals and tests: percentile bootstrap, paired bootstrap, McNemar's exact test.

Everything random takes a seed; the same seed gives the same digits on the same numpy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from eval.errors import require
from eval.types import Score

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
RESAMPLES = 1000
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A metric over `n` items with its 95 % interval. `unscored` parts are in `value` at their
    worst; `scored_value` leaves them out and is the best that may be hoped for."""

    value: float
    low: float
    high: float
    n: int
    unscored: int = 0
    scored_value: float | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """`b - a` on the same items, with its interval, p-value and the test that gave it."""

    value: float
    low: float
    high: float
    p: float
    test: str
    n: int
    a: float
    b: float


@lru_cache(maxsize=32)
def weights(n: int, seed: int, resamples: int = RESAMPLES) -> Floats:
    """How often each of `n` items occurs in each resample; shape [resamples, n], not to be
    written to: the same array is handed out again."""
    rng = np.random.default_rng(seed)
    counts = rng.multinomial(n, np.full(n, 1 / n), size=resamples).astype(np.float64)
    counts.setflags(write=False)
    return counts


def interval(values: Floats) -> tuple[float, float]:
    """The middle 95 % of the resampled values (Efron's percentile interval), NaN left out."""
    known = values[~np.isnan(values)]
    if not len(known):
        return float("nan"), float("nan")
    tail = 50 * (1 - LEVEL)
    low, high = np.percentile(known, [tail, 100 - tail])
    return float(low), float(high)


def estimate(scores: Sequence[Score], seed: int = 0, resamples: int = RESAMPLES) -> Estimate:
    """The ratio of sums over items, resampled by item. Raises ValueError without items.

    Where every item is perfect, or none has anything, resampling shows no spread at all; the
    bound is then the exact one for as many items (Clopper and Pearson, 1934).
    """
    if not scores:
        raise ValueError("no item has this metric")
    num, den = _columns(scores)
    unscored = sum(s.unscored for s in scores)
    if bool((num == den).all()):
        low, high = ((1 - LEVEL) / 2) ** (1 / len(scores)), 1.0
    elif not num.any():
        low, high = 0.0, 1 - ((1 - LEVEL) / 2) ** (1 / len(scores))
    else:
        low, high = interval(_ratios(num, den, weights(len(scores), seed, resamples)))
    value = float(num.sum() / den.sum())
    scored = float(den.sum() - unscored)
    lenient = float(num.sum() / scored) if unscored and scored > 0 else None
    return Estimate(value, low, high, len(scores), round(unscored), lenient)


def estimate_by(
    n: int, statistic: Callable[[Places], Floats], seed: int = 0, resamples: int = 500
) -> Estimate:
    """The interval of what is no ratio of sums (a percentile, an area).

    `statistic` maps item places, shape [resamples, n], to one value each, shape [resamples].
    """
    rng = np.random.default_rng(seed)
    low, high = interval(statistic(rng.integers(0, n, (resamples, n))))
    return Estimate(float(statistic(np.arange(n)[None])[0]), low, high, n)


def paired_difference(
    a: Sequence[Score], b: Sequence[Score], seed: int = 0, resamples: int = RESAMPLES
) -> Difference:
    """`b - a` for the same items in the same order.

    Interval by resampling items (Koehn, 2004, for the paired use). The test is McNemar's exact one
    when every item is 0 or 1, else the two-sided share of resamples across zero.
    """
    if len(a) != len(b) or not a:
        raise ValueError("a paired difference needs the same items on both sides, at least one")
    counts = weights(len(a), seed, resamples)
    (num_a, den_a), (num_b, den_b) = _columns(a), _columns(b)
    deltas = _ratios(num_b, den_b, counts) - _ratios(num_a, den_a, counts)
    low, high = interval(deltas)
    value_a, value_b = float(num_a.sum() / den_a.sum()), float(num_b.sum() / den_b.sum())
    if _binary(a) and _binary(b):
        p, test = mcnemar([s.num == 1 for s in a], [s.num == 1 for s in b]), "McNemar, exact"
    else:
        p, test = _bootstrap_p(deltas), "paired bootstrap"
    return Difference(value_b - value_a, low, high, p, test, len(a), value_a, value_b)


def mcnemar(a: Sequence[bool], b: Sequence[bool]) -> float:
    """Two-sided p-value of McNemar's exact test (1947): a sign test over the pairs that differ.

    1.0 when no pair differs.
    """
    only_a = sum(x and not y for x, y in zip(a, b, strict=True))
    only_b = sum(y and not x for x, y in zip(a, b, strict=True))
    if only_a + only_b == 0:
        return 1.0
    scipy = require("scipy.stats", "McNemar's test")
    return float(scipy.binomtest(only_a, only_a + only_b, 0.5).pvalue)


def _columns(scores: Sequence[Score]) -> tuple[Floats, Floats]:
    return np.array([s.num for s in scores]), np.array([s.den for s in scores])


def _ratios(num: Floats, den: Floats, counts: Floats) -> Floats:
    below = counts @ den
    out: Floats = np.where(below == 0, np.nan, (counts @ num) / np.where(below == 0, 1, below))
    return out


def _binary(scores: Sequence[Score]) -> bool:
    return all(s.den == 1 and s.num in (0, 1) for s in scores)


def _bootstrap_p(deltas: Floats) -> float:
    known = deltas[~np.isnan(deltas)]
    least = min((known <= 0).sum(), (known >= 0).sum())
    return float(min(1.0, 2 * (least + 1) / (len(known) + 1)))
