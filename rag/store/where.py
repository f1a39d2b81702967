"""Filters over documents by what is said of them: `department = legal and year >= 2025`.

A field is one of the document's metadata, or `name`, `path` or `type` of its file. A document
matches if one of its places does. Knows nothing of databases.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from rag.errors import UsageError
from rag.types import Metadata

_FIELD = re.compile(r"""\s*(?:"([^"]+)"|'([^']+)'|([\w.-]+))\s*""")
_OPERATOR = re.compile(r"(!=|<=|>=|=|<|>|~|in\b)\s*", re.IGNORECASE)
_VALUE = re.compile(
    r"""(?:"([^"]*)"|'([^']*)'|((?!["'])(?:(?!\s+(?:and|or)\s)[^=<>~"])+?))\s*(?:$|\sand\s)""",
    re.IGNORECASE,
)
_VALUES = re.compile(r"\(([^()]*)\)\s*(?:$|and\s)", re.IGNORECASE)
_ITEM = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([^,"']+))\s*(?:,|$)""")
_Value = TypeVar("_Value", float, str)
_EXAMPLES = (
    "department = legal, year >= 2025, title ~ lease, department in (legal, hr), joined by 'and'"
)


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison. `operator` is =, !=, <, <=, >, >=, ~ (contains) or in; only in has more than
    one value. Text is compared without regard to case."""

    field: str
    operator: str
    values: tuple[str, ...]

    def holds(self, fields: Metadata) -> bool:
        """Whether it holds for a document with these fields. Of a list one element is enough; of a
        field that is not there nothing holds but that it is not equal."""
        held = fields.get(self.field)
        elements = held if isinstance(held, list | tuple) else [] if held is None else [held]
        if self.operator == "!=":
            return not any(_compare(element, "=", self.values[0]) for element in elements)
        operator = "=" if self.operator == "in" else self.operator
        return any(
            _compare(element, operator, value) for element in elements for value in self.values
        )

    def __str__(self) -> str:
        value = f"({', '.join(self.values)})" if self.operator == "in" else self.values[0]
        return f"{self.field} {self.operator} {value}"


@dataclass(frozen=True, slots=True)
class Where:
    """Conditions that all have to hold."""

    conditions: tuple[Condition, ...]

    def holds(self, fields: Metadata) -> bool:
        """Whether a document with these fields is meant."""
        return all(condition.holds(fields) for condition in self.conditions)

    def __str__(self) -> str:
        return " and ".join(map(str, self.conditions))


Filter = Where | None
"""None means every document."""


def parse_where(texts: Sequence[str]) -> Filter:
    """The filter that `texts` say together; None if there are none.

    Raises UsageError for what is no condition, with examples.
    """
    conditions = [condition for text in texts for condition in _conditions(text)]
    return Where(tuple(conditions)) if conditions else None


def _conditions(text: str) -> list[Condition]:
    found = []
    at = 0
    while True:
        field = _FIELD.match(text, at)
        operator = field and _OPERATOR.match(text, field.end())
        if field is None or operator is None:
            raise _no_condition(text)
        name = operator.group(1).lower()
        value = (_VALUES if name == "in" else _VALUE).match(text, operator.end())
        if value is None:
            raise _no_condition(text)
        values = _items(value.group(1)) if name == "in" else (_first(value),)
        if not values:
            raise _no_condition(text)
        found.append(Condition(_first(field), name, values))
        at = value.end()
        if at >= len(text) and not text[value.start() :].rstrip().lower().endswith(" and"):
            return found


def _items(text: str) -> tuple[str, ...]:
    return tuple(_first(item) for item in _ITEM.finditer(text) if item.group(0).strip(" ,"))


def _first(match: re.Match[str]) -> str:
    return next(group for group in match.groups() if group is not None).strip()


def _no_condition(text: str) -> UsageError:
    return UsageError(f"{text!r} is no filter; write as in: {_EXAMPLES}")


def _compare(held: object, operator: str, value: str) -> bool:
    """Numbers by value; text by its characters, which orders dates written 2026-11-29 too."""
    if isinstance(held, bool):
        held = "true" if held else "false"
    if isinstance(held, int | float) and operator != "~":
        with suppress(ValueError):
            return _ordered(float(held), operator, float(value))
    text, wanted = str(held).casefold(), value.casefold()
    return wanted in text if operator == "~" else _ordered(text, operator, wanted)


def _ordered(one: _Value, operator: str, other: _Value) -> bool:
    if operator == "=":
        return one == other
    return {"<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other}[operator]


def fields_of(
    name: str, path: str, media_type: str, *said: Mapping[str, object]
) -> dict[str, object]:
    """The fields of a document in one of its places; what is said later counts."""
    fields: dict[str, object] = {"name": name, "path": path, "type": media_type}
    for metadata in said:
        fields |= metadata
    return fields
