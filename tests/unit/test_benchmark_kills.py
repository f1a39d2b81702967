"""A short run of the kill test: the long one is `python -m benchmarks.kills`."""

from __future__ import annotations

from benchmarks.kills import kill_runs


def test_a_few_kills_leave_nothing_lost_or_wrong() -> None:
    summary = kill_runs(3, seed=3, longest=12)
    assert summary.wrong == []
    assert summary.runs == 3
    assert summary.questions > 0
