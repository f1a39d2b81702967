"""A quote and a page's text -> where the quote stands in it, whatever its white space and case."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from rag.types import Span


def find_quote(quote: str, text: str) -> list[Span]:
    """All places of `quote` in `text`, as written if it stands there so, else in any case; line
    breaks and blanks are as good as none."""
    for fold in (_as_it_is, _folded):
        sought = "".join(char for char, _ in _inked(quote, fold))
        places = _inked(text, fold)
        joined = "".join(char for char, _ in places)
        found: list[Span] = []
        at = joined.find(sought) if sought else -1
        while at >= 0:
            found.append((places[at][1], places[at + len(sought) - 1][1] + 1))
            at = joined.find(sought, at + len(sought))
        if found:
            return found
    return []


def _inked(text: str, fold: Callable[[str], str]) -> list[tuple[str, int]]:
    """Each character that is not white space, folded, with its offset; one may fold to several."""
    return [
        (piece, offset)
        for offset, char in enumerate(text)
        if not char.isspace()
        for piece in fold(char)
    ]


def _as_it_is(char: str) -> str:
    return char


_ALIKE = str.maketrans("“”„«»‘’‚–—−‐‑", '"""""\'\'\'-----')


def _folded(char: str) -> str:
    return unicodedata.normalize("NFKC", char).casefold().translate(_ALIKE)
