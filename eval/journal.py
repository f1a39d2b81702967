"""The append-only record of a run: one JSON object a line, so that a kill costs the line in hand.

Knows nothing of questions or metrics.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from eval.errors import DataError

RUN_FILE = "run.json"
ITEMS_FILE = "items.jsonl"


class Journal:
    """`run.json` says what is being run, `items.jsonl` what has been done of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()

    def begin(self, plan: Mapping[str, Any], *, resume: bool) -> None:
        """Start, or take up where a run with the same plan stopped.

        Raises DataError when the folder holds another run and `resume` is wanted.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError, PermissionError) as err:
            raise DataError(f"--out {self.folder} cannot be made: {err.strerror}") from None
        path = self.folder / RUN_FILE
        if path.exists() and resume:
            self._refuse_other(path, plan)
        else:
            (self.folder / ITEMS_FILE).unlink(missing_ok=True)
        path.write_text(json.dumps(plan, ensure_ascii=False, indent=2), encoding="utf-8")

    def _refuse_other(self, path: Path, plan: Mapping[str, Any]) -> None:
        try:
            old = json.loads(path.read_text(encoding="utf-8"))
        except json.JSONDecodeError:
            old = {}
        same = json.loads(json.dumps(plan))
        changed = sorted(k for k in same.keys() | old.keys() if same.get(k) != old.get(k))
        if changed:
            raise DataError(
                f"{self.folder} holds a run with other {', '.join(changed)}; name another --out, "
                "or start afresh there with --no-resume"
            )

    def done(self) -> Iterator[Mapping[str, Any]]:
        """The lines written so far. A last line cut off by a kill is passed over."""
        path = self.folder / ITEMS_FILE
        if not path.exists():
            return
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                try:
                    yield json.loads(line)
                except json.JSONDecodeError:
                    continue

    def append(self, entry: Mapping[str, Any]) -> None:
        """Add one line and hand it to the operating system.

        A fragment left by a kill is closed first, so that it spoils no line but its own.
        """
        path = self.folder / ITEMS_FILE
        with self._lock, path.open("ab") as out:
            if out.tell() and not _ends_line(path):
                out.write(b"\n")
            out.write(json.dumps(entry, ensure_ascii=False).encode() + b"\n")
            out.flush()
            os.fsync(out.fileno())


def _ends_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
