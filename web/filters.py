"""Which documents a question is asked of: one document, a tag, a span of dates.

Tags and dates are the fields `tags` and `date` of the documents' metadata. Knows nothing of HTML.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from rag.store import Filter, Where
from rag.store.where import Condition
from rag.types import DocumentInfo

MOST_CHARS = 2000
_AFTER = "\uffff"
"""Sorts behind every time of a day written YYYY-MM-DD."""


@dataclass(frozen=True, slots=True)
class Only:
    """What is meant; what is empty does not matter. `since` and `until` are days in ISO 8601, both
    included."""

    document: str = ""
    tag: str = ""
    since: str = ""
    until: str = ""

    def where(self) -> Filter:
        """The filter for retrieval; None where everything is meant."""
        asked = (
            ("name", "=", self.document),
            ("tags", "=", self.tag),
            ("date", ">=", self.since),
            ("date", "<=", f"{self.until}{_AFTER}" if self.until else ""),
        )
        conditions = tuple(
            Condition(field, sign, (value,)) for field, sign, value in asked if value
        )
        return Where(conditions) if conditions else None


_JSON: TypeAdapter[Only] = TypeAdapter(Only)


def only(text: str) -> Only:
    """What the browser says is meant; what makes no sense means everything."""
    try:
        return _JSON.validate_json(text[:MOST_CHARS]) if text else Only()
    except ValidationError:
        return Only()


@dataclass(frozen=True, slots=True)
class Choices:
    """What there is to choose from: names and tags, sorted, and whether any document has a date."""

    documents: tuple[str, ...]
    tags: tuple[str, ...]
    dated: bool


def choices(documents: Sequence[DocumentInfo]) -> Choices:
    """What may be chosen among the documents."""
    tags = {tag for info in documents for tag in tags_of(info)}
    names = {info.name for info in documents}
    dated = any(info.metadata.get("date") for info in documents)
    return Choices(tuple(sorted(names)), tuple(sorted(tags)), dated)


def tags_of(info: DocumentInfo) -> list[str]:
    """The document's tags."""
    said = info.metadata.get("tags")
    found = said if isinstance(said, list | tuple) else [] if said is None else [said]
    return [str(tag) for tag in found]
