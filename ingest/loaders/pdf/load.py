"""PDF -> one page of text per page, with line wraps mended.

PDFium gives the characters with their places, pypdf the marks upon them (fields, comments, links)
and the outline. Headings come from the outline where there is one. A page that cannot be read, or
holds pictures only, is a page without text; it does not cost the others.
"""

from __future__ import annotations

import io
import logging
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pypdfium2
from pypdf import PdfReader
from pypdf.errors import DependencyError

from ingest.loaders.limits import check_text_size
from ingest.loaders.losses import Losses
from ingest.loaders.normalise import (
    clean_characters,
    clean_text,
    close_letter_spacing,
    mend_wraps,
    vocabulary,
)
from ingest.loaders.pdf.columns import (
    align_columns,
    join_numbers,
    join_stretched,
    split_columns,
)
from ingest.loaders.pdf.glyphs import UNNAMED, Sheet, read_sheet, without_doubles
from ingest.loaders.pdf.grid import ruled_tables
from ingest.loaders.pdf.headings import heading_entries, outline, with_headings
from ingest.loaders.pdf.library import PDFIUM
from ingest.loaders.pdf.lines import (
    BREAK,
    PARAGRAPH,
    Line,
    line_ends,
    lines_of,
)
from ingest.loaders.pdf.marks import Marks, read_marks, whole_document
from ingest.loaders.pdf.pieces import pieces_of
from ingest.loaders.pdf.place import Links, comment_text, put_fields, struck, within
from ingest.loaders.pdf.raised import starting_mark, write_scripts
from ingest.loaders.pdf.running import Body, drop_running_lines
from ingest.loaders.pdf.type3 import characters
from ingest.loaders.readable import is_gibberish
from rag.config import IngestSettings
from rag.errors import DocumentError
from rag.types import Page

_SLACK = 0.15
_LONGEST_LABEL = 20
_FEW_UNREADABLE = 3
"""Characters without a meaning on one page that are no loss to speak of: bullets, ornaments."""
_PARSE_ERRORS = (Exception,)
"""What pypdf may raise on a broken file: its documentation promises no closed set of errors."""


def load_pdf(
    data: bytes, name: str, limits: IngestSettings, losses: Losses | None = None
) -> tuple[Page, ...]:
    """The pages of a PDF, text in the order in which it is drawn; what is left out of it is added
    to `losses`.

    Raises DocumentError if the file is damaged, needs a password, or has no text on any page.
    """
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # its complaints name no file
    losses = losses if losses is not None else Losses()
    reader = _open(data, name)
    pages = _Pages(data, name, limits, reader, losses).read()
    bodies, remarks = pages.bodies, pages.remarks
    if not any(body.lines for body in bodies) and not any(remarks):
        raise DocumentError(_scanned(name, len(bodies), pages.unreadable))
    drop_running_lines(bodies)
    texts = [_page_text(body.lines) for body in bodies]
    words = vocabulary("\n".join(texts))
    texts = [
        "\n\n".join(filter(None, [pages.links.spelled(_unwrapped(text, words)), *notes]))
        for text, notes in zip(texts, remarks, strict=True)
    ]
    found = with_headings(texts, outline(reader) if reader is not None else {})
    if not any(page.headings for page in found):
        found = with_headings(texts, heading_entries([body.lines for body in bodies]))
    return tuple(
        replace(page, label=label) for page, label in zip(found, pages.labels, strict=True)
    )


class _Pages:
    """Reads the pages of one document one after the other.

    Afterwards `bodies` are their lines, `labels` what is printed for their numbers, `remarks` the
    comments on them, `links` the targets of their links; `unreadable` says whether a page has
    characters without a meaning.
    """

    def __init__(
        self,
        data: bytes,
        name: str,
        limits: IngestSettings,
        reader: PdfReader | None,
        losses: Losses,
    ) -> None:
        self.bodies: list[Body] = []
        self.labels: list[str] = []
        self.remarks: list[list[str]] = []
        self.unreadable = False
        self._data, self._name, self._limits = data, name, limits
        self._reader, self._losses = reader, losses
        self.links = Links()
        self._files: list[str] = []

    def read(self) -> _Pages:
        """Read all pages; a page that cannot be read has no lines."""
        try:
            with PDFIUM:
                document = pypdfium2.PdfDocument(self._data)
        except _PARSE_ERRORS as err:
            raise _damaged(self._name, err) from None
        total = 0
        try:
            for number in range(1, len(document) + 1):
                with PDFIUM:  # page by page, so that a picture drawn meanwhile waits for one
                    self._read_page(document, number)
                total += sum(len(line.text) for line in self.bodies[-1].lines)
                check_text_size(self._name, total, self._limits)
        finally:
            with PDFIUM:
                document.close()
        if not self.bodies:
            raise DocumentError(f"{self._name} has no pages: get a whole copy of it")
        self._write_scripts()
        if self._reader is None:
            self._losses.add("form fields, comments and attachments could not be looked at")
        else:
            whole_document(self._reader, self._files, self._losses)
        return self

    def _read_page(self, document: Any, number: int) -> None:
        body, notes = Body([], 0.0, 0.0), []
        self.labels.append(_printed_number(document, number))
        try:
            page = document[number - 1]
            marks, type3 = self._marks(number)
            sheet = read_sheet(page, type3)
            page.close()
            body = Body(self._lines(sheet, marks, number), sheet.bottom, sheet.top)
            notes = [comment_text(comment, sheet.glyphs) for comment in marks.comments]
        except _PARSE_ERRORS:
            self._losses.page(number, "cannot be read")
        self.bodies.append(body)
        self.remarks.append(notes)

    def _marks(self, number: int) -> tuple[Marks, dict[int, str]]:
        """What pypdf knows of a page: the marks upon it, the characters of its Type 3 fonts."""
        if self._reader is None:
            return Marks(), {}
        try:
            page = self._reader.pages[number - 1]
            marks, type3 = read_marks(page, number, self._losses), characters(page)
        except _PARSE_ERRORS:
            self._losses.page(number, "form fields and comments could not be looked at")
            return Marks(), {}
        self._files.extend(marks.files)
        return marks, type3

    def _lines(self, sheet: Sheet, marks: Marks, number: int) -> list[Line]:
        """The lines of a page; what of it cannot be read is added to the losses."""
        glyphs = sheet.glyphs = without_doubles(sheet.glyphs)
        out = struck(glyphs, sheet.rules)
        for place in marks.strikes:
            out.update(within(glyphs, place))
        if out:
            self._losses.page(number, "struck-out text left out")
            kept = [
                glyph._replace(text=" ") if index in out else glyph
                for index, glyph in enumerate(glyphs)
            ]
        else:
            kept = glyphs
        uprights = [] if sheet.turned else sheet.uprights
        pieces = pieces_of(kept, self.links.behind(kept, marks.links), uprights)
        put_fields(pieces, marks.fields)
        lines = lines_of(pieces, ruled_tables(pieces, sheet.rules, uprights))
        split_columns(lines)
        join_stretched(lines)
        align_columns(lines)
        join_numbers(lines)
        return self._readable(lines, sheet, number)

    def _readable(self, lines: list[Line], sheet: Sheet, number: int) -> list[Line]:
        """The lines, none if they are gibberish; what is missing is said."""
        missing = sheet.unreadable.total()
        if missing > max(_FEW_UNREADABLE, 0.01 * len(sheet.glyphs)) or (missing and not lines):
            fonts = ", ".join(sorted(set(sheet.unreadable) - {UNNAMED}))
            named = f" ({fonts})" if fonts else ""
            self._losses.page(number, f"font without character map{named}")
            self.unreadable = True
        if is_gibberish(" ".join(line.text for line in lines)):
            self._losses.page(number, "text reads like gibberish: its font names wrong characters")
            self.unreadable = True
            return []
        if sheet.pictures or (sheet.scans and not lines):
            self._losses.page(number, "picture without text")
        return lines

    def _write_scripts(self) -> None:
        """Write what is raised and lowered, now that the marks of all notes are known."""
        lines = [line for body in self.bodies for line in body.lines]
        notes = {starting_mark(line.cells[0]) for line in lines} - {""}
        for line in lines:
            line.cells = [write_scripts(cell, notes) for cell in line.cells]


def _printed_number(document: Any, number: int) -> str:
    """The number that is printed on a page (1-based), as the file gives it; "" where it is the
    same, or none."""
    label = " ".join(clean_characters(document.get_page_label(number - 1)).split())
    return "" if label == str(number) else label[:_LONGEST_LABEL]


def _page_text(lines: Sequence[Line]) -> str:
    """The lines as text, with the marks that part paragraphs and keep lines."""
    texts = (close_letter_spacing(clean_text(line.text)) for line in lines)
    return "".join(f"{text}{end}" for text, end in zip(texts, line_ends(lines), strict=True))


_ENDS = re.compile(f"([{PARAGRAPH}{BREAK}])[ \n]?")


def _unwrapped(text: str, words: Counter[str]) -> str:
    """A page's text with wrapped lines joined and paragraphs set apart by a blank line."""
    joined = mend_wraps(text, words, slack=_SLACK, unwrap=True)
    return _ENDS.sub(lambda m: "\n\n" if m.group(1) == PARAGRAPH else "\n", joined).strip("\n")


def _scanned(name: str, pages: int, unreadable: bool) -> str:
    where = "its only page" if pages == 1 else f"any of its {pages} pages"
    if unreadable:
        return (
            f"{name} has no readable text on {where}: its fonts have no character map; "
            "run text recognition (OCR) on it first, for example with ocrmypdf --force-ocr"
        )
    return (
        f"{name} has no text on {where}, so it seems to be scanned: "
        "run text recognition (OCR) on it first, for example with ocrmypdf"
    )


def _open(data: bytes, name: str) -> PdfReader | None:
    """The file as pypdf reads it; None if only PDFium may."""
    try:
        reader = PdfReader(io.BytesIO(data))
        locked = reader.is_encrypted and not reader.decrypt("")
        if not locked:
            len(reader.pages)
    except DependencyError:
        raise DocumentError(
            f"{name} is encrypted in a way that needs the package cryptography: "
            "pip install cryptography, or save a copy without encryption"
        ) from None
    except _PARSE_ERRORS:
        return None
    if locked:
        raise DocumentError(
            f"{name} is encrypted and needs a password: save a copy without the password"
        )
    return reader


def _damaged(name: str, err: Exception) -> DocumentError:
    return DocumentError(
        f"{name} is damaged and cannot be read as PDF ({type(err).__name__}): "
        "get a whole copy of it, or print it to a new PDF"
    )
