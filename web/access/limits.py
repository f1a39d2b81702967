"""How often someone may do something: token buckets by who it is. Pure but for the clock."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable

from rag.errors import PlumbError

MOST_REMEMBERED = 10_000


class TooOften(PlumbError):
    """Too many requests in too short a time; worth trying again after `retry_after` seconds."""

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Rate:
    """At most `per_minute` a minute each, all of them at once if need be."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._burst = per_minute
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, who: str) -> None:
        """Count one. Raises TooOften when there is none left."""
        left = self._refilled(who)
        if left < 1:
            wait = math.ceil((1 - left) * 60 / self._burst)
            raise TooOften(
                f"more than {self._burst} requests a minute: try again in {wait} s", wait
            )
        self._left[who] = (left - 1, self._clock())

    def _refilled(self, who: str) -> float:
        now = self._clock()
        left, since = self._left.pop(who, (float(self._burst), now))
        left = min(self._burst, left + (now - since) * self._burst / 60)
        self._left[who] = (left, now)
        if len(self._left) > MOST_REMEMBERED:
            self._left.popitem(last=False)
        return left
