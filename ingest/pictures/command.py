"""`plumb page FILE N --mark QUOTE -o out.png`: a page of a file as a picture, quotes marked.

Exit codes: 0 written, 1 the file cannot be read or a quote is not on the page.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from ingest.documents import read_document
from ingest.files import read_stable
from ingest.loaders.limits import check_file_size
from ingest.pictures.page import page_picture
from ingest.pictures.quote import find_quote
from rag.config import Settings
from rag.errors import DocumentError, UsageError
from rag.types import Page, Span


def draw_page(
    settings: Settings, path: Path, number: int, quotes: Sequence[str], output: Path
) -> int:
    """Write the picture of page `number` (1-based) of the file at `path` to `output`, all places
    of the `quotes` marked; returns the exit code.

    Raises UsageError if there is no such file, or `output` cannot be written.
    """
    if not path.is_file():
        raise UsageError(f"no such file: {path}")
    try:
        text = _page(settings, path, number) if quotes else None
        spans = _spans(quotes, text, number) if text is not None else []
        picture = page_picture(path, number - 1, spans, settings.ingest, text=text)
    except DocumentError as err:
        print(f"plumb: {err}", file=sys.stderr)
        return 1
    try:
        output.write_bytes(picture.png)
    except OSError as err:
        raise UsageError(f"{output} cannot be written: {err.strerror or err}") from None
    if spans and not picture.marks:
        print(
            f"plumb: page {number} holds the quote, but its place on the picture cannot be told: "
            "it may be a note or a comment",
            file=sys.stderr,
        )
        return 1
    places = "1 place" if len(spans) == 1 else f"{len(spans)} places"
    print(f"{output}: page {number} of {path.name}" + (f", {places} marked" if spans else ""))
    return 0


def _page(settings: Settings, path: Path, number: int) -> Page:
    check_file_size(path.name, path.stat().st_size, settings.ingest)
    pages = read_document(read_stable(path), path, settings.ingest).document.pages
    if number > len(pages):
        count = "1 page" if len(pages) == 1 else f"{len(pages)} pages"
        raise DocumentError(f"{path.name} has {count}, none of number {number}")
    return pages[number - 1]


def _spans(quotes: Sequence[str], text: Page, number: int) -> list[Span]:
    """Where the quotes stand on the page. Raises DocumentError if one does not."""
    spans: list[Span] = []
    for quote in quotes:
        found = find_quote(quote, text.text)
        if not found:
            raise DocumentError(
                f"page {number} does not hold “{quote}”: see its text with plumb text"
            )
        spans += found
    return spans
