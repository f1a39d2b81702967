"""Results kept as JSON Lines, so that a long measurement can be interrupted and resumed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


class Cache:
    """`{"key": ..., "value": ...}` a line; a broken last line (a kill while writing) is skipped."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._values: dict[str, Any] = {}
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        for line in lines:
            try:
                row = json.loads(line)
            except json.JSONDecodeError:
                continue
            self._values[row["key"]] = row["value"]

    def get(self, key: str, make: Callable[[], Any]) -> Any:
        """The value kept under `key`, else what `make` gives, which is then kept."""
        if key not in self._values:
            self._values[key] = make()
            with self._path.open("a", encoding="utf-8") as file:
                row = {"key": key, "value": self._values[key]}
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
        return self._values[key]
