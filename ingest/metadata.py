"""What is said of a document: in sidecar files beside it, and in the front matter at its top.

A sidecar is TOML: `contract.pdf.meta.toml` speaks of `contract.pdf`, `folder.meta.toml` of all
files in its folder and below; the nearest counts. Values are text, numbers, truth values, dates,
or lists of these; a table's fields get its name before theirs, as in `contact.name`.
"""

from __future__ import annotations

import json
import math
import secrets
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from datetime import time as time_of_day
from pathlib import Path
from typing import Any

import yaml

from ingest.loaders import Losses
from ingest.loaders.detect import MEDIA_TYPES
from ingest.loaders.markdown import front_matter
from rag.errors import DocumentError
from rag.store.folder import SIDECAR
from rag.types import Document, Metadata

_MOST_BYTES = 1 << 20


def read_sidecars(paths: Sequence[Path]) -> Metadata:
    """What the sidecars say, the last one counting. Raises DocumentError for one that is no TOML:
    nobody could rely on a filter that some documents slip through."""
    said: dict[str, object] = {}
    for path in paths:
        try:
            with path.open("rb") as file:
                text = file.read(_MOST_BYTES).decode("utf-8-sig")
            said |= plain(tomllib.loads(text))
        except (OSError, ValueError) as err:  # ValueError: not UTF-8, not TOML, no plain value
            raise DocumentError(f"{path} cannot be followed: {err}; mend it") from None
    return said


def write_sidecar(path: Path, said: Metadata) -> None:
    """Say of the file `path` what `said` does, in a sidecar that takes the place of the one there
    is. Raises DocumentError for what TOML cannot hold, and where the file cannot be written."""
    text = "".join(f"{_quoted(key)} = {_written(value)}\n" for key, value in said.items())
    try:
        if plain(tomllib.loads(text)) != dict(said):
            raise ValueError("it would not be read as it was written")
        data = text.encode()
        draft = path.with_name(f".{secrets.token_hex(8)}")
        draft.write_bytes(data)
        draft.replace(path.with_name(path.name + SIDECAR))
    except (OSError, ValueError) as err:
        raise DocumentError(f"what is said of {path.name} cannot be kept: {err}") from None


def _written(value: object) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, int | float) else _quoted(str(value))


def _quoted(text: str) -> str:
    """JSON's strings are TOML's but for the delete character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def with_front_matter(document: Document, data: bytes, losses: Losses) -> Document:
    """The document with what the file `data` says at its top, if it is Markdown."""
    if document.media_type != MEDIA_TYPES["markdown"]:
        return document
    said = read_front_matter(front_matter(data, document.name), losses)
    return replace(document, metadata=said)


def read_front_matter(text: str, losses: Losses) -> Metadata:
    """What front matter says, YAML or TOML; what cannot be told is noted among the losses."""
    if not text.strip():
        return {}
    for load in (yaml.safe_load, tomllib.loads):
        try:
            found = load(text)
            if isinstance(found, Mapping):
                return plain(found)
        except (yaml.YAMLError, ValueError, RecursionError):
            continue
    losses.add("front matter that cannot be used to filter by")
    return {}


def plain(table: Mapping[Any, Any]) -> dict[str, object]:
    """A table as fields with plain values. Raises ValueError for a value that is none."""
    return dict(_fields(table, ""))


def _fields(table: Mapping[Any, Any], above: str) -> Iterator[tuple[str, object]]:
    for key, value in table.items():
        name = f"{above}{key}"
        if isinstance(value, Mapping):
            yield from _fields(value, f"{name}.")
        elif isinstance(value, list | tuple):
            yield name, [_plain(name, element) for element in value]
        elif value is not None:
            yield name, _plain(name, value)


def _plain(name: str, value: object) -> object:
    if isinstance(value, date | datetime | time_of_day):
        return value.isoformat()
    if isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    raise ValueError(f"the value of {name} is neither text, a number, a date nor a list of these")
