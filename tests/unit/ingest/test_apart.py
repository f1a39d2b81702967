"""Calls in a process of their own: what comes back, and what a call that goes wrong costs."""

from __future__ import annotations

import os
import signal
import sys
import time

import pytest

from ingest.apart import apart
from ingest.loaders import clock
from rag.config import IngestSettings
from rag.errors import DocumentError, NothingToRead

LIMITS = IngestSettings()
HURRIED = IngestSettings(max_seconds=0.5)


def answer(number: int) -> tuple[int, int]:
    print("a library may print")
    return number + 1, os.getpid()


def refuse() -> None:
    err = NothingToRead("a.png is blank")
    err.add_note("page 1: nothing")
    raise err


def sleep(seconds: float, times: int = 1) -> str:
    for _ in range(times):
        time.sleep(seconds)
        clock.again()
    return "awake"


def crash() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def swallow(size: int) -> int:
    return len(bytearray(size))


def test_the_value_comes_back_from_a_process_that_is_kept() -> None:
    value, first = apart(answer, (41,), "a.txt", LIMITS)
    _, second = apart(answer, (1,), "a.txt", LIMITS)
    assert value == 42
    assert first == second != os.getpid()


def test_an_error_comes_back_as_it_was_raised() -> None:
    with pytest.raises(NothingToRead, match=r"a\.png is blank") as raised:
        apart(refuse, (), "a.png", LIMITS)
    assert raised.value.__notes__ == ["page 1: nothing"]


def test_what_takes_too_long_is_given_up_and_the_next_call_is_served() -> None:
    with pytest.raises(DocumentError, match=r"slow\.pdf takes more than 0\.5 s .*max_seconds"):
        apart(sleep, (60,), "slow.pdf", HURRIED)
    assert apart(answer, (1,), "a.txt", LIMITS)[0] == 2


def test_each_page_read_by_ocr_gets_the_time_anew() -> None:
    assert apart(sleep, (0.2, 4), "scan.pdf", HURRIED) == "awake"


def test_a_crash_is_the_files_own() -> None:
    with pytest.raises(DocumentError, match=r"evil\.pdf is damaged, or a trap.*SIGSEGV"):
        apart(crash, (), "evil.pdf", LIMITS)
    assert apart(answer, (1,), "a.txt", LIMITS)[0] == 2


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is one of Linux")
def test_memory_is_limited() -> None:
    tight = IngestSettings(max_memory_mb=256)
    with pytest.raises(DocumentError, match=r"big\.zip takes more than 256 MiB .*max_memory_mb"):
        apart(swallow, (1 << 29,), "big.zip", tight)
    assert apart(swallow, (1 << 29,), "big.zip", LIMITS) == 1 << 29


def test_a_process_that_ended_while_idle_is_replaced() -> None:
    _, pid = apart(answer, (1,), "a.txt", LIMITS)
    os.kill(pid, signal.SIGKILL)
    value, other = apart(answer, (1,), "a.txt", LIMITS)
    assert value == 2
    assert other != pid
