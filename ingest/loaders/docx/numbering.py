"""The numbers that Word shows before paragraphs but does not store in their text.

A contract is cited by its clause numbers, so they belong to what a reader sees.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from docx.oxml.ns import qn

from ingest.loaders.listing import formatted

_PLACEHOLDER = re.compile(r"%([1-9])")


class Numbering:
    """Counts a document's numbered paragraphs as they are met, in document order."""

    def __init__(
        self,
        levels: dict[str, dict[int, Any]],
        abstract: dict[str, str],
        overrides: dict[str, dict[int, Any]] | None = None,
    ) -> None:
        self._levels = levels
        self._abstract = abstract
        self._overrides = overrides or {}
        self._counts: dict[str, dict[int, int]] = {}
        self._met: set[tuple[str, int]] = set()

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
            definition.get(qn("w:abstractNumId")): _by_depth(definition.iter(qn("w:lvl")))
            for definition in root.iterfind(qn("w:abstractNum"))
        }
        abstract: dict[str, str] = {}
        overrides: dict[str, dict[int, Any]] = {}
        for number in root.iterfind(qn("w:num")):
            number_id, named = number.get(qn("w:numId")), number.find(qn("w:abstractNumId"))
            if named is not None:
                abstract[number_id] = named.get(qn("w:val"))
                overrides[number_id] = _by_depth(number.iterfind(qn("w:lvlOverride")))
        return cls(levels, abstract, overrides)

    def bullet(self, paragraph: Any, styles: Sequence[Any]) -> str:
        """What stands before the paragraph ("- ", "3. ", "第三条 "), or "" outside lists.

        `styles` are the paragraph's style elements, nearest first. Each call counts.
        """
        reference = _reference((paragraph, *styles))
        if reference is None:
            return ""
        number_id, depth = reference
        level = self._level(number_id, depth)
        indent = "  " * depth
        if level is None or _value(level, "w:numFmt", "bullet") in ("bullet", "none"):
            return f"{indent}- "
        counts = self._counts.setdefault(self._abstract.get(number_id, ""), {})
        self._count(number_id, depth, level, counts)
        return indent + self._filled(number_id, level, counts) + " "

    def _level(self, number_id: str, depth: int) -> Any:
        """The level's definition: that of the list itself, or of the one it is an instance of."""
        override = self._overrides.get(number_id, {}).get(depth)
        own = override.find(qn("w:lvl")) if override is not None else None
        if own is not None:
            return own
        return self._levels.get(self._abstract.get(number_id, ""), {}).get(depth)

    def _count(self, number_id: str, depth: int, level: Any, counts: dict[int, int]) -> None:
        """Count one paragraph: lists of one kind count on, unless one of them starts afresh."""
        override = self._overrides.get(number_id, {}).get(depth)
        afresh = _value(override, "w:startOverride", "") if override is not None else ""
        first = (number_id, depth) not in self._met
        self._met.add((number_id, depth))
        if afresh and first:
            counts[depth] = int(afresh)
        elif depth in counts:
            counts[depth] += 1
        else:
            counts[depth] = int(afresh or _value(level, "w:start", "1"))
        for deeper in [other for other in counts if other > depth]:
            below = self._level(number_id, deeper)
            if below is None or _value(below, "w:lvlRestart", "") != "0":
                del counts[deeper]

    def _filled(self, number_id: str, level: Any, counts: Mapping[int, int]) -> str:
        """The level's pattern ("%1.%2") with the counts of its levels in their formats."""
        legal = level.find(qn("w:isLgl")) is not None

        def number(match: re.Match[str]) -> str:
            depth = int(match.group(1)) - 1
            outer = self._level(number_id, depth)
            style = _value(outer, "w:numFmt", "decimal") if outer is not None else "decimal"
            start = int(_value(outer, "w:start", "1")) if outer is not None else 1
            return formatted(counts.get(depth, start), "decimal" if legal else style)

        return _PLACEHOLDER.sub(number, _value(level, "w:lvlText", ""))


def _by_depth(elements: Iterable[Any]) -> dict[int, Any]:
    return {int(element.get(qn("w:ilvl"), 0)): element for element in elements}


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
