"""Type 3 fonts of a PDF's page: what their glyphs are called, where PDFium asks for a map.

Old TeX sets whole papers in them. Their codes have no meaning but by the names in the encoding.
"""

from __future__ import annotations

import re
from typing import Any

_NAMES = {
    "space": " ", "zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5",
    "six": "6", "seven": "7", "eight": "8", "nine": "9", "period": ".", "comma": ",", "colon": ":",
    "semicolon": ";", "hyphen": "-", "endash": "–", "emdash": "—", "parenleft": "(",
    "parenright": ")", "bracketleft": "[", "bracketright": "]", "braceleft": "{",
    "braceright": "}", "slash": "/", "backslash": "\\", "quotesingle": "'", "quoteright": "’",
    "quoteleft": "‘", "quotedblleft": "“", "quotedblright": "”", "quotedbl": '"', "exclam": "!",
    "question": "?", "percent": "%", "ampersand": "&", "dollar": "$", "numbersign": "#", "at": "@",
    "asterisk": "*", "plus": "+", "minus": "−", "equal": "=", "less": "<", "greater": ">",
    "bar": "|", "underscore": "_", "degree": "°", "section": "§", "bullet": "•", "Euro": "€",
    "sterling": "£", "ff": "ff", "fi": "fi", "fl": "fl", "ffi": "ffi", "ffl": "ffl",
    "germandbls": "ß", "adieresis": "ä", "odieresis": "ö", "udieresis": "ü", "Adieresis": "Ä",
    "Odieresis": "Ö", "Udieresis": "Ü", "eacute": "é", "egrave": "è", "agrave": "à",
    "ccedilla": "ç", "ecircumflex": "ê", "ntilde": "ñ",
}  # fmt: skip
_CODE_NAME = re.compile(r"(?:uni|u)([0-9A-Fa-f]{4,6})$")


def characters(page: Any) -> dict[int, str]:
    """The characters of a pypdf `page`'s Type 3 fonts by their codes; those codes are left out
    that two fonts give to different characters."""
    resources = page.get("/Resources")
    fonts = resources.get_object().get("/Font") if resources is not None else None
    found: dict[int, set[str]] = {}
    for reference in (fonts.get_object() if fonts is not None else {}).values():
        font = reference.get_object()
        if font.get("/Subtype") != "/Type3" or "/ToUnicode" in font:
            continue
        encoding = font.get("/Encoding")
        encoding = encoding.get_object() if encoding is not None else None
        code = 0
        for entry in encoding.get("/Differences", ()) if isinstance(encoding, dict) else ():
            if isinstance(entry, str):
                found.setdefault(code, set()).add(_character(entry[1:]))
                code += 1
            else:
                code = int(entry)
    return {code: chars.pop() for code, chars in found.items() if len(chars) == 1}


def _character(name: str) -> str:
    """The character that a glyph's name stands for; "" if it stands for none."""
    if len(name) == 1:
        return name
    match = _CODE_NAME.match(name)
    if match and int(match.group(1), 16) < 0x110000:
        return chr(int(match.group(1), 16))
    return _NAMES.get(name, "")
