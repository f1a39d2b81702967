"""SHA-256 of files, remembered so that a large file is not read at every start."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

_BLOCK_BYTES = 1 << 20


def file_sha256(path: Path, on_read: Callable[[int], None] | None = None) -> str:
    """The digest in lower-case hex; `on_read` is told the number of bytes read so far."""
    digest = hashlib.sha256()
    done = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
            done += len(block)
            if on_read is not None:
                on_read(done)
    return digest.hexdigest()


def remembered_sha256(path: Path, memory: Path) -> str:
    """Like `file_sha256`, but a file whose size and time of change are those noted in the JSON
    file `memory` is not read again. A memory that cannot be read or written is done without."""
    path = path.resolve()
    state = path.stat()
    stamp = [state.st_size, state.st_mtime_ns]
    notes = _read_notes(memory)
    note = notes.get(str(path))
    if isinstance(note, list) and note[:2] == stamp and len(note) == 3:
        return str(note[2])
    digest = file_sha256(path)
    notes[str(path)] = [*stamp, digest]
    _write_notes(memory, notes)
    return digest


def _read_notes(memory: Path) -> dict[str, object]:
    try:
        notes = json.loads(memory.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return notes if isinstance(notes, dict) else {}


def _write_notes(memory: Path, notes: dict[str, object]) -> None:
    beside = memory.with_name(f"{memory.name}.{os.getpid()}")
    try:
        memory.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(json.dumps(notes), encoding="utf-8")
        beside.replace(memory)
    except OSError:
        beside.unlink(missing_ok=True)
