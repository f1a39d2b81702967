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
_MAPS_BLANK = re.compile(rb"<[0-9A-Fa-f]+>\s*<0020>")
_RANGE = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<00([0-9A-Fa-f]{2})>")


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
    mapping = font["/ToUnicode"].get_data()
    if _MAPS_BLANK.search(mapping):
        return True
    return any(
        int(first, 16) <= int(last, 16)
        and int(target, 16) <= 0x20 <= int(target, 16) + int(last, 16) - int(first, 16)
        for first, last, target in _RANGE.findall(mapping)
    )


def _set_blank_width(descendant: Any) -> None:
    widths = descendant.get("/W", ArrayObject()).get_object()
    entry = [NumberObject(_BLANK_GLYPH), ArrayObject([NumberObject(_BLANK_WIDTH)])]
    descendant[NameObject("/W")] = ArrayObject([*widths, *entry])
