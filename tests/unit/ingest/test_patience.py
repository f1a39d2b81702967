"""When files are still, and when gone for good; time is the test's."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.files import Found
from ingest.patience import Patience
from rag.types import Place


class Time:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def patience(self, settle_s: float = 2.0, grace_s: float = 60.0) -> Patience:
        return Patience(settle_s, grace_s, lambda: self.now, lambda: int(self.now * 1e9))

    def found(self, size: int, changed_s: float, name: str = "a.txt") -> Found:
        path = Path("/x") / name
        return Found(path, path, size, f"{size} {int(changed_s * 1e9)} {int(changed_s * 1e9)}")


@pytest.fixture
def clock() -> Time:
    return Time()


def place(name: str) -> Place:
    return Place(f"/x/{name}", name, name)


def test_a_file_left_alone_long_ago_is_read_at_once_and_once(clock: Time) -> None:
    patience = clock.patience()
    old = clock.found(5, clock.now - 100)
    assert patience.is_ready(old)
    assert not patience.is_ready(old)
    assert patience.is_ready(clock.found(6, clock.now - 50))
    patience.forget_taken()
    assert patience.is_ready(old)


def test_a_growing_file_waits_until_it_is_still(clock: Time) -> None:
    patience = clock.patience()
    for size in range(5):
        assert not patience.is_ready(clock.found(size, clock.now))
        clock.now += 1
    last = clock.found(5, clock.now)
    assert not patience.is_ready(last)
    assert patience.is_waiting
    clock.now += 2
    assert patience.is_ready(last)
    assert not patience.is_waiting


def test_a_file_dated_in_the_future_is_read_too(clock: Time) -> None:
    patience = clock.patience()
    ahead = clock.found(5, clock.now + 10_000)
    assert not patience.is_ready(ahead)
    clock.now += 2
    assert patience.is_ready(ahead)


def test_a_file_that_goes_while_it_grows_is_not_waited_for(clock: Time) -> None:
    patience = clock.patience()
    assert not patience.is_ready(clock.found(5, clock.now))
    patience.ripe([])
    assert patience.is_waiting
    patience.ripe([])
    assert not patience.is_waiting


def test_what_is_gone_is_given_time_to_come_back(clock: Time) -> None:
    patience = clock.patience()
    assert patience.ripe([place("a"), place("b")]) == []
    clock.now += 30
    assert patience.is_waiting
    assert patience.ripe([place("a")]) == []
    clock.now += 30
    assert patience.ripe([place("a"), place("b")]) == [place("a")]
    clock.now += 60
    assert patience.ripe([place("b")]) == [place("b")]
    assert not patience.is_waiting


def test_a_file_that_comes_back_as_it_was_is_read_again(clock: Time) -> None:
    patience = clock.patience(grace_s=0)
    old = clock.found(5, clock.now - 100, "a")
    assert patience.is_ready(old)
    assert patience.ripe([place("a")]) == [place("a")]
    assert patience.is_ready(old)
