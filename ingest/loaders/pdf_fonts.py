"""Composite fonts without a blank: tell pypdf how wide a word gap is.

TeX leaves blanks out of such fonts and moves the pen instead. pypdf then takes the width of glyph
number 32, whatever that is, for the width of a blank, and where it is a wide one the words run
together (https://github.com/py-pdf/pypdf/issues/3978). An entry in the font's width table mends
it, in memory, before the text is extracted.
"""

from __future__ import annotations

import re
from typing import Any

from pypdf.generic import ArrayObject, NameObject, NumberObject

_BLANK_GLYPH = 32
_BLANK_WIDTH = 250
"""A quarter of the font's size: what most text fonts have."""
_CODE = re.compile(rb"<([0-9A-Fa-f]+)>")


def mend_blank_widths(page: Any, mended: set[int]) -> None:
    """Give each composite font of a pypdf `page` that has no blank a usual width for one.

    `mended` holds the numbers of the font objects already looked at; it is added to.
    """
    fonts = page.get("/Resources", {}).get_object().get("/Font", {}).get_object()
    for key in fonts:
        reference = fonts.raw_get(key)
        number = getattr(reference, "idnum", id(reference))
        if number in mended:
            continue
        mended.add(number)
        font = fonts[key]
        if font.get("/Subtype") == "/Type0" and not _has_blank(font):
            for descendant in font.get("/DescendantFonts", ()):
                _set_blank_width(descendant.get_object())


def _has_blank(font: Any) -> bool:
    """Whether the font's map to Unicode yields a blank; true if it has no such map to ask."""
    if "/ToUnicode" not in font or not hasattr(font["/ToUnicode"], "get_data"):
        return True
    return any(map(_yields_blank, font["/ToUnicode"].get_data().splitlines()))


def _yields_blank(line: bytes) -> bool:
    """Whether a line of a character map, `<code> <text>` or `<first> <last> <text>`, covers it."""
    codes = [int(code, 16) for code in _CODE.findall(line)]
    if len(codes) == 2:
        return codes[1] == 0x20
    return len(codes) == 3 and codes[2] <= 0x20 <= codes[2] + codes[1] - codes[0]


def _set_blank_width(descendant: Any) -> None:
    widths = descendant.get("/W", ArrayObject()).get_object()
    entry = [NumberObject(_BLANK_GLYPH), ArrayObject([NumberObject(_BLANK_WIDTH)])]
    descendant[NameObject("/W")] = ArrayObject([*widths, *entry])
