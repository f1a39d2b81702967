"""What counts as a fall against the baseline."""

from __future__ import annotations

from benchmarks.short import RECALL, TOLERANCE, falls


def test_slower_and_less_exact_are_falls_and_noise_is_not() -> None:
    before = {"hybrid/embedding": 2.0, "recall@10": 0.98, "help/bare": 3.0}
    same = {"hybrid/embedding": 2.0 * TOLERANCE, "recall@10": 0.98 - RECALL / 2, "help/bare": 1.0}
    assert falls(same, before) == []
    worse = {"hybrid/embedding": 2.1 * TOLERANCE, "recall@10": 0.98 - 2 * RECALL}
    assert [fall.name for fall in falls(worse, before)] == [
        "hybrid/embedding",
        "recall@10",
        "help/bare",
    ]
