"""PDF -> one page of text per page, by pypdf, with line wraps mended.

Headings come from the document's outline (its bookmarks) where it has one. A page that cannot be
read, or holds pictures only, is a page without text; it does not cost the others.
"""

from __future__ import annotations

import io
import logging
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pypdf import PdfReader
from pypdf.errors import DependencyError

from ingest.loaders.limits import check_text_size
from ingest.loaders.normalise import (
    clean_text,
    close_letter_spacing,
    drop_running_lines,
    mend_wraps,
    vocabulary,
)
from ingest.loaders.pdf_fonts import mend_blank_widths
from ingest.loaders.pdf_lines import Line, LineCollector, heading_entries, split_columns
from rag.config import IngestSettings
from rag.errors import DocumentError
from rag.types import Heading, Page

_SLACK = 0.15
_PARSE_ERRORS = (Exception,)
"""What pypdf may raise on a broken file: its documentation promises no closed set of errors."""


def load_pdf(data: bytes, name: str, limits: IngestSettings) -> tuple[Page, ...]:
    """The pages of a PDF, text in the order in which pypdf finds it.

    Raises DocumentError if the file is damaged, needs a password, or has no text on any page.
    """
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # its complaints name no file
    reader = _open(data, name)
    lines = _page_lines(reader, name, limits)
    texts = [_page_text(page) for page in lines]
    if not any(text.strip() for text in texts):
        raise DocumentError(_scanned(name, len(texts)))
    texts = drop_running_lines(texts)
    words = vocabulary("\n".join(texts))
    texts = [mend_wraps(text, words, slack=_SLACK, unwrap=True) for text in texts]
    pages = _with_headings(texts, _outline(reader))
    if not any(page.headings for page in pages):
        pages = _with_headings(texts, heading_entries(lines))
    return pages


def _scanned(name: str, pages: int) -> str:
    where = "its only page" if pages == 1 else f"any of its {pages} pages"
    return (
        f"{name} has no text on {where}, so it seems to be scanned: "
        "run text recognition (OCR) on it first, for example with ocrmypdf"
    )


def _with_headings(
    texts: Sequence[str], entries: Mapping[int, Sequence[tuple[int, str]]]
) -> tuple[Page, ...]:
    return tuple(
        Page(number, text, tuple(find_headings(text, entries.get(number, ()))))
        for number, text in enumerate(texts, start=1)
    )


def _open(data: bytes, name: str) -> PdfReader:
    try:
        reader = PdfReader(io.BytesIO(data))
        locked = reader.is_encrypted and not reader.decrypt("")
        pages = 0 if locked else len(reader.pages)
    except DependencyError:
        raise DocumentError(
            f"{name} is encrypted in a way that needs the package cryptography: "
            "pip install cryptography, or save a copy without encryption"
        ) from None
    except _PARSE_ERRORS as err:
        raise DocumentError(
            f"{name} is damaged and cannot be read as PDF ({type(err).__name__}): "
            "get a whole copy of it, or print it to a new PDF"
        ) from None
    if locked:
        raise DocumentError(
            f"{name} is encrypted and needs a password: save a copy without the password"
        )
    if pages == 0:
        raise DocumentError(f"{name} has no pages: get a whole copy of it")
    return reader


def _page_lines(reader: PdfReader, name: str, limits: IngestSettings) -> list[list[Line]]:
    """The lines of each page; a page that pypdf cannot read has none."""
    pages: list[list[Line]] = []
    total = 0
    mended: set[int] = set()
    for number in range(len(reader.pages)):
        collector = LineCollector()
        try:
            page = reader.pages[number]
            mend_blank_widths(page, mended)
            page.extract_text(visitor_text=collector)
        except _PARSE_ERRORS:
            collector.lines.clear()
        split_columns(collector.lines)
        pages.append(collector.lines)
        total += sum(len(line.text) for line in collector.lines)
        check_text_size(name, total, limits)
    return pages


def _page_text(lines: Sequence[Line]) -> str:
    return close_letter_spacing(clean_text("\n".join(line.text for line in lines)))


def _outline(reader: PdfReader) -> dict[int, list[tuple[int, str]]]:
    """1-based page number -> (level, title) of the outline's entries that point to it, in order."""
    entries: dict[int, list[tuple[int, str]]] = defaultdict(list)
    try:
        for level, item in _flat(reader.outline, 1):
            page = reader.get_destination_page_number(item)
            if page is not None and item.title:
                entries[page + 1].append((level, clean_text(str(item.title))))
    except _PARSE_ERRORS:
        return entries  # a broken outline costs the headings after the break, nothing else
    return entries


def _flat(items: Any, level: int) -> Iterator[tuple[int, Any]]:
    for item in items:
        if isinstance(item, list):
            yield from _flat(item, level + 1)
        else:
            yield level, item


_NUMBERING = re.compile(
    r"^(?:chapter|section|part|appendix)?[\d.,、:：（）()a-z一二三四五六七八九十第章节]*$"
)


def find_headings(text: str, entries: Sequence[tuple[int, str]]) -> Iterator[Heading]:
    """Where `entries` (level, title) stand as lines of the page's `text`.

    A line is the heading if, white space aside, it is the title with at most a number before it.
    An entry that no line matches is passed over.
    """
    lines: list[tuple[int, str]] = []
    offset = 0
    for line in text.split("\n"):
        lines.append((offset, line))
        offset += len(line) + 1
    position = 0
    for level, title in entries:
        wanted = _squeezed(title)
        for number in range(position, len(lines)):
            start, line = lines[number]
            found = _squeezed(line)
            if wanted and found.endswith(wanted) and _NUMBERING.match(found[: -len(wanted)]):
                yield Heading(level, line.strip(), start + len(line) - len(line.lstrip()))
                position = number + 1
                break


def _squeezed(text: str) -> str:
    return "".join(text.lower().split())
