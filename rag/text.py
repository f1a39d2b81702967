"""Pure functions over text: language, sentences, folding. No files, no models.

All spans are 0-based character offsets into the text given, end exclusive.
"""

from __future__ import annotations

import re
import unicodedata

from rag.types import Language, Span

CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002ebef"
_HAN = re.compile(f"[{CJK}]")
_LETTER = re.compile(r"[^\W\d_]")
_CLOSERS = "\"'”’」』）)】》〉]"
_TERMINATOR = re.compile(
    rf"[。！？!?；…]+[{re.escape(_CLOSERS)}]*"
    rf"|\.+[{re.escape(_CLOSERS)}]*(?=\s|$|[{CJK}])"
    r"|\n[ \t]*\n\s*"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|Sr|Jr|St|vs|No|Nos|Fig|Eq|Sec|Art|Vol|pp?|ca|cf|al|approx|"
    r"e\.g|i\.e|U\.S|Inc|Ltd|Co|Corp|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec))\.$"
)
_LIST_NUMBER = re.compile(r"(?:^|\n)\s*(?:\d{1,3}|[A-Za-z])\.$")


def detect_language(text: str) -> Language:
    """ "zh" when at least a fifth of the letters are Han characters, else "en".

    A fifth, not a half: one Han character carries about as much as a whole English word, and
    Chinese questions often hold a Latin product name.
    """
    letters = len(_LETTER.findall(text))
    return "zh" if letters and len(_HAN.findall(text)) >= 0.2 * letters else "en"


def fold_width(text: str) -> str:
    """NFKC and lower case: full-width forms become half-width, ligatures are taken apart."""
    return unicodedata.normalize("NFKC", text).lower()


def sentence_spans(text: str) -> list[Span]:
    """Spans of the sentences of `text`, English or Chinese, white space trimmed at both ends.

    A sentence ends at 。！？!?；…, at a full stop before white space that ends no abbreviation or
    list number, at a blank line, or at a line break before a list item or heading. Every
    character that is not white space is in exactly one span.
    """
    spans: list[Span] = []
    start = 0
    for cut in _cuts(text):
        _append_trimmed(spans, text, start, cut)
        start = cut
    _append_trimmed(spans, text, start, len(text))
    return spans


_LINE_STARTS_ITEM = re.compile(
    r"\n(?=[ \t]*(?:[-*•‣▪·#|]|\d{1,3}[.)、．]|[（(]?[一二三四五六七八九十]{1,3}[)）、．])[ \t]*\S)"
)


def _cuts(text: str) -> list[int]:
    cuts = {m.start() + 1 for m in _LINE_STARTS_ITEM.finditer(text)}
    for match in _TERMINATOR.finditer(text):
        if match.group().startswith("."):
            before = text[max(0, match.start() - 12) : match.start() + 1]
            if len(match.group().rstrip(_CLOSERS)) == 1 and (
                _ABBREVIATION.search(before) or _LIST_NUMBER.search(before)
            ):
                continue
        cuts.add(match.end())
    return sorted(cuts)


def _append_trimmed(spans: list[Span], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    right = len(piece.rstrip())
    if right > left:
        spans.append((start + left, start + right))
