"""Work waiting for threads, in a fair order: each owner in turn, and each owner's work as it came.

Knows nothing of questions.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from rag.errors import PlumbError

_FIRST_GUESS_S = 10.0
_LONGEST_WAIT_S = 300
_WEIGHT_OF_LAST = 0.2


class QueueFull(PlumbError):
    """Too much waits already; worth trying again after `retry_after` seconds."""

    def __init__(self, message: str, retry_after: int = 60) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Place:
    """One place in the line: an executor for one piece of work. Leave it in the end."""

    def __init__(self, line: Line, owner: str) -> None:
        self._line = line
        self.owner = owner
        self.work: Callable[[], Any] | None = None
        self.future: Future[Any] = Future()

    def submit(self, work: Callable[[], Any]) -> Future[Any]:
        """Wait in the line from now on. Raises RuntimeError once the line is shut down."""
        self.work = work
        self._line.enter(self)
        return self.future

    def ahead(self) -> int:
        """How many are before this one; 0 when it is its turn."""
        return self._line.ahead(self)

    def leave(self) -> None:
        """Make room, if the end of the work has not done so already."""
        self._line.leave(self)


class Line:
    """`workers` threads, and at most `limit` places, of which one owner may hold `each`."""

    def __init__(self, workers: int, limit: int, each: int, name: str) -> None:
        self._pool = ThreadPoolExecutor(workers, name)
        self._workers = workers
        self._limit = limit
        self._each = each
        self._lock = threading.Lock()
        self._places: list[Place] = []
        self._waiting: OrderedDict[str, deque[Place]] = OrderedDict()
        self._pace_s = _FIRST_GUESS_S

    def __len__(self) -> int:
        """How many places are held."""
        with self._lock:
            return len(self._places)

    def take(self, owner: str) -> Place:
        """A place for a piece of work; an owner without a name may hold all of them. Raises
        QueueFull."""
        with self._lock:
            held = sum(place.owner == owner for place in self._places)
            if len(self._places) >= self._limit:
                raise QueueFull(
                    f"{self._limit} questions are waiting already; try again in a minute",
                    self._wait_s(len(self._places)),
                )
            if owner and held >= self._each:
                raise QueueFull(
                    f"{held} questions of yours are waiting already; wait for their answers",
                    self._wait_s(held),
                )
            place = Place(self, owner)
            self._places.append(place)
            return place

    def enter(self, place: Place) -> None:
        """Put a place's work at the end of its owner's."""
        with self._lock:
            self._waiting.setdefault(place.owner, deque()).append(place)
        self._pool.submit(self._next)

    def ahead(self, place: Place) -> int:
        """How many are before a place."""
        with self._lock:
            own = self._waiting.get(place.owner, deque())
            if place not in own:
                return 0
            turn = own.index(place)
            before = turn
            earlier = True
            for owner, places in self._waiting.items():
                if owner == place.owner:
                    earlier = False
                else:
                    before += min(len(places), turn + earlier)
            return before + 1

    def leave(self, place: Place) -> None:
        """Give up a place; its work does not begin any more."""
        with self._lock:
            self._free(place)
            places = self._waiting.get(place.owner, deque())
            if place in places:
                places.remove(place)
                self._drop_if_empty(place.owner)
        place.future.cancel()

    def close(self) -> None:
        """Begin nothing more, and wait for what has begun. Safe to call twice."""
        with self._lock:
            waiting = [place for places in self._waiting.values() for place in places]
            self._waiting.clear()
        for place in waiting:
            place.future.cancel()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _next(self) -> None:
        with self._lock:
            if not self._waiting:
                return
            owner, places = next(iter(self._waiting.items()))
            place = places.popleft()
            self._waiting.move_to_end(owner)
            self._drop_if_empty(owner)
        if place.work is None or not place.future.set_running_or_notify_cancel():
            return
        begun = time.monotonic()
        try:
            result = place.work()
        except BaseException as err:
            place.future.set_exception(err)
        else:
            place.future.set_result(result)
        with self._lock:
            # Not only when it is left: who does not read an answer that is there holds nobody up.
            self._free(place)
        spent = time.monotonic() - begun
        self._pace_s += _WEIGHT_OF_LAST * (spent - self._pace_s)

    def _free(self, place: Place) -> None:
        if place in self._places:
            self._places.remove(place)

    def _drop_if_empty(self, owner: str) -> None:
        if not self._waiting[owner]:
            del self._waiting[owner]

    def _wait_s(self, ahead: int) -> int:
        """Until one of so many is likely to be done."""
        wait = self._pace_s * max(1, ahead - self._workers + 1) / self._workers / 2
        return min(_LONGEST_WAIT_S, max(1, math.ceil(wait)))
