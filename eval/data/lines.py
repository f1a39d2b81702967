"""Reading a data file line by line, so that one broken line does not cost the rest.

Knows nothing of any format.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from eval.errors import DataError

T = TypeVar("T")


@dataclass(slots=True)
class Problems:
    """Broken lines: collected, or raised at once as DataError when `strict`."""

    strict: bool = False
    found: list[str] = field(default_factory=list)

    def add(self, message: str) -> None:
        """Note one problem; `message` names the file and line."""
        if self.strict:
            raise DataError(message)
        self.found.append(message)


def read_text(path: Path) -> str:
    """The file as UTF-8 text. Raises DataError when it is missing, empty or not UTF-8."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise DataError(f"{path} does not exist") from None
    except IsADirectoryError:
        raise DataError(f"{path} is a folder; name the data file in it") from None
    except UnicodeDecodeError as err:
        raise DataError(f"{path} is not UTF-8 text (byte {err.start}); convert it first") from None
    except OSError as err:
        raise DataError(f"{path} cannot be read: {err.strerror}") from None
    if not text.strip():
        raise DataError(f"{path} is empty: there is nothing to evaluate")
    return text


def digest(path: Path) -> str:
    """SHA-256 of the file's bytes in lower-case hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def json_lines(path: Path, problems: Problems) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """1-based line numbers with the JSON object on each line; blank lines are passed over."""
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except json.JSONDecodeError as err:
            problems.add(f"{path.name} line {number}: not JSON ({err.msg} at column {err.colno})")
            continue
        if isinstance(value, dict):
            yield number, value
        else:
            problems.add(f"{path.name} line {number}: a JSON object is expected, not {value!r:.60}")


def collect(
    path: Path,
    rows: Iterator[tuple[int, Mapping[str, Any]]],
    build: Callable[[int, Mapping[str, Any]], Sequence[T]],
    problems: Problems,
) -> list[T]:
    """Build records from each row; a row that `build` refuses (DataError) becomes a problem."""
    out: list[T] = []
    for number, row in rows:
        try:
            out.extend(build(number, row))
        except DataError as err:
            problems.add(f"{path.name} line {number}: {err}")
    return out


def text_field(row: Mapping[str, Any], *names: str) -> str:
    """The first of the named fields that is there, as non-empty text; DataError otherwise."""
    for name in names:
        value = row.get(name)
        if isinstance(value, str) and value.strip():
            return value
        if value is not None and not isinstance(value, str):
            raise DataError(f"field {name!r} must be text, not {value!r:.60}")
    raise DataError(f"field {names[0]!r} is missing or empty")


def string_list(value: Any, name: str) -> tuple[str, ...]:
    """A list of strings; numbers are turned into text. DataError for anything else."""
    if not isinstance(value, list):
        raise DataError(f"field {name!r} must be a list, not {value!r:.60}")
    if not all(isinstance(v, str | int | float) for v in value):
        raise DataError(f"field {name!r} must hold only strings, not {value!r:.60}")
    return tuple(str(v) for v in value)
