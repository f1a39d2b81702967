"""PDF -> one page of text per page, with line wraps mended.

PDFium gives the characters with their places, pypdf the marks upon them (fields, comments, links)
and the outline. Headings come from the outline where there is one. A page that cannot be read, or
holds pictures only, is a page without text; it does not cost the others.
"""

from __future__ import annotations

import io
import logging
import math
from dataclasses import dataclass, replace
from typing import Any

import pypdfium2
from PIL import Image
from pypdf import PdfReader
from pypdf.errors import DependencyError

from ingest.loaders.limits import check_text_size
from ingest.loaders.losses import Losses
from ingest.loaders.normalise import clean_characters
from ingest.loaders.pdf.glyphs import UNNAMED, Sheet, read_sheet, without_doubles
from ingest.loaders.pdf.headings import heading_entries, outline, with_headings
from ingest.loaders.pdf.library import PDFIUM
from ingest.loaders.pdf.lines import Line
from ingest.loaders.pdf.marks import Field, Marks, read_marks, whole_document
from ingest.loaders.pdf.pieces import pieces_of
from ingest.loaders.pdf.place import Links, comment_text, put_fields, struck, within
from ingest.loaders.pdf.raised import starting_mark, write_scripts
from ingest.loaders.pdf.running import Body
from ingest.loaders.pdf.scans import Scans
from ingest.loaders.pdf.text import lines_on, texts_of
from ingest.loaders.pdf.type3 import characters
from ingest.loaders.readable import is_gibberish
from rag.config import IngestSettings
from rag.errors import DocumentError
from rag.types import Page

_PICTURE = "picture without text"
_GIBBERISH = "text reads like gibberish: its font names wrong characters"
_STAMP = 60
"""Characters up to which the text on a scanned page is a stamp or a page number."""
_DRAWN = 100
"""Drawn outlines from which a page without text may be one of outlined letters."""
_MOSTLY = 0.3
_SCAN_DOTS, _SCAN_PIXELS = 200, 12_000_000
_LONGEST_LABEL = 20
_GIVEN_UP = 200
"""Pages in a row that cannot be read, after which no more are tried."""
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
    if pages.unread == len(bodies):
        raise DocumentError(f"none of the pages of {name} can be read: get a whole copy of it")
    if not any(body.lines for body in bodies) and not any(remarks):
        raise DocumentError(_scanned(name, len(bodies), pages.unreadable, limits.ocr))
    texts = [
        "\n\n".join(filter(None, [text, *notes]))
        for text, notes in zip(texts_of(bodies, pages.links.spelled), remarks, strict=True)
    ]
    found = with_headings(texts, outline(reader) if reader is not None else {})
    if not any(page.headings for page in found):
        found = with_headings(texts, heading_entries([body.lines for body in bodies]))
    return tuple(
        replace(page, label=label, boxes=pages.scans.boxes(page.number, page.text))
        for page, label in zip(found, pages.labels, strict=True)
    )


class _Pages:
    """Reads the pages of one document one after the other.

    Afterwards `bodies` are their lines, `labels` what is printed for their numbers, `remarks` the
    comments on them, `links` the targets of their links; `unread` is how many could not be read,
    `unreadable` says whether a page has characters without a meaning.
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
        self.unread = 0
        self._data, self._name, self._limits = data, name, limits
        self._reader, self._losses = reader, losses
        self.links = Links()
        self.scans = Scans(losses)
        self._files: list[str] = []
        self._failed_in_a_row = 0

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
                    scan = self._read_page(document, number)
                if scan is not None:
                    self._recognise(number, scan)
                if self._failed_in_a_row >= _GIVEN_UP:
                    self._give_up(number, len(document))
                    break
                total += sum(len(line.text) for line in self.bodies[-1].lines)
                check_text_size(self._name, total, self._limits)
        finally:
            with PDFIUM:
                document.close()
        if not self.bodies:
            raise DocumentError(
                f"{self._name} has no page that can be read: get a whole copy of it"
            )
        self.scans.tell()
        self._write_scripts()
        if self._reader is None:
            self._losses.add("form fields, comments and attachments could not be looked at")
        else:
            whole_document(self._reader, self._files, self._losses)
        return self

    def _give_up(self, number: int, count: int) -> None:
        """Take back the last pages up to `number`, none of which could be read, and leave out the
        others up to `count`, which hardly exist."""
        for taken in (self.bodies, self.labels, self.remarks):
            del taken[len(taken) - _GIVEN_UP :]
        self.unread -= _GIVEN_UP
        if number < count:
            self._losses.add(f"pages {number + 1:,} to {count:,} not looked at")

    def _read_page(self, document: Any, number: int) -> _Scan | None:
        """Read a page; what is to be recognised of it, where it has no text to go by."""
        body, notes, scan = Body([], 0.0, 0.0), [], None
        self.labels.append(_printed_number(document, number))
        try:
            page = document[number - 1]
            marks, type3 = self._marks(number)
            sheet = read_sheet(page, type3)
            body = Body(self._lines(sheet, marks), sheet.bottom, sheet.top)
            notes = [comment_text(comment, sheet.glyphs) for comment in marks.comments]
            if sheet.struck:
                self._losses.page(number, "struck-out text left out")
            if reason := self._unusable(body.lines, sheet, number):
                scan = _scan(page, marks, reason, draw=self._limits.ocr)
            page.close()
            self._failed_in_a_row = 0
        except _PARSE_ERRORS:
            self._losses.page(number, "cannot be read")
            self._failed_in_a_row += 1
            self.unread += 1
        self.bodies.append(body)
        self.remarks.append(notes)
        return scan

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

    def _lines(self, sheet: Sheet, marks: Marks) -> list[Line]:
        """The lines of a page, without what is struck out."""
        glyphs = sheet.glyphs = without_doubles(sheet.glyphs)
        out = struck(glyphs, sheet.rules)
        for place in marks.strikes:
            out.update(within(glyphs, place))
        if out:
            sheet.struck = True
            kept = [
                glyph._replace(text=" ") if index in out else glyph
                for index, glyph in enumerate(glyphs)
            ]
        else:
            kept = glyphs
        uprights = [] if sheet.turned else sheet.uprights
        pieces = pieces_of(kept, self.links.behind(kept, marks.links), uprights)
        put_fields(pieces, marks.fields)
        return lines_on(pieces, sheet.rules, uprights)

    def _unusable(self, lines: list[Line], sheet: Sheet, number: int) -> str:
        """Why the text of a page is none to go by; "" if it is."""
        missing = sheet.unreadable.total()
        if missing > max(_FEW_UNREADABLE, 0.01 * len(sheet.glyphs)) or (missing and not lines):
            fonts = ", ".join(sorted(set(sheet.unreadable) - {UNNAMED}))
            reason = "font without character map" + (f" ({fonts})" if fonts else "")
            if missing > _MOSTLY * len(sheet.glyphs):
                return reason
            self._losses.page(number, reason)
        if is_gibberish(" ".join(line.text for line in lines)):
            return _GIBBERISH
        few = sum(len(line.text) for line in lines) < _STAMP
        if (sheet.scans and few) or (not lines and (sheet.pictures or sheet.drawn > _DRAWN)):
            return _PICTURE
        if sheet.pictures:
            self._losses.page(number, _PICTURE)
        return ""

    def _recognise(self, number: int, scan: _Scan) -> None:
        """Read a page by OCR in place of its text; say what is missing where that gives nothing."""
        found = self.scans.read(number, scan.image, scan.points) if scan.image else None
        if found is not None:
            sheet, pieces = found[0].sheet, found[1]
            put_fields(pieces, scan.fields)
            self.bodies[-1] = Body(lines_on(pieces), sheet.bottom, sheet.top)
            return
        if scan.reason == _GIBBERISH:
            self.bodies[-1].lines.clear()
        self.unreadable |= scan.reason != _PICTURE
        self._losses.page(number, scan.reason)

    def _write_scripts(self) -> None:
        """Write what is raised and lowered, now that the marks of all notes are known."""
        lines = [line for body in self.bodies for line in body.lines]
        notes = {starting_mark(line.cells[0]) for line in lines} - {""}
        for line in lines:
            line.cells = [write_scripts(cell, notes) for cell in line.cells]


@dataclass(frozen=True, slots=True)
class _Scan:
    """A page to recognise: why, its picture (None if OCR is off), its size in points as shown, and
    the form fields upon it, which the picture does not show."""

    reason: str
    image: Image.Image | None
    points: tuple[float, float]
    fields: tuple[Field, ...]


def _scan(page: Any, marks: Marks, reason: str, *, draw: bool) -> _Scan:
    width, height = page.get_size()
    if not draw:
        return _Scan(reason, None, (width, height), ())
    scale = min(_SCAN_DOTS / 72, math.sqrt(_SCAN_PIXELS / max(width * height, 1.0)))
    image = page.render(scale=scale, may_draw_forms=False, rev_byteorder=True).to_pil()
    left, bottom, _, _ = page.get_cropbox()
    fields = [
        replace(field, place=(a - left, b - bottom, c - left, d - bottom))
        for field in (marks.fields if page.get_rotation() == 0 else ())
        for a, b, c, d in (field.place,)
    ]
    return _Scan(reason, image.convert("RGB"), (width, height), tuple(fields))


def _printed_number(document: Any, number: int) -> str:
    """The number that is printed on a page (1-based), as the file gives it; "" where it is the
    same, or none."""
    label = " ".join(clean_characters(document.get_page_label(number - 1)).split())
    return "" if label == str(number) else label[:_LONGEST_LABEL]


def _scanned(name: str, pages: int, unreadable: bool, ocr: bool) -> str:
    where = "its only page" if pages == 1 else f"any of its {pages} pages"
    if unreadable:
        what = f"{name} has no readable text on {where}: its fonts have no character map"
    else:
        what = f"{name} has no text on {where}, so it seems to be scanned"
    if ocr:
        return f"{what}, and text recognition (OCR) found none; scan it anew, larger and darker"
    return f"{what}; let it be recognised with the setting ingest.ocr = true"


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
