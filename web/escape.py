"""Text made safe for markup: the one door through which it gets there."""

from __future__ import annotations

from html import escape


def esc(text: object) -> str:
    """Escaped for element content and quoted attributes."""
    return escape(str(text), quote=True)
