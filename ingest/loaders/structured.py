"""JSON and JSON Lines -> one page: a line for each record, its values with their names.

Values stand as they are written in the file: 1.10 stays 1.10. A member that holds others is a
heading above them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from ingest.loaders.decode import decode
from ingest.loaders.losses import Losses
from ingest.loaders.normalise import clean_characters, clean_text
from ingest.loaders.writer import PageWriter
from rag.types import Page

_LINES = frozenset([".jsonl", ".ndjson"])
_DEEPEST_HEADING = 4


@dataclass(frozen=True, slots=True)
class _Literal:
    """A value as it is written: a number, true, false or null."""

    text: str


def load_json(data: bytes, name: str, losses: Losses | None = None) -> tuple[Page, ...]:
    """The single page of a JSON or JSON Lines file. What is no JSON is read as text, and said."""
    losses = losses if losses is not None else Losses()
    text = decode(data, name).lstrip("\ufeff")
    if PurePath(name).suffix.lower() in _LINES:
        return (_lines_page(text, losses),)
    try:
        value = _parse(text)
    except json.JSONDecodeError as err:
        records = _as_lines(text)
        if records is None:
            losses.add(f"is no valid JSON (line {err.lineno}: {err.msg}): read as plain text")
            return (Page(1, clean_text(text)),)
        value = records
    except RecursionError:
        losses.add("nests its values thousands deep: read as plain text")
        return (Page(1, clean_text(text)),)
    writer = PageWriter()
    _write(writer, value, 1)
    return (writer.page(),)


def _parse(text: str) -> Any:
    return json.loads(
        text,
        parse_int=_Literal,
        parse_float=_Literal,
        parse_constant=_Literal,
    )


def _as_lines(text: str) -> list[Any] | None:
    """The values of a file that holds one on each line; None if it is none."""
    try:
        values = [_parse(line) for line in text.splitlines() if line.strip()]
    except (json.JSONDecodeError, RecursionError):
        return None
    return values if len(values) > 1 else None


def _lines_page(text: str, losses: Losses) -> Page:
    """The page of a file with a value on each line; a line that holds none stays as it is."""
    writer = PageWriter()
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            written = _record(_parse(line))
        except (json.JSONDecodeError, RecursionError):
            losses.add(f"line {number} is no valid JSON: read as plain text")
            written = line
        _put(writer, written)
    return writer.page()


def _write(writer: PageWriter, value: Any, level: int) -> None:
    """Write a value: members of an object as lines, those that hold others under a heading."""
    if isinstance(value, dict) and level <= _DEEPEST_HEADING:
        plain = {key: inner for key, inner in value.items() if not _is_deep(inner)}
        for key, inner in plain.items():
            _put(writer, _record({key: inner}))
        for key in (key for key in value if key not in plain):
            if key.strip():
                writer.open_heading(level)
                writer.inline(key)
                writer.close_heading()
            _write(writer, value[key], level + 1)
    elif isinstance(value, list):
        for inner in value:
            if isinstance(inner, dict) and any(map(_is_deep, inner.values())):
                writer.paragraph_break()
                _write(writer, inner, _DEEPEST_HEADING + 1)
                writer.paragraph_break()
            else:
                _put(writer, _record(inner))
    else:
        _put(writer, _record(value))


def _put(writer: PageWriter, line: str) -> None:
    writer.line_break()
    writer.inline(line)
    writer.line_break()


def _is_deep(value: Any) -> bool:
    """Whether a value is to stand under a heading of its own: objects, and lists of them."""
    if isinstance(value, list):
        return any(isinstance(inner, (dict, list)) for inner in value)
    return isinstance(value, dict)


def _record(value: Any) -> str:
    """A value on one line: "name: Gus; locker: 296; address: city: Graz"."""
    if isinstance(value, (dict, list)):
        return "; ".join(f"{path}: {text}" if path else text for path, text in _leaves(value, ""))
    return _scalar(value)


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """The values within, with the names that lead to them; plain lists on one line."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and any(isinstance(inner, (dict, list)) for inner in value):
        for number, inner in enumerate(value, start=1):
            yield from _leaves(inner, f"{path} {number}".strip())
    elif isinstance(value, list):
        if value:
            yield path, ", ".join(map(_scalar, value))
    else:
        yield path, _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, _Literal):
        return value.text
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return " ".join(clean_characters(str(value)).split())
