"""How often someone may do something: token buckets by who it is, of one instance or of all."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

from rag.errors import PlumbError
from web.state import Kept, Tables, open_database

MOST_REMEMBERED = 10_000


class TooOften(PlumbError):
    """Too many requests in too short a time; worth trying again after `retry_after` seconds."""

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


RATES = Tables(
    "rates.db",
    ("CREATE TABLE rates (who {text} PRIMARY KEY, full_at {real} NOT NULL)",),
    lambda where, err: PlumbError(f"tries to sign in cannot be counted in {where}: {err}"),
    alone=True,
    hasty=True,
)


class Limit(Protocol):
    """Counts what someone does."""

    def take(self, who: str) -> None:
        """Count one. Raises TooOften when there is none left."""


class SharedRate:
    """At most `per_minute` a minute each, whichever instance over the database counts."""

    def __init__(self, kept: Kept, per_minute: int, clock: Callable[[], float] = time.time) -> None:
        self._database = open_database(kept, RATES)
        self._each_s = 60 / per_minute
        self._per_minute = per_minute
        self._clock = clock

    def take(self, who: str) -> None:
        """Count one. Raises TooOften when there is none left, StoreUnavailable."""
        now = self._clock()
        with self._database.writing() as db:
            # What is kept is when the bucket is full again (the generic cell rate algorithm).
            db.execute("DELETE FROM rates WHERE full_at < ?", (now,))
            found = db.execute("SELECT full_at FROM rates WHERE who = ?", (who,)).fetchone()
            full_at = (found[0] if found else now) + self._each_s
            if full_at <= now + 60.0:
                db.execute(
                    "INSERT INTO rates VALUES (?, ?) ON CONFLICT (who) "
                    "DO UPDATE SET full_at = excluded.full_at",
                    (who, full_at),
                )
                return
        raise _too_often(self._per_minute, full_at - now - 60.0)

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()


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
            raise _too_often(self._burst, (1 - left) * 60 / self._burst)
        self._left[who] = (left - 1, self._clock())

    def _refilled(self, who: str) -> float:
        now = self._clock()
        left, since = self._left.pop(who, (float(self._burst), now))
        left = min(self._burst, left + (now - since) * self._burst / 60)
        self._left[who] = (left, now)
        if len(self._left) > MOST_REMEMBERED:
            self._left.popitem(last=False)
        return left


def _too_often(per_minute: int, wait_s: float) -> TooOften:
    wait = math.ceil(wait_s)
    return TooOften(f"more than {per_minute} requests a minute: try again in {wait} s", wait)
