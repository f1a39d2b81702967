"""The process that `ingest.apart` hands files to: `python -P apart_child.py`.

Takes calls from standard input and writes back what they return or raise, pickled. Ends when the
other side is gone, when nothing comes for a while, and when a call takes longer than it may.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO

from ingest.loaders import clock
from ingest.loaders.limits import MIB, too_much_memory
from rag.errors import PlumbError

IDLE_S = 60.0
"""How long an idle process waits for the next call."""
BEGUN = b"begun"
"""Answers a call at once: from here on the fault is the call's."""


@dataclass(frozen=True, slots=True)
class Call:
    """A function to call, within `seconds` and `memory_mb`; the file `name` is what it reads."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    name: str
    seconds: float
    memory_mb: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the call returned, or the error that it raised."""

    value: Any = None
    error: Exception | None = None


def main() -> int:
    """Serve until nothing comes any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the other side to act upon
    calls = sys.stdin.buffer
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what libraries print there is no answer
        while (call := _next(calls)) is not None:
            _send(answers, BEGUN)
            clock.start(call.seconds)
            outcome = _outcome(call)
            clock.stop()
            _send(answers, outcome)
    return 0


def _next(calls: BinaryIO) -> Call | None:
    clock.start(IDLE_S)
    try:
        call = pickle.load(calls)
    except (EOFError, OSError):
        return None
    finally:
        clock.stop()
    return call if isinstance(call, Call) else None


def _outcome(call: Call) -> Outcome:
    _limit_memory(call.memory_mb * MIB)
    try:
        return Outcome(call.function(*call.arguments))
    except MemoryError:
        return Outcome(error=too_much_memory(call.name, call.memory_mb))
    except PlumbError as err:
        return Outcome(error=err)
    finally:
        _limit_memory(-1)


def _limit_memory(size: int) -> None:
    """Let this process have `size` bytes of data at most (-1: no limit); where the system has no
    such limit, or less is allowed anyway, nothing changes."""
    try:
        import resource
    except ImportError:
        return
    try:
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (size if size >= 0 else hard, hard))
    except (OSError, ValueError):
        return


def _send(answers: BinaryIO, what: object) -> None:
    pickle.dump(what, answers, pickle.HIGHEST_PROTOCOL)
    answers.flush()


if __name__ == "__main__":
    # Called by its path, this is not the module that the other side knows the records by.
    from ingest.apart_child import main as serve

    sys.exit(serve())
