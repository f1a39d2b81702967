"""What a hostile file is for the tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trap:
    """A file by its name, what makes its bytes, and the one line expected of it in the receipt:
    `changes` it may end with, and a part of the reason."""

    name: str
    make: Callable[[], bytes]
    changes: frozenset[str]
    reason: str


def trap(name: str, make: Callable[[], bytes] | bytes, outcome: str) -> Trap:
    """`outcome` as in "failed: needs a password" or "added|failed"."""
    changes, _, reason = outcome.partition(":")
    maker = make if callable(make) else lambda: make
    return Trap(name, maker, frozenset(changes.split("|")), reason.strip())
