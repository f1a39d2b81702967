"""Headings of a PDF: from its outline, else from lines that are set larger than the text."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pypdf import PdfReader

from ingest.loaders.normalise import clean_text
from ingest.loaders.pdf.lines import Line
from ingest.loaders.pdf.place import without_signs
from rag.types import Heading, Page

_HEADING_RATIO = 1.12
_HEADING_CHARS = 120
_HEADING_LEVELS = 4
_TARGET = re.compile(r"(?: \((?:https?|ftp|sftp)://\S+\)| \(\S+@\S+\))+$")
"""What is written behind the words of a link at a line's end."""
_PARSE_ERRORS = (Exception,)
"""What pypdf may raise on a broken file: its documentation promises no closed set of errors."""


def with_headings(
    texts: Sequence[str], entries: Mapping[int, Sequence[tuple[int, str]]]
) -> tuple[Page, ...]:
    """The pages of `texts` with those of the `entries` (level, title) that stand on them."""
    return tuple(
        Page(number, text, tuple(find_headings(text, entries.get(number, ()))))
        for number, text in enumerate(texts, start=1)
    )


def outline(reader: PdfReader) -> dict[int, list[tuple[int, str]]]:
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
            found = _squeezed(_TARGET.sub("", line))
            if wanted and found.endswith(wanted) and _NUMBERING.match(found[: -len(wanted)]):
                yield Heading(
                    level, _TARGET.sub("", line).strip(), start + len(line) - len(line.lstrip())
                )
                position = number + 1
                break


def _squeezed(text: str) -> str:
    return "".join(text.lower().split())


def heading_entries(pages: Sequence[Sequence[Line]]) -> dict[int, list[tuple[int, str]]]:
    """1-based page number -> (level, text) of the lines set larger than the body text, in order.

    The body's size is the one that most characters have; the larger sizes, rounded to half points,
    are the levels from 1 down.
    """
    sizes: Counter[float] = Counter()
    for line in (line for page in pages for line in page):
        sizes[_rounded(line.size)] += len(line.text)
    if not sizes:
        return {}
    body = sizes.most_common(1)[0][0]
    large = sorted((size for size in sizes if size >= _HEADING_RATIO * body), reverse=True)
    levels = {size: level for level, size in enumerate(large[:_HEADING_LEVELS], start=1)}
    entries: dict[int, list[tuple[int, str]]] = {}
    for number, page in enumerate(pages, start=1):
        for line in page:
            level = levels.get(_rounded(line.size))
            if level and not line.in_table and _is_title(without_signs(line.text)):
                entries.setdefault(number, []).append((level, without_signs(line.text)))
    return entries


def _is_title(text: str) -> bool:
    return len(text) <= _HEADING_CHARS and re.search(r"[^\W\d_]", text) is not None


def _rounded(size: float) -> float:
    return round(2 * size) / 2
