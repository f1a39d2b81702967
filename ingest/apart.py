"""Calls a function in a process of its own, within limits of time and memory.

Files come from anywhere. The libraries that read them are large and in part written in C: a file
may make them crash, run for ever or take all memory. In a process of its own it costs itself alone.
The process is no cage: it has the rights of this one.
"""

from __future__ import annotations

import atexit
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from ingest.apart_child import BEGUN, Call, Outcome
from rag.config import IngestSettings
from rag.errors import DocumentError

_ENDING_S = 5.0
_CHILD = Path(__file__).with_name("apart_child.py")
_Value = TypeVar("_Value")


class Ended(DocumentError):
    """The process that read the file came to an end over it: it crashed, or took too long."""


def apart(
    function: Callable[..., _Value],
    arguments: tuple[object, ...],
    name: str,
    limits: IngestSettings,
) -> _Value:
    """What `function(*arguments)` returns in a process of its own. It reads the file `name`.

    The function is one of a module, and arguments and value can be pickled. Safe to call from
    several threads: each call has a process, and they are kept for the next calls. Raises what the
    function raises, `Ended` if it takes longer than `limits` allow or crashes, and another
    DocumentError if it takes more memory.
    """
    call = Call(function, arguments, name, limits.max_seconds, limits.max_memory_mb)
    for _ in range(2):
        child = _IDLE.take()
        try:
            outcome = child.outcome(call)
        except BaseException:  # Ctrl-C among them: what it works on is wanted no more
            child.end()
            raise
        if outcome is not None:
            break
    else:
        raise DocumentError(
            f"{name} cannot be read: no process can be started for it "
            f"({sys.executable} {_CHILD}); is memory short?"
        )
    if outcome.error is not None:
        raise outcome.error
    value: _Value = outcome.value
    return value


class _Child:
    """A process that takes one call after the other."""

    def __init__(self) -> None:
        path = os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)
        # -P keeps the script's own folder off the import path, whose modules are not meant there.
        self._process = subprocess.Popen(
            [sys.executable, "-P", str(_CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path},
        )

    def outcome(self, call: Call) -> Outcome | None:
        """What comes of the call; None if the process had ended before it began."""
        started = 0.0
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            pickle.dump(call, self._process.stdin, pickle.HIGHEST_PROTOCOL)
            self._process.stdin.flush()
            if pickle.load(self._process.stdout) != BEGUN:
                raise EOFError
            started = time.monotonic()
            outcome = pickle.load(self._process.stdout)
        except (EOFError, OSError, pickle.UnpicklingError):
            seconds = time.monotonic() - started
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_ENDING_S)  # killed sooner, it would not say how it ended
            self.end()
            return Outcome(error=self._why(call, seconds)) if started else None
        _IDLE.give(self)
        return outcome if isinstance(outcome, Outcome) else None

    def _why(self, call: Call, seconds: float) -> Ended:
        """Why the process ended, `seconds` after the call began."""
        code = self._process.returncode
        if code > 0 and seconds >= call.seconds:
            return Ended(
                f"{call.name} takes more than {call.seconds:g} s to read and is given up: "
                "split it, or raise the setting ingest.max_seconds"
            )
        if code == -signal.SIGKILL:
            return Ended(
                f"{call.name} takes more memory than there is: close other programs, or split it"
            )
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return Ended(
            f"{call.name} is damaged, or a trap: the program that reads it crashes ({how}); "
            "get a whole copy of it, or save it anew"
        )

    def end(self) -> None:
        """End the process, whatever it is at."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):  # what was still to be written goes nowhere
                if pipe is not None:
                    pipe.close()


class _Idle:
    """The processes that wait for a call."""

    def __init__(self) -> None:
        self._children: list[_Child] = []
        self._lock = threading.Lock()

    def take(self) -> _Child:
        """One that waits, or a new one."""
        with self._lock:
            if self._children:
                return self._children.pop()
        return _Child()

    def give(self, child: _Child) -> None:
        """Keep it for the next call."""
        with self._lock:
            self._children.append(child)

    def end(self) -> None:
        """End them all."""
        with self._lock:
            while self._children:
                self._children.pop().end()


_IDLE = _Idle()
atexit.register(_IDLE.end)
