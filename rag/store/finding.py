"""What a check of a collection finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, and whether it is mended now."""

    text: str
    mended: bool = False
