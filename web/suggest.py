"""Headings of a collection -> a few first questions. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePath

from rag.text import detect_language
from rag.types import Language, Page
from web.texts_talk import talk_texts

MOST = 4
_NUMBERING = re.compile(
    r"^(?:第[\d一二三四五六七八九十百]+[章节条款]\s*|[一二三四五六七八九十]+、\s*|[\d.\-–—、）)(（\s]+)*"
)
_SHORTEST, _LONGEST = 3, 48


def suggestions(
    pages: Sequence[tuple[str, Page]], language: Language, most: int = MOST
) -> list[str]:
    """Questions about headings of (document name, page), each of another document as far as there
    are, in the documents' own languages; those in the reader's language first."""
    by_document: dict[str, list[str]] = {}
    for name, page in pages:
        found = by_document.setdefault(name, [])
        levels = {heading.level for heading in page.headings}
        for heading in page.headings:
            words = _NUMBERING.sub("", " ".join(heading.text.split()))
            title = heading.level == min(levels) and len(levels) > 1
            if not title and _SHORTEST <= len(words) <= _LONGEST and words not in found:
                found.append(words)
    asked: list[tuple[bool, int, str]] = []
    for name, headings in by_document.items():
        document = PurePath(name).stem
        for place, words in enumerate(headings):
            spoken = detect_language(f"{name} {words}")
            question = talk_texts(spoken).suggest.format(document=document, heading=words)
            asked.append((spoken != language, place, question))
    return [question for _, _, question in sorted(asked, key=lambda one: one[:2])][:most]
