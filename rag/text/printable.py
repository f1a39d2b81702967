"""Names from anywhere -> names that a terminal can show: one line, no control characters, nothing
that turns the direction of writing."""

from __future__ import annotations

_JOINERS = "\u200c\u200d"
"""Invisible, and needed to write Persian and some pictures."""


def printable(name: str) -> str:
    """The name with an escape such as `\\n` or `\\u202e` for each character that is not shown as
    one."""
    if name.isprintable():
        return name
    return "".join(
        char if char.isprintable() or char in _JOINERS else _escape(char) for char in name
    )


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
