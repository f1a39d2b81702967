"""Whether anyone still listens to the answer being made in this context.

Whoever asks for an answer says how to tell; the stages and the language model look at it. Knows
nothing of who that is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Stopped(Exception):
    """Nobody listens any more: not an error, and never shown."""


_over: ContextVar[Callable[[], bool] | None] = ContextVar("plumbline_over", default=None)


@contextmanager
def listening(over: Callable[[], bool]) -> Iterator[None]:
    """Work in this block for someone who is gone once `over` is true."""
    token = _over.set(over)
    try:
        yield
    finally:
        _over.reset(token)


def stopped() -> bool:
    """Whether whoever this context works for is gone."""
    over = _over.get()
    return over is not None and over()


def check() -> None:
    """Raises Stopped if whoever this context works for is gone."""
    if stopped():
        raise Stopped
