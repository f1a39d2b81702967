"""What nobody reads in a text: words without end, such as pictures written as letters, and texts
of invisible characters alone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace

from ingest.loaders.losses import Losses
from rag.types import Page

_ENDLESS = re.compile(r"[!-~]{4000,}")
"""Characters of ASCII without a space between them."""
_LEFT_OUT = "…"


def is_seen(text: str) -> bool:
    """Whether there is anything to read on a page of this text."""
    return any(unicodedata.category(char)[0] not in "ZC" and char != _LEFT_OUT for char in text)


def without_endless_words(pages: Iterable[Page], losses: Losses) -> tuple[Page, ...]:
    """The pages with an ellipsis in place of each word without end."""
    return tuple(_without(page, losses) for page in pages)


def _without(page: Page, losses: Losses) -> Page:
    spans = [match.span() for match in _ENDLESS.finditer(page.text)]
    if page.boxes or not spans:
        return page
    for start, end in spans:
        losses.page(page.number, f"{end - start:,} characters without a space left out")
    shifts = [(end, end - start - 1) for start, end in spans]
    headings = tuple(
        replace(
            heading,
            text=_ENDLESS.sub(_LEFT_OUT, heading.text),
            start=heading.start - sum(by for end, by in shifts if end <= heading.start),
        )
        for heading in page.headings
    )
    return replace(page, text=_ENDLESS.sub(_LEFT_OUT, page.text), headings=headings)
