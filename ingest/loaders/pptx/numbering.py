"""The numbers that slides show before paragraphs and do not store in their text.

Knows lxml elements, nothing of what the paragraphs say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from pptx.oxml.ns import qn

from ingest.loaders.listing import formatted

_KIND = re.compile(r"(arabic|alphaLc|alphaUc|romanLc|romanUc|circleNum|ea1Chs|ea1Cht|ea1Jpn)(\w*)$")
_STYLES = {
    "alphaLc": "lowerLetter",
    "alphaUc": "upperLetter",
    "romanLc": "lowerRoman",
    "romanUc": "upperRoman",
    "circleNum": "decimalEnclosedCircle",
    "ea1Chs": "chineseCounting",
    "ea1Cht": "chineseCounting",
}
_BULLETS = (qn("a:buNone"), qn("a:buChar"), qn("a:buAutoNum"), qn("a:buBlip"))


def numbers(paragraphs: Sequence[Any], list_styles: Sequence[Any]) -> Iterator[str]:
    """What stands before each of the paragraphs of one text: "3.", "b)", or "" for no number.

    `list_styles` are the `a:lstStyle` elements that apply to them, nearest first. Paragraphs that
    follow each other are counted on; one of another kind, or of a level above, starts afresh.
    """
    counts: dict[int, tuple[str, int]] = {}
    for paragraph in paragraphs:
        if not any(text.text for text in paragraph.iter(qn("a:t"))):
            yield ""  # an empty paragraph shows no number and does not count
            continue
        depth = level(paragraph)
        counts = {deep: count for deep, count in counts.items() if deep <= depth}
        auto = _bullet(paragraph, depth, list_styles)
        if auto is None or auto.tag != qn("a:buAutoNum"):
            counts.pop(depth, None)
            yield ""
            continue
        start = auto.get("startAt", "1")
        key = f"{auto.get('type', '')} {start}"
        known, number = counts.get(depth, ("", 0))
        number = number + 1 if known == key else int(start) if start.isdigit() else 1
        counts[depth] = (key, number)
        yield _shown(number, auto.get("type", ""))


def level(paragraph: Any) -> int:
    """How deep a paragraph stands; 0 is the outermost."""
    properties = paragraph.find(qn("a:pPr"))
    value = properties.get("lvl", "0") if properties is not None else "0"
    return int(value) if value.isdigit() else 0


def _bullet(paragraph: Any, depth: int, list_styles: Sequence[Any]) -> Any:
    """What the paragraph, or the nearest style for its level, sets before it; None if nothing."""
    holders = [paragraph.find(qn("a:pPr"))]
    holders += [style.find(qn(f"a:lvl{depth + 1}pPr")) for style in list_styles if depth < 9]
    for holder in holders:
        for child in holder if holder is not None else ():
            if child.tag in _BULLETS:
                return child
    return None


def _shown(number: int, kind: str) -> str:
    match = _KIND.match(kind)
    digits = formatted(number, _STYLES.get(match.group(1), "decimal") if match else "decimal")
    around = match.group(2) if match else "Period"
    if around.endswith("ParenBoth"):
        return f"({digits})"
    if around.endswith("ParenR"):
        return f"{digits})"
    return digits if around.endswith("Plain") else f"{digits}."
