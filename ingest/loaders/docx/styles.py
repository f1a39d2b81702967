"""What a run of a Word document looks like: struck out, raised, lowered, hidden, in signs.

A look is set by the run itself, by its character style, or by the paragraph's style, in this
order. Knows lxml elements and the style list, nothing of text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from docx.oxml.ns import qn

_OFF = ("0", "false", "off")
_HEADING_STYLE = re.compile(r"(?:heading|标题|標題)\s*([1-9])$", re.I)
_MAX_HEADING = 9


@dataclass(frozen=True, slots=True)
class Look:
    """How a run is printed; None where nothing says so. `script` is "sup", "sub" or ""."""

    hidden: bool | None = None
    struck: bool | None = None
    script: str | None = None
    font: str | None = None

    def over(self, base: Look) -> Look:
        """This look, with what it leaves open taken from `base`."""
        open_fields = {
            name: getattr(base, name)
            for name in ("hidden", "struck", "script", "font")
            if getattr(self, name) is None
        }
        return replace(self, **open_fields)


class Styles:
    """The styles of one document by their ids."""

    def __init__(self, document: Any) -> None:
        self._styles = {style.style_id: style for style in document.styles}
        self._looks: dict[str, Look] = {}

    def chain(self, paragraph: Any) -> list[Any]:
        """The paragraph's style and those it is based on, nearest first, as elements."""
        named = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        return list(self._chain(named.get(qn("w:val")) if named is not None else None))

    def _chain(self, style_id: str | None) -> Iterator[Any]:
        style = self._styles.get(style_id)
        seen: set[str] = set()
        while style is not None and style.style_id not in seen:
            seen.add(style.style_id)
            yield style.element
            style = style.base_style

    def paragraph_look(self, paragraph: Any) -> Look:
        """The look of a paragraph's runs where they say nothing themselves."""
        named = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        return self._style_look(named.get(qn("w:val"))) if named is not None else Look()

    def run_look(self, run: Any, paragraph: Look) -> Look:
        """The look of `run` in a paragraph whose style has the look `paragraph`."""
        properties = run.find(qn("w:rPr"))
        if properties is None:
            return paragraph
        look = _look(properties)
        named = properties.find(qn("w:rStyle"))
        if named is not None:
            look = look.over(self._style_look(named.get(qn("w:val"))))
        return look.over(paragraph)

    def _style_look(self, style_id: str) -> Look:
        if style_id not in self._looks:
            look = Look()
            for element in self._chain(style_id):
                properties = element.find(qn("w:rPr"))
                if properties is not None:
                    look = look.over(_look(properties))
            self._looks[style_id] = look
        return self._looks[style_id]

    def heading_level(self, paragraph: Any, chain: Sequence[Any]) -> int:
        """1 to 9 for a heading (a title counts as 1), 0 for body text."""
        for holder in (paragraph, *chain):
            outline = holder.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}")
            if outline is not None and outline.get(qn("w:val"), "").isdigit():
                level = int(outline.get(qn("w:val"))) + 1
                return level if level <= _MAX_HEADING else 0
        for style in chain:
            named = style.find(qn("w:name"))
            title = named.get(qn("w:val"), "") if named is not None else ""
            if match := _HEADING_STYLE.match(title):
                return int(match.group(1))
            if title.lower() in ("title", "标题", "標題"):
                return 1
        return 0


def _look(properties: Any) -> Look:
    """The look that `w:rPr` sets."""
    fonts = properties.find(qn("w:rFonts"))
    font = None
    if fonts is not None:
        font = fonts.get(qn("w:ascii")) or fonts.get(qn("w:hAnsi"))
    struck = _switch(properties, "w:strike")
    if not struck:
        double = _switch(properties, "w:dstrike")
        struck = double if double is not None else struck
    return Look(_switch(properties, "w:vanish"), struck, _script(properties), font)


def _script(properties: Any) -> str | None:
    align = properties.find(qn("w:vertAlign"))
    if align is not None:
        return {"superscript": "sup", "subscript": "sub"}.get(align.get(qn("w:val"), ""), "")
    position = properties.find(qn("w:position"))
    if position is not None and re.fullmatch(r"-?\d+", position.get(qn("w:val"), "")):
        half_points = int(position.get(qn("w:val")))
        return "sup" if half_points >= 4 else "sub" if half_points <= -4 else ""
    return None


def _switch(properties: Any, tag: str) -> bool | None:
    switch = properties.find(qn(tag))
    return None if switch is None else switch.get(qn("w:val"), "1") not in _OFF
