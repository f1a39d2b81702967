"""Raised and lowered characters -> plain text that reads right: 10^3, 25[note 1], CO2, 3 1/2.

Pure functions over text, for every format that has superscripts. Glued to what stands before
them, they would be falsehoods: 103, 251, 31/2.
"""

from __future__ import annotations

import re
from collections.abc import Container

_ORDINAL = re.compile(r"(?:st|nd|rd|th|er|ère|re|e|ème|nde?|me|mes|lle|lles|o|º|ª|°)$", re.I)
_TITLE = re.compile(r"\b(?:M|D|S|N|V|Mm|Dr|Ms)$")
_MARK = re.compile(r"(?:\d{1,3}|[a-z]|[ivx]{1,4}|[*†‡§¶]{1,3})$")
_MARKS = re.compile(r"(?:\d{1,3}|[a-z])(?:\s*[,;–-]\s*(?:\d{1,3}|[a-z]))+$")
_BRACKETED = re.compile(r"\[\w{1,3}\]$|\w{1,2}\)$")
_PLAIN = re.compile(r"[-+\u2212]?[\w.]+[-+\u2212]?$")
_SIGN = re.compile(r"[*†‡§¶®©™℠′″]+$|(?:TM|SM|MC|MR|R|C)$")
_POWER = re.compile(
    r"(?:^|[\s(=×·*/x,])(?:10|[eE]|[a-zA-Z])$"
    r"|(?:^|[\s\d/·(])(?:[kdcmµμn]?m|ft|in|yd|mi|s|min|h|sec|kg|g)$"
    r"|(?:alpha|beta|gamma|delta|sigma|theta|lambda|omega|chi|eta|rho|tau|phi|psi|mu|pi)$"
    r"|[\u0370-\u03ff]$",
)
_WORD_END = re.compile(r"[^\W\d_]{4,}$|[.,;:!?”’\"'»。，；：！？]$")


def raised(before: str, mark: str, notes: Container[str] = ()) -> str:
    """How a superscript `mark` is written after the text `before`.

    `notes` are the marks of the document's own notes. A mark is that of a note where the document
    has such a note and `before` is no base of a power, or where it ends a word or a sentence; else
    it is an exponent, but for ordinals (1st), signs (™) and degrees.
    """
    mark = " ".join(mark.split())
    if not mark:
        return ""
    if _SIGN.match(mark):
        return mark
    if not before or before[-1].isspace():
        known = mark.strip(" []()") in notes
        return f"{note(mark)} " if known else f"^{mark}" if before.strip() else mark
    if _ORDINAL.match(mark) and (before[-1].isdigit() or _TITLE.search(before)):
        return "°" if mark in ("o", "°") and before[-1].isdigit() else mark
    if _BRACKETED.match(mark) or _is_note(before, mark, notes):
        return note(mark)
    return f"^{mark}" if _PLAIN.match(mark) else f"^({mark})"


def _is_note(before: str, mark: str, notes: Container[str]) -> bool:
    if mark != "1" and _POWER.search(before):
        return False
    if mark in notes or mark == "1":  # no one writes a first power
        return True
    return bool(_WORD_END.search(before) and (_MARK.match(mark) or _MARKS.match(mark)))


def note(mark: str) -> str:
    """The mark of a note as it is written in the text: "1" or "[1]" -> "[note 1]"."""
    return f"[note {mark.strip(' []()')}]"


def is_mark(text: str) -> bool:
    """Whether a superscript may be the mark of a note: a number, a letter, a star or a dagger."""
    return _MARK.match(text.strip(" []()")) is not None


def lowered(before: str, mark: str) -> str:
    """How a subscript `mark` is written after the text `before`: CO2, log2, x_i, 101_2."""
    mark = " ".join(mark.split())
    if not mark:
        return ""
    if not before or before[-1].isspace():
        return mark
    if mark[0].isdigit() and not before[-1].isdigit() and mark.isalnum():
        return mark
    return f"_{mark}" if _PLAIN.match(mark) else f"_({mark})"


def fraction(before: str, top: str, bottom: str) -> str:
    """A fraction after the text `before`, set off from a whole number: 3 1/2."""
    top, bottom = _grouped(top), _grouped(bottom)
    gap = " " if before[-1:].isdigit() else ""
    return f"{gap}{top}/{bottom}"


def _grouped(term: str) -> str:
    term = " ".join(term.split())
    return term if re.fullmatch(r"[\w.,]*(?:\^\S+)?|\w*\([^()]*\)", term) else f"({term})"
