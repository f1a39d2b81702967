"""Intervals and tests against scipy's."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

from eval.stats import estimate, estimate_by, mcnemar, paired_difference
from eval.types import Score


def binary(values: list[int]) -> list[Score]:
    return [Score(float(v)) for v in values]


def test_the_interval_is_scipys_percentile_bootstrap() -> None:
    values = np.random.default_rng(1).random(80)
    ours = estimate([Score(v) for v in values], seed=3, resamples=4000)
    theirs = scipy.stats.bootstrap(
        (values,), np.mean, n_resamples=4000, method="percentile", rng=np.random.default_rng(2)
    ).confidence_interval
    assert ours.value == pytest.approx(values.mean())
    assert ours.low == pytest.approx(theirs.low, abs=0.006)
    assert ours.high == pytest.approx(theirs.high, abs=0.006)


def test_the_same_seed_gives_the_same_digits() -> None:
    scores = binary([1, 0, 1, 1, 0, 1] * 9)
    assert estimate(scores, seed=5) == estimate(scores, seed=5)
    assert estimate(scores, seed=5) != estimate(scores, seed=6)


def test_ratios_are_pooled_and_unscored_parts_counted() -> None:
    got = estimate([Score(2, 4, 1), Score(1, 1)])
    assert got.value == pytest.approx(3 / 5)
    assert got.scored_value == pytest.approx(3 / 4)
    assert (got.n, got.unscored) == (2, 1)


@pytest.mark.parametrize("right", [0, 20])
def test_all_or_nothing_gets_the_exact_bound(right: int) -> None:
    got = estimate(binary([1] * right + [0] * (20 - right)))
    exact = scipy.stats.binomtest(right, 20).proportion_ci(method="exact")
    assert got.low == pytest.approx(exact.low)
    assert got.high == pytest.approx(exact.high)


def test_percentiles_get_an_interval_around_them() -> None:
    times = np.arange(1.0, 101.0)
    got = estimate_by(100, lambda p: np.median(times[p], axis=1))
    assert got.low < got.value == 50.5 < got.high


@pytest.mark.parametrize(("only_a", "only_b"), [(0, 0), (1, 0), (3, 9), (10, 10), (0, 12)])
def test_mcnemar_is_the_exact_sign_test(only_a: int, only_b: int) -> None:
    a = [True] * only_a + [False] * only_b + [True] * 5
    b = [False] * only_a + [True] * only_b + [True] * 5
    if only_a + only_b == 0:
        assert mcnemar(a, b) == 1.0
    else:
        tail = scipy.stats.binom.cdf(min(only_a, only_b), only_a + only_b, 0.5)
        assert mcnemar(a, b) == pytest.approx(min(1.0, 2 * tail))


def test_a_paired_difference_sees_what_two_intervals_cannot() -> None:
    """15 questions fixed and none broken out of 100: both intervals overlap, the pair does not."""
    before = binary([1] * 50 + [0] * 50)
    after = binary([1] * 65 + [0] * 35)
    assert estimate(after).low < estimate(before).high
    got = paired_difference(before, after)
    assert got.value == pytest.approx(0.15)
    assert got.low > 0
    assert got.p < 0.001
    assert got.test == "McNemar, exact"


def test_graded_scores_are_tested_by_bootstrap() -> None:
    rng = np.random.default_rng(2)
    noise = rng.random(60)
    before, after = [Score(v) for v in noise], [Score(min(1.0, v + 0.1)) for v in noise]
    got = paired_difference(before, after)
    assert got.test == "paired bootstrap"
    assert got.p < 0.01
    same = paired_difference(before, before)
    assert (same.value, same.p) == (0.0, 1.0)


def test_unpaired_sides_are_refused() -> None:
    with pytest.raises(ValueError, match="same items"):
        paired_difference(binary([1]), binary([1, 0]))
