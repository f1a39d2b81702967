"""When a watched folder's files are fit to be read, and what vanished to be removed.

A half-copied file grows: it waits until it has been still for a while. A file that vanished may
come back: an editor writes a new one in its place, a share is mounted again. Knows nothing of
how files are read; time is handed in, so that tests need not wait.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from ingest.files import Found, changed_ns
from rag.types import Place


class Patience:
    """What was seen of files at earlier looks. `settle_s` is how long a file has to be still,
    `grace_s` how long one has to be gone; `clock` counts seconds, `now_ns` is the time of day."""

    def __init__(
        self,
        settle_s: float,
        grace_s: float,
        clock: Callable[[], float] = time.monotonic,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._settle_s, self._grace_s = settle_s, grace_s
        self._clock, self._now_ns = clock, now_ns
        self._taken: dict[str, str] = {}
        self._moving: dict[str, tuple[str, float]] = {}
        self._missing: dict[str, float] = {}
        self._met: set[str] = set()

    @property
    def is_waiting(self) -> bool:
        """Whether some file is not still yet, or not gone for long enough."""
        now = self._clock()
        return bool(self._moving) or any(now - t < self._grace_s for t in self._missing.values())

    @property
    def waiting(self) -> tuple[str, ...]:
        """The paths of files that are not still yet."""
        return tuple(self._moving)

    def is_ready(self, found: Found) -> bool:
        """Whether to read the file now: it is still, and was not read in this state before."""
        path = str(found.real)
        self._met.add(path)
        if self._taken.get(path) == found.stamp:
            self._moving.pop(path, None)
            return False
        stamp, since = self._moving.get(path, ("", 0.0))
        if stamp != found.stamp:
            since = self._clock()
        still_s = max(self._clock() - since, (self._now_ns() - changed_ns(found.stamp)) / 1e9)
        if still_s < self._settle_s:
            self._moving[path] = (found.stamp, since)
            return False
        self._moving.pop(path, None)
        self._taken[path] = found.stamp
        return True

    def ripe(self, gone: Sequence[Place]) -> list[Place]:
        """Those of the vanished that have been gone for long enough. To be asked at the end of
        every look: a place that is not named is there again."""
        now = self._clock()
        self._missing = {place.path: self._missing.get(place.path, now) for place in gone}
        for place in gone:
            self._taken.pop(place.path, None)
        self._moving = {path: seen for path, seen in self._moving.items() if path in self._met}
        self._met.clear()
        return [place for place in gone if now - self._missing[place.path] >= self._grace_s]

    def forget_taken(self) -> None:
        """Read everything again that the collection does not hold: the last run failed as such."""
        self._taken.clear()
