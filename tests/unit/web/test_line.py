from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from web.line import Line, Place, QueueFull


@pytest.fixture
def line() -> Iterator[Line]:
    line = Line(1, limit=6, each=3, name="test")
    yield line
    line.close()


def held(line: Line) -> tuple[Place, threading.Event]:
    """A place whose work goes on until it is let go."""
    place, go, begun = line.take("first"), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        go.wait(10)

    place.submit(work)
    assert begun.wait(10)
    return place, go


def test_owners_take_turns(line: Line) -> None:
    _, go = held(line)
    done: list[str] = []
    places = []
    for owner, name in [("ann", "a1"), ("ann", "a2"), ("ann", "a3"), ("bob", "b1"), ("cy", "c1")]:
        place = line.take(owner)
        places.append(place)
        place.submit(lambda name=name: done.append(name))  # type: ignore[misc]
    assert [place.ahead() for place in places] == [1, 4, 5, 2, 3]
    go.set()
    for place in places:
        place.future.result(10)
        assert place.ahead() == 0
    assert done == ["a1", "b1", "c1", "a2", "a3"]


def test_the_line_and_each_ones_part_of_it_are_bounded(line: Line) -> None:
    for _ in range(3):
        line.take("ann")
    with pytest.raises(QueueFull, match="3 questions of yours") as raised:
        line.take("ann")
    assert raised.value.retry_after >= 1
    for _ in range(3):
        line.take("")
    with pytest.raises(QueueFull, match="6 questions are waiting"):
        line.take("bob")


def test_who_leaves_is_not_served_and_makes_room(line: Line) -> None:
    first, go = held(line)
    done: list[str] = []
    places = [line.take("ann") for _ in range(3)]
    for number, place in enumerate(places):
        place.submit(lambda number=number: done.append(str(number)))  # type: ignore[misc]
    places[1].leave()
    assert [place.ahead() for place in (places[0], places[2])] == [1, 2]
    line.take("ann")
    go.set()
    places[2].future.result(10)
    assert done == ["0", "2"]
    assert places[1].future.cancelled()
    first.leave()


def test_closing_begins_nothing_more(line: Line) -> None:
    _, go = held(line)
    waiting = line.take("ann")
    waiting.submit(lambda: None)
    threading.Timer(0.05, go.set).start()
    line.close()
    assert waiting.future.cancelled()
    with pytest.raises(RuntimeError):
        line.take("bob").submit(lambda: None)
