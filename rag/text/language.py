"""The language of a text, and one spelling for its characters. Pure functions."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Any

from rag.types import Language

CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002ebef"
_HAN = re.compile(f"[{CJK}]")
_LETTER = re.compile(r"[^\W\d_]")
_SYLLABLES = re.compile("[\u3041-\u30ff\uac00-\ud7af]")


def detect_language(text: str) -> Language:
    """ "zh" when at least a fifth of the letters are Han characters, else "en".

    A fifth, not a half: one Han character carries about as much as a whole English word, and
    Chinese questions often hold a Latin product name. Where a tenth of the letters are kana or
    hangul the text is Japanese or Korean, whose readers rather know English than Chinese.
    """
    letters = len(_LETTER.findall(text))
    if not letters or len(_HAN.findall(text)) < 0.2 * letters:
        return "en"
    return "en" if is_syllabic(text) else "zh"


def is_syllabic(text: str) -> bool:
    """Whether at least a tenth of the letters are kana or hangul: Japanese or Korean."""
    return len(_SYLLABLES.findall(text)) >= max(1.0, 0.1 * len(_LETTER.findall(text)))


def fold_width(text: str) -> str:
    """NFKC and lower case: full-width forms become half-width, ligatures are taken apart."""
    return unicodedata.normalize("NFKC", text).lower()


def simplify(text: str) -> str:
    """Traditional Chinese characters to simplified ones, one for one; the rest stays."""
    return str(_converter().convert(text)) if _HAN.search(text) else text


@cache
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("t2s")
