"""Plain text -> pages. A form feed starts a page, as in RFCs and the output of pdftotext.

A file of comma-separated values is a table: each of its rows is written with the names of its
columns, so that a row far from the head can be read by itself.
"""

from __future__ import annotations

import csv
import re
from pathlib import PurePath

from ingest.loaders.decode import decode
from ingest.loaders.normalise import clean_characters, clean_text, mend_wraps, vocabulary
from ingest.loaders.records import record_lines
from ingest.loaders.tables import Cell
from rag.types import Page

_DELIMITERS = {".csv": ",;\t|", ".tsv": "\t"}
_SAMPLE_LINES = 50
_DECLARED = re.compile(r"sep=(.)\r?\n")
"""The line by which Excel is told what parts the cells."""
csv.field_size_limit(1 << 24)


def load_text(data: bytes, name: str) -> tuple[Page, ...]:
    """The pages of a text file; one unless it holds form feeds."""
    text = decode(data, name)
    delimiters = _DELIMITERS.get(PurePath(name).suffix.lower())
    if delimiters and (rows := table_rows(text, delimiters)):
        cells = [[Cell(text) for text in row] for row in rows]
        return (Page(1, "\n".join(record_lines(cells))),)
    words = vocabulary(text) if "-\n" in text or "-\r" in text else vocabulary("")
    parts = text.split("\f")
    if len(parts) > 1 and not parts[-1].strip():
        parts.pop()
    return tuple(
        Page(number, mend_wraps(clean_text(part), words, slack=0.0, unwrap=False))
        for number, part in enumerate(parts, start=1)
    )


def table_rows(text: str, delimiters: str) -> list[list[str]]:
    """The rows of separated values, each cell on one line; none if the text is no table.

    The delimiter is the one that gives most rows the same number of cells, two at least.
    """
    text = text.lstrip("\ufeff")
    if declared := _DECLARED.match(text):
        text, delimiters = text[declared.end() :], declared.group(1)
    best: tuple[float, str] = (0.0, "")
    sample = text.splitlines(keepends=True)[:_SAMPLE_LINES]
    for delimiter in delimiters:
        widths = [len(row) for row in csv.reader(sample, delimiter=delimiter) if any(row)]
        width = max(set(widths), key=widths.count, default=0)
        share = widths.count(width) / len(widths) if width > 1 else 0.0
        best = max(best, (share, delimiter), key=lambda found: found[0])
    if best[0] < 0.5:
        return []
    reader = csv.reader(text.splitlines(keepends=True), delimiter=best[1])
    rows = [[" ".join(clean_characters(cell).split()) for cell in row] for row in reader]
    return [row for row in rows if any(row)]
