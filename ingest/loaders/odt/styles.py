"""The styles of an OpenDocument text that change what it says: raised, lowered, struck out,
hidden, and how lists count.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ingest.loaders.listing import formatted
from ingest.loaders.odt.names import q

_COUNTS = {"1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman",
           "I": "upperRoman", "一, 二, 三, ...": "chineseCounting"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Look:
    """How a span looks: `script` is "sup", "sub" or "", `font` the family if it names one."""

    script: str = ""
    struck: bool = False
    hidden: bool = False
    font: str = ""


@dataclass(frozen=True, slots=True)
class Level:
    """How a level of a list is marked: what it counts in ("" for a bullet), and around it."""

    count: str = ""
    before: str = ""
    after: str = ""
    start: int = 1
    shown: int = 1


class Styles:
    """Looks of styles by their names, parents and what automatic styles change followed."""

    def __init__(self, roots: Iterable[Any]) -> None:
        self._styles: dict[tuple[str, str], Any] = {}
        self._lists: dict[str, dict[int, Level]] = {}
        self._fonts: dict[str, str] = {}
        for root in roots:
            for style in root.iter(q("style:style")):
                key = style.get(q("style:family"), ""), style.get(q("style:name"), "")
                self._styles.setdefault(key, style)
            for face in root.iter(q("style:font-face")):
                family = face.get(q("svg:font-family"), "").strip("'\"")
                self._fonts.setdefault(face.get(q("style:name"), ""), family)
            for style in root.iter(q("text:list-style")):
                self._lists.setdefault(style.get(q("style:name"), ""), dict(_levels(style)))

    def look(self, name: str | None, family: str = "text") -> Look:
        """The look of the style `name`."""
        script, font, struck, hidden = "", "", None, None
        for style in self._chain(name, family):
            look = style.find(q("style:text-properties"))
            if look is None:
                continue
            position = look.get(q("style:text-position"), "")
            script = script or _script(position)
            line = look.get(q("style:text-line-through-style"))
            struck = (line != "none") if struck is None and line else struck
            display = look.get(q("text:display"))
            hidden = (display == "none") if hidden is None and display else hidden
            font = font or self._fonts.get(look.get(q("style:font-name"), ""), "")
        return Look(script, bool(struck), bool(hidden), font)

    def parent(self, name: str | None) -> str:
        """The name of the named style that a paragraph's style rests on."""
        for style in self._chain(name, "paragraph"):
            if style.getparent().tag == q("office:styles"):
                return str(style.get(q("style:name"), ""))
        return name or ""

    def list_style(self, name: str | None) -> str:
        """The list style that a paragraph style brings with it; "" if none."""
        for style in self._chain(name, "paragraph"):
            if found := style.get(q("style:list-style-name")):
                return str(found)
        return ""

    def level(self, style: str, depth: int) -> Level:
        """How the list style marks the items of `depth` (1 is the outermost)."""
        return self._lists.get(style, {}).get(depth, Level())

    def _chain(self, name: str | None, family: str) -> Iterable[Any]:
        seen: set[str] = set()
        while name and name not in seen:
            seen.add(name)
            style = self._styles.get((family, name))
            if style is None:
                return
            yield style
            name = style.get(q("style:parent-style-name"))


def mark(level: Level, numbers: list[int]) -> str:
    """The mark of an item whose `numbers` are those of all levels down to its own."""
    if not level.count:
        return "- "
    shown = numbers[-level.shown :]
    return f"{level.before}{'.'.join(formatted(n, level.count) for n in shown)}{level.after} "


def _script(position: str) -> str:
    first = position.split(" ")[0]
    if first in ("super", "sub"):
        return "sup" if first == "super" else "sub"
    value = first.rstrip("%")
    if value in ("", "0"):
        return ""
    return "sub" if value.startswith("-") else "sup"


def _levels(style: Any) -> Iterable[tuple[int, Level]]:
    for element in style:
        depth = element.get(q("text:level"), "")
        if not depth.isdigit():
            continue
        count = _COUNTS.get(element.get(q("style:num-format"), ""), "")
        start = element.get(q("text:start-value"), "1")
        shown = element.get(q("text:display-levels"), "1")
        yield (
            int(depth),
            Level(
                count if element.tag == q("text:list-level-style-number") else "",
                element.get(q("style:num-prefix"), ""),
                element.get(q("style:num-suffix"), ""),
                int(start) if start.isdigit() else 1,
                int(shown) if shown.isdigit() else 1,
            ),
        )
