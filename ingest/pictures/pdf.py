"""A page of a PDF -> its picture, and its signs with their boxes.

The signs are those that the loader reads, so that what is in the text is found on the picture.
"""

from __future__ import annotations

import ctypes
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image
from pypdf import PdfReader

from ingest.loaders.losses import Losses
from ingest.loaders.pdf.glyphs import Glyph, Sheet, read_sheet, without_doubles
from ingest.loaders.pdf.library import PDFIUM
from ingest.loaders.pdf.marks import Marks, Rect, read_marks
from ingest.loaders.pdf.type3 import characters
from ingest.places.boxes import UNIT, Box
from rag.errors import DocumentError

_BELOW, _ABOVE = 0.24, 0.86
"""Ems that a sign reaches below and above its baseline."""


@dataclass(frozen=True, slots=True)
class Sign:
    """What is drawn at one place: a character, or the content of a form's field."""

    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """A page's picture and its signs."""

    image: Image.Image
    signs: tuple[Sign, ...]


def draw_pdf_page(
    data: bytes, name: str, page: int, dots_per_inch: int, most_pixels: int, *, signs: bool = True
) -> DrawnPage:
    """Draw the 0-based `page` of the PDF in `data`, with forms and comments as a screen shows
    them; with `signs`, what is drawn on it.

    Raises DocumentError if the file cannot be read or has no such page.
    """
    with PDFIUM:
        try:
            document = pypdfium2.PdfDocument(data)
        except Exception as err:
            raise DocumentError(f"{name} cannot be drawn: {err}") from None
        try:
            if not 0 <= page < len(document):
                raise DocumentError(f"{name} has {len(document)} pages, none of number {page + 1}")
            document.init_forms()
            return _draw(document[page], data, page, dots_per_inch, most_pixels, signs)
        except pypdfium2.PdfiumError as err:
            raise DocumentError(f"page {page + 1} of {name} cannot be drawn: {err}") from None
        finally:
            document.close()


def _draw(
    page: Any, data: bytes, number: int, dots_per_inch: int, most_pixels: int, signs: bool
) -> DrawnPage:
    width, height = page.get_size()
    scale = min(dots_per_inch / 72, math.sqrt(most_pixels / max(width * height, 1.0)))
    image = page.render(scale=scale, rev_byteorder=True).to_pil().convert("RGB")
    if not signs:
        return DrawnPage(image, ())
    marks, type3 = _marks(data, number)
    sheet = read_sheet(page, type3)
    shown = [*_glyph_signs(page, sheet), *_field_signs(page, marks)]
    return DrawnPage(image, tuple(shown))


def _marks(data: bytes, number: int) -> tuple[Marks, dict[int, str]]:
    """The fields of a page and the characters of its Type 3 fonts, where pypdf can tell them."""
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted:
            reader.decrypt("")
        page = reader.pages[number]
        return read_marks(page, number + 1, Losses()), characters(page)
    except Exception:  # pypdf promises no closed set of errors; the page is drawn all the same
        return Marks(), {}


def _glyph_signs(page: Any, sheet: Sheet) -> Iterator[Sign]:
    for glyph in without_doubles(sheet.glyphs):
        if not glyph.text.isspace():
            yield Sign(glyph.text, _box(page, _corners(glyph, sheet)))


def _field_signs(page: Any, marks: Marks) -> Iterator[Sign]:
    for field in marks.fields:
        yield Sign(field.text, _box(page, _rect_corners(field.place)))


def _corners(glyph: Glyph, sheet: Sheet) -> list[tuple[float, float]]:
    """The corners of a glyph's box on the page; its own coordinates are turned with its text."""
    cos, sin = sheet.turns.get(glyph.run, (1.0, 0.0))
    low, high = glyph.y - _BELOW * glyph.size, glyph.y + _ABOVE * glyph.size
    upright = _rect_corners((glyph.x, low, max(glyph.right, glyph.x + 0.1 * glyph.size), high))
    return [(x * cos - y * sin, x * sin + y * cos) for x, y in upright]


def _rect_corners(place: Rect) -> list[tuple[float, float]]:
    left, bottom, right, top = place
    return [(left, bottom), (right, bottom), (left, top), (right, top)]


def _box(page: Any, corners: list[tuple[float, float]]) -> Box:
    """The box of points on the page; PDFium knows how it is cropped and turned when shown."""
    x, y = ctypes.c_int(), ctypes.c_int()
    shown: list[tuple[int, int]] = []
    for across, up in corners:
        pdfium.FPDF_PageToDevice(
            page.raw, 0, 0, UNIT, UNIT, 0, across, up, ctypes.byref(x), ctypes.byref(y)
        )
        shown.append((min(max(x.value, 0), UNIT), min(max(y.value, 0), UNIT)))
    xs, ys = [point[0] for point in shown], [point[1] for point in shown]
    return min(xs), min(ys), max(xs), max(ys)
