"""The numbers that Word shows before paragraphs but does not store in their text.

A contract is cited by its clause numbers, so they belong to what a reader sees.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from docx.oxml.ns import qn

_DIGITS_ZH = "零一二三四五六七八九"
_ROMAN = [(10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")]
_PLACEHOLDER = re.compile(r"%([1-9])")


class Numbering:
    """Counts a document's numbered paragraphs as they are met, in document order."""

    def __init__(self, levels: dict[str, dict[int, Any]], abstract: dict[str, str]) -> None:
        self._levels = levels
        self._abstract = abstract
        self._counts: dict[str, list[int]] = {}

    @classmethod
    def of(cls, document: Any) -> Numbering:
        """The numbering definitions of a python-docx document; none if it has no such part."""
        part = next(
            (
                relation.target_part
                for relation in document.part.rels.values()
                if not relation.is_external and relation.reltype.endswith("/numbering")
            ),
            None,
        )
        if part is None:
            return cls({}, {})
        root = part.element
        levels = {
            definition.get(qn("w:abstractNumId")): {
                int(level.get(qn("w:ilvl"), 0)): level for level in definition.iter(qn("w:lvl"))
            }
            for definition in root.iterfind(qn("w:abstractNum"))
        }
        abstract = {
            number.get(qn("w:numId")): number.find(qn("w:abstractNumId")).get(qn("w:val"))
            for number in root.iterfind(qn("w:num"))
        }
        return cls(levels, abstract)

    def bullet(self, paragraph: Any, styles: Sequence[Any]) -> str:
        """What stands before the paragraph ("- ", "3. ", "第三条 "), or "" outside lists.

        `styles` are the paragraph's style elements, nearest first. Each call counts.
        """
        reference = _reference((paragraph, *styles))
        if reference is None:
            return ""
        number_id, depth = reference
        definition = self._abstract.get(number_id, "")
        level = self._levels.get(definition, {}).get(depth)
        indent = "  " * depth
        if level is None or _value(level, "w:numFmt", "bullet") in ("bullet", "none"):
            return f"{indent}- "
        counts = self._counts.setdefault(definition, [])
        while len(counts) <= depth:
            counts.append(0)
        del counts[depth + 1 :]
        start = int(_value(level, "w:start", "1"))
        counts[depth] = counts[depth] + 1 if counts[depth] else start
        return indent + self._filled(definition, _value(level, "w:lvlText", ""), counts) + " "

    def _filled(self, definition: str, pattern: str, counts: Sequence[int]) -> str:
        """`pattern` ("%1.%2") with the counts of its levels in their formats."""

        def number(match: re.Match[str]) -> str:
            depth = int(match.group(1)) - 1
            level = self._levels[definition].get(depth)
            style = _value(level, "w:numFmt", "decimal") if level is not None else "decimal"
            return _formatted(counts[depth] if depth < len(counts) else 1, style)

        return _PLACEHOLDER.sub(number, pattern)


def _reference(holders: Sequence[Any]) -> tuple[str, int] | None:
    """(list id, 0-based depth) from the paragraph or the nearest style that names a list."""
    depth: int | None = None
    for holder in holders:
        properties = holder.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
        if properties is None:
            continue
        if depth is None and properties.find(qn("w:ilvl")) is not None:
            depth = int(_value(properties, "w:ilvl", "0"))
        if properties.find(qn("w:numId")) is not None:
            number_id = _value(properties, "w:numId", "0")
            return None if number_id == "0" else (number_id, depth or 0)
    return None


def _value(element: Any, tag: str, default: str) -> str:
    child = element.find(qn(tag))
    return default if child is None else str(child.get(qn("w:val"), default))


def _formatted(number: int, style: str) -> str:
    """`number` (1 or more) as Word's number format `style` shows it; decimal if it is unknown."""
    if style in ("lowerLetter", "upperLetter"):
        letters = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letters.upper() if style.startswith("upper") else letters
    if style in ("lowerRoman", "upperRoman") and number < 40:
        roman = _roman(number)
        return roman.upper() if style.startswith("upper") else roman
    if style.startswith(("chinese", "japaneseCounting", "taiwanese")) and 0 < number < 100:
        return _chinese(number)
    return str(number)


def _roman(number: int) -> str:
    text = ""
    for value, sign in _ROMAN:
        text += sign * (number // value)
        number %= value
    return text


def _chinese(number: int) -> str:
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_DIGITS_ZH[tens]}十"
    return head + (_DIGITS_ZH[ones] if ones or not tens else "")
