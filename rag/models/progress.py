"""How far a fetch has come, told to whoever asked for it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from tqdm import tqdm

_QUIET_INTERVAL_S = 10.0
"""Seconds between lines where no terminal draws over the last one."""


class Progress(Protocol):
    """Called now and then while a model is fetched."""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """`done` of `total` bytes of `stage` are there; `total` is 0 when it is not known."""


def silent(stage: str, done: int, total: int) -> None:
    """A Progress that tells nobody."""


@contextmanager
def terminal_progress(name: str) -> Iterator[Progress]:
    """A Progress that draws one bar per stage on standard error: bytes, rate, remaining time."""
    bars: dict[str, tqdm[None]] = {}

    def show(stage: str, done: int, total: int) -> None:
        if stage not in bars:
            for bar in bars.values():
                bar.close()
            bars[stage] = tqdm(
                total=total or None,
                initial=done,
                desc=f"{name}: {stage}",
                unit="B",
                unit_scale=True,
                mininterval=0.1 if sys.stderr.isatty() else _QUIET_INTERVAL_S,
            )
        bars[stage].update(done - bars[stage].n)

    try:
        yield show
    finally:
        for bar in bars.values():
            bar.close()
