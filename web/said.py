"""What is said of a document, between its fields and a form: tags, a date, and other fields a line
each. Knows nothing of HTML or files."""

from __future__ import annotations

import json
import tomllib
from datetime import date

from ingest.metadata import plain
from rag.errors import UsageError
from rag.types import DocumentInfo, Metadata
from web.filters import tags_of

TAGS, DATE = "tags", "date"
MOST_TAGS = 50
MOST_CHARS = 100
"""Characters of a tag."""
MOST_LINES = 100


def as_lines(info: DocumentInfo) -> str:
    """The fields beside tags and date, one a line, as `from_form` reads them."""
    others = {key: value for key, value in info.metadata.items() if key not in (TAGS, DATE)}
    return "\n".join(f"{key} = {_shown(value)}" for key, value in sorted(others.items()))


def as_tags(info: DocumentInfo) -> str:
    """The tags as a line."""
    return ", ".join(tags_of(info))


def from_form(tags: str, day: str, lines: str) -> Metadata:
    """The fields that a form says. Tags are parted by commas of either script; `day` is a day in
    ISO 8601 or ""; a line is `name = value`, the value as TOML writes it or else text. Raises
    UsageError naming what cannot be taken."""
    said: dict[str, object] = {TAGS: _tags(tags), DATE: _day(day)}
    given = [line for line in lines.splitlines() if line.strip()]
    if len(given) > MOST_LINES:
        raise UsageError(f"{len(given)} fields are too many: give {MOST_LINES} at most")
    for line in given:
        name, sign, value = (part.strip() for part in line.partition("="))
        if not (name and sign and value):
            raise UsageError(f"{line!r} is no field: write name = value")
        if name in said:
            raise UsageError(f"the field {name!r} is given twice")
        said[name] = _value(value)
    return said


def _tags(text: str) -> list[str]:
    commas = text.replace("，", ",").replace("、", ",")
    found = list(dict.fromkeys(tag for one in commas.split(",") if (tag := " ".join(one.split()))))
    if len(found) > MOST_TAGS or any(len(tag) > MOST_CHARS for tag in found):
        raise UsageError(f"give {MOST_TAGS} tags at most, of {MOST_CHARS} characters each")
    return found


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text.strip()).isoformat() if text.strip() else ""
    except ValueError:
        raise UsageError(f"{text!r} is no day: write it as 2026-01-31") from None


def _value(text: str) -> object:
    try:
        return plain(tomllib.loads(f"value = {text}"))["value"]
    except (ValueError, KeyError):
        return text


def _shown(value: object) -> str:
    """As `_value` reads it back; text without quotes where it stays text so."""
    if isinstance(value, str) and _value(value) == value and value == value.strip():
        return value
    return json.dumps(value, ensure_ascii=False)
