"""The time that reading one file may take, kept by the process that reads it.

The clock is faulthandler's: a thread of its own in C, which ends the process even where a library
never comes back to Python. Without `start`, as in a process that reads for itself alone, nothing is
counted.
"""

from __future__ import annotations

import faulthandler
import os
from functools import cache

_state: list[float] = []
"""The seconds that were given, while the clock runs."""


@cache
def _nowhere() -> int:
    """A file descriptor for what the clock writes as it ends all."""
    return os.open(os.devnull, os.O_WRONLY)


def start(seconds: float) -> None:
    """End this process with exit code 1 unless `stop` or `again` is called within `seconds`."""
    _state[:] = [seconds]
    faulthandler.dump_traceback_later(seconds, exit=True, file=_nowhere())


def again() -> None:
    """Count from zero, after a step that takes its time by nature, such as a page read by OCR."""
    if _state:
        start(_state[0])


def stop() -> None:
    """Count no more."""
    _state.clear()
    faulthandler.cancel_dump_traceback_later()
