"""A page of a PDF -> its characters with their places, by PDFium.

PDFium reads ten times as fast as pypdf, knows where each character stands, and says which ones a
font maps to nothing. Knows nothing of lines. Coordinates are points, y upwards, turned so that the
text runs from left to right.
"""

from __future__ import annotations

import ctypes
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

from ingest.loaders.signs import shown, tex_sign

_NO_CHARACTER = frozenset([0, 0xFFFD, 0xFFFE, 0xFFFF])
_HYPHEN = 2
UNNAMED = "unnamed"
_THIN = 3.0
"""Points: a drawn rectangle up to this height is a line."""
_DOUBLED = 0.2
"""Ems by which text that is printed twice to look bold is moved."""


class Glyph(NamedTuple):
    """A character: `x` and `right` are where its pen starts and stops, `y` is its baseline, `size`
    in points, `run` counts the text objects of the page (one is drawn at a time)."""

    text: str
    x: float
    right: float
    y: float
    size: float
    run: int


@dataclass(frozen=True, slots=True)
class Rule:
    """A horizontal line that is drawn on the page."""

    left: float
    right: float
    y: float


@dataclass(frozen=True, slots=True)
class Upright:
    """A vertical line that is drawn on the page."""

    x: float
    bottom: float
    top: float


@dataclass(slots=True)
class Sheet:
    """What stands on a page: glyphs in the order in which they are drawn, a blank among them where
    PDFium sees one; lines; the characters that a font has no meaning for, by the font's name;
    `pictures` counts those of some size, `scans` those that fill the page, `drawn` the drawn
    outlines; `struck`: some text is struck out; `turned`: some text
    does not run from left to right; `turns` are cosine and sine of its direction, by run. `bottom`
    and `top` are the page's edges."""

    glyphs: list[Glyph] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    uprights: list[Upright] = field(default_factory=list)
    unreadable: Counter[str] = field(default_factory=Counter)
    pictures: int = 0
    scans: int = 0
    drawn: int = 0
    struck: bool = False
    turned: bool = False
    turns: dict[int, tuple[float, float]] = field(default_factory=dict)
    bottom: float = 0.0
    top: float = 0.0


@dataclass(frozen=True, slots=True)
class _Object:
    """A text object: its number, size in points, font, and the turn of its text."""

    number: int
    size: float
    font: str
    cos: float
    sin: float


def read_sheet(page: Any, type3: Mapping[int, str] | None = None) -> Sheet:
    """What stands on a pypdfium2 `page`; `type3` are the characters of its Type 3 fonts by code."""
    left, bottom, right, top = page.get_cropbox()
    sheet = Sheet(bottom=min(bottom, top), top=max(bottom, top))
    _look_at_objects(page.raw, sheet, abs((right - left) * (top - bottom)))
    text_page = page.get_textpage()
    try:
        _Reader(text_page.raw, sheet, type3 or {}).read(text_page.count_chars())
    finally:
        text_page.close()
    return sheet


class _Reader:
    """Reads the characters of one page."""

    def __init__(self, raw: Any, sheet: Sheet, type3: Mapping[int, str]) -> None:
        self._raw = raw
        self._type3 = type3
        self._sheet = sheet
        self._objects: dict[int, _Object] = {}
        self._x, self._y, self._box = ctypes.c_double(), ctypes.c_double(), pdfium.FS_RECTF()

    def read(self, count: int) -> None:
        raw, sheet = self._raw, self._sheet
        x, y, box = ctypes.byref(self._x), ctypes.byref(self._y), ctypes.byref(self._box)
        for index in range(count):
            code = pdfium.FPDFText_GetUnicode(raw, index)
            handle = pdfium.FPDFText_GetTextObject(raw, index)
            if not handle:  # a blank or a line's end that PDFium adds
                self._add_blank(code)
                continue
            found = self._object(index, handle)
            text = "-" if code == _HYPHEN else chr(code)
            if pdfium.FPDFText_HasUnicodeMapError(raw, index) == 1 or code in _NO_CHARACTER:
                text = tex_sign(code, found.font)
                if found.font == UNNAMED:
                    text = self._type3.get(code, "")
            elif 0xE000 <= code <= 0xF8FF:
                text = _sign(text, found.font)
            elif code < 0x20 and code != _HYPHEN:
                continue
            if not text:
                if code not in (0x20, 0xA0):
                    sheet.unreadable[found.font] += 1
                continue
            pdfium.FPDFText_GetCharOrigin(raw, index, x, y)
            pdfium.FPDFText_GetLooseCharBox(raw, index, box)
            sheet.glyphs.append(self._settled(self._placed(text, found), found))

    def _settled(self, glyph: Glyph, found: _Object) -> Glyph:
        """The glyph, set right where one sign stands for several letters, or hangs from its line
        as TeX's large brackets do."""
        last = self._sheet.glyphs[-1] if self._sheet.glyphs else None
        if last is None or last.run != glyph.run:
            hangs = last is not None and found.font.startswith("CMEX")
            return glyph._replace(y=last.y, size=last.size) if hangs and last else glyph
        if glyph.y == last.y and glyph.right == last.right and glyph.x < last.right:
            return glyph._replace(x=last.right)
        return glyph

    def _placed(self, text: str, found: _Object) -> Glyph:
        x, y, box = self._x.value, self._y.value, self._box
        if found.sin == 0.0:
            return Glyph(text, x, max(x, box.right), y, found.size, found.number)
        along = x * found.cos + y * found.sin
        across = y * found.cos - x * found.sin
        corners = [
            cx * found.cos + cy * found.sin
            for cx in (box.left, box.right)
            for cy in (box.bottom, box.top)
        ]
        return Glyph(text, along, max(along, *corners), across, found.size, found.number)

    def _add_blank(self, code: int) -> None:
        last = self._sheet.glyphs[-1] if self._sheet.glyphs else None
        if last is not None and last.text != " " and code in (0x20, 0x0A, 0x0D, 0x09):
            glyph = Glyph(" ", last.right, last.right, last.y, last.size, last.run)
            self._sheet.glyphs.append(glyph)

    def _object(self, index: int, handle: Any) -> _Object:
        address = ctypes.addressof(handle.contents)
        found = self._objects.get(address)
        if found is None:
            matrix = pdfium.FS_MATRIX()
            pdfium.FPDFText_GetMatrix(self._raw, index, ctypes.byref(matrix))
            size = pdfium.FPDFText_GetFontSize(self._raw, index)
            scale = math.hypot(matrix.c, matrix.d)
            length = math.hypot(matrix.a, matrix.b) or 1.0
            cos, sin = matrix.a / length, matrix.b / length
            if abs(sin) < 0.02 or cos < -0.98:
                cos, sin = 1.0, 0.0
            else:
                self._sheet.turned = True
                self._sheet.turns[len(self._objects)] = (cos, sin)
            found = _Object(len(self._objects), (size * scale) or 1.0, self._font(index), cos, sin)
            self._objects[address] = found
        return found

    def _font(self, index: int) -> str:
        buffer = ctypes.create_string_buffer(128)
        flags = ctypes.c_int()
        pdfium.FPDFText_GetFontInfo(self._raw, index, buffer, 128, ctypes.byref(flags))
        name = buffer.value.decode("utf-8", errors="replace")
        return name.rpartition("+")[2] or UNNAMED


def _sign(char: str, font: str) -> str:
    """What a character of the private range shows; "" if that cannot be told."""
    family = font.partition(",")[0].replace("-", " ").replace("MT", "").removesuffix(" Regular")
    if family.lower().startswith(("wingdings", "symbol", "webdings")):
        return shown(char, {"SymbolMT": "Symbol", "Wingdings2": "Wingdings 2"}.get(font, family))
    return "•" if ord(char) in (0xF0B7, 0xF0A7) else ""


_MOST_OBJECTS = 20_000
_PICTURE, _SCAN = 0.06, 0.7
"""Shares of the page from which a picture is one to look at, and one of the page itself."""


def _look_at_objects(raw: Any, sheet: Sheet, area: float) -> None:
    """Note the thin horizontal lines of the page, and count its larger pictures."""
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    edges = [ctypes.byref(value) for value in (left, bottom, right, top)]
    for number in range(min(pdfium.FPDFPage_CountObjects(raw), _MOST_OBJECTS)):
        item = pdfium.FPDFPage_GetObject(raw, number)
        kind = pdfium.FPDFPageObj_GetType(item)
        if kind not in (pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_IMAGE):
            continue
        if not pdfium.FPDFPageObj_GetBounds(item, *edges):
            continue
        x, y = (left.value + right.value) / 2, (bottom.value + top.value) / 2
        width, height = right.value - left.value, top.value - bottom.value
        sheet.drawn += kind == pdfium.FPDF_PAGEOBJ_PATH
        if kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            share = width * height / area if area else 0.0
            sheet.pictures += _PICTURE <= share < _SCAN
            sheet.scans += share >= _SCAN
        elif height <= _THIN and width >= 2 * _THIN:
            sheet.rules.append(Rule(left.value, right.value, y))
        elif width <= _THIN and height >= 2 * _THIN:
            sheet.uprights.append(Upright(x, bottom.value, top.value))
        elif pdfium.FPDFPath_CountSegments(item) in (4, 5) and _is_stroked(item):
            sheet.rules += [
                Rule(left.value, right.value, edge) for edge in (bottom.value, top.value)
            ]
            sheet.uprights += [
                Upright(edge, bottom.value, top.value) for edge in (left.value, right.value)
            ]


def _is_stroked(item: Any) -> bool:
    """Whether the outline of a path is drawn, not its area alone."""
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(item, ctypes.byref(fill), ctypes.byref(stroke))
    return bool(stroke.value)


def without_doubles(glyphs: list[Glyph]) -> list[Glyph]:
    """The glyphs without those of text that is drawn once more, a hair beside, to look bold."""
    runs: dict[int, list[Glyph]] = {}
    for glyph in glyphs:
        runs.setdefault(glyph.run, []).append(glyph)
    seen: dict[tuple[str, int, int], tuple[float, float]] = {}
    doubled: set[int] = set()
    for number, run in runs.items():
        text = "".join(glyph.text for glyph in run).strip()
        if not text:
            continue
        first, near = run[0], _DOUBLED * run[0].size
        column, row = round(first.x / near), round(first.y / near)
        beside = (
            seen.get((text, column + right, row + up)) for right in (-1, 0, 1) for up in (-1, 0, 1)
        )
        if any(p and abs(p[0] - first.x) < near and abs(p[1] - first.y) < near for p in beside):
            doubled.add(number)
        else:
            seen[text, column, row] = (first.x, first.y)
    return [glyph for glyph in glyphs if glyph.run not in doubled] if doubled else glyphs
