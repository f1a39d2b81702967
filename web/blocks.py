"""A text as what a reader sees in it: prose and tables. Pure, offsets are 0-based characters.

Loaders write a row of a table as a line of cells between bars (`rag.text.tables`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from rag.text.tables import TABLE_ROW, rows
from rag.types import Span

_BAR = re.compile(r"(?<!\\)\|")
_RULE = re.compile(r"^[\s|:-]+$")
Draw = Callable[[int, int, int], str]
"""Markup of `text[start:end]`; the third number is where the next piece begins, so that what lies
between the two (a bar, a line's end) belongs to this piece."""


@dataclass(frozen=True, slots=True)
class Prose:
    """Text outside of tables."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Table:
    """A table: for each row the spans of its cells, and where the row ends; whether the first row
    is a head."""

    rows: tuple[tuple[Span, ...], ...]
    ends: tuple[int, ...]
    has_head: bool


def blocks(text: str) -> list[Prose | Table]:
    """Prose and tables in order. A single row with bars is prose."""
    found: list[Prose | Table] = []
    heads = {row.start for row in rows(text) if row.is_head}
    at = 0
    for start, end in _runs(text):
        spans = [span for span in _lines(text, start, end) if not _RULE.match(text[slice(*span)])]
        if len(spans) < 2:
            continue
        if at < start:
            found.append(Prose(at, start))
        first = spans[0][0]
        lead = len(text[first : spans[0][1]]) - len(text[first : spans[0][1]].lstrip())
        cells = tuple(tuple(_cells(text, *span)) for span in spans)
        ends = (*(left for left, _ in spans[1:]), end)
        found.append(Table(cells, ends, first + lead in heads))
        at = end
    if at < len(text):
        found.append(Prose(at, len(text)))
    return found


def laid_out(text: str, draw: Draw, escape: Callable[[object], str], label: str) -> str:
    """The markup of a text, its tables as tables called `label`; `draw` makes that of its pieces
    and is asked for every character of prose and of cells in order."""
    out = []
    for block in blocks(text):
        if isinstance(block, Prose):
            out.append(draw(block.start, block.end, block.end))
            continue
        drawn = "".join(
            _row(cells, end, "th" if block.has_head and not n else "td", draw)
            for n, (cells, end) in enumerate(zip(block.rows, block.ends, strict=True))
        )
        out.append(
            f'<div class="pl-tabular" tabindex="0" role="region" aria-label="{escape(label)}">'
            f"<table>{drawn}</table></div>"
        )
    return "".join(out)


def _row(cells: tuple[Span, ...], end: int, tag: str, draw: Draw) -> str:
    scope = ' scope="col"' if tag == "th" else ""
    nexts = (*(left for left, _ in cells[1:]), end)
    drawn = (
        f"<{tag}{scope}>{draw(left, right, upto)}</{tag}>"
        for (left, right), upto in zip(cells, nexts, strict=True)
    )
    return f"<tr>{''.join(drawn)}</tr>"


def _runs(text: str) -> Iterator[Span]:
    """Runs of lines that are rows with bars."""
    start = None
    at = 0
    for line in text.splitlines(keepends=True):
        is_row = TABLE_ROW.match(line.rstrip("\r\n")) is not None
        if is_row and start is None:
            start = at
        elif not is_row and start is not None:
            yield start, at
            start = None
        at += len(line)
    if start is not None:
        yield start, at


def _lines(text: str, start: int, end: int) -> Iterator[Span]:
    at = start
    for line in text[start:end].splitlines(keepends=True):
        yield at, at + len(line.rstrip("\r\n"))
        at += len(line)


def _cells(text: str, start: int, end: int) -> Iterator[Span]:
    bars = [start + bar.start() for bar in _BAR.finditer(text[start:end])]
    for left, right in pairwise(bars):
        inner = text[left + 1 : right]
        first = left + 1 + len(inner) - len(inner.lstrip())
        yield first, max(first, left + 1 + len(inner.rstrip()))
