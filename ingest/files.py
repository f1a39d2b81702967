"""Which files to read, and their bytes as they stood at one moment.

Knows nothing of formats. A folder or file that cannot be read becomes a result, never an error.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest.receipt import FileResult
from rag.errors import DocumentError

_STEP_NS = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Found:
    """A regular file: `path` as it was come by, `real` with all links followed, `size` in bytes,
    `stamp` as `stamp_of` makes it."""

    path: Path
    real: Path
    size: int
    stamp: str


def find_files(paths: Iterable[Path]) -> Iterator[Found | FileResult]:
    """The files that `paths` name or hold, each once, folders sorted by name; and a result for
    whatever is passed over or cannot be looked into.

    Links are followed; a folder met a second time, through a link that loops, is left out.
    """
    seen: set[Path] = set()
    for path in paths:
        yield from _visit(path, seen, named=True)


def _visit(path: Path, seen: set[Path], *, named: bool) -> Iterator[Found | FileResult]:
    if not named and (reason := _reason_to_pass_over(path.name)):
        yield FileResult(str(path), "skipped", reason)
        return
    try:
        status = path.stat()
        real = path.resolve()
    except FileNotFoundError:
        reason = "a link to nothing" if path.is_symlink() else "does not exist: check the name"
        yield FileResult(str(path), "failed" if named else "skipped", reason)
        return
    except (OSError, RuntimeError) as err:  # RuntimeError: links that point to each other
        yield FileResult(str(path), "failed", f"cannot be read: {_words(err)}")
        return
    if real in seen:
        return
    seen.add(real)
    if stat.S_ISDIR(status.st_mode):
        yield from _look_into(path, seen)
    elif stat.S_ISREG(status.st_mode):
        yield Found(path, real, status.st_size, stamp_of(status))
    else:
        yield FileResult(str(path), "skipped", "neither a file nor a folder")


def _look_into(folder: Path, seen: set[Path]) -> Iterator[Found | FileResult]:
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries)
    except OSError as err:
        reason = f"the folder cannot be read: {_words(err)}; give yourself the right to read it"
        yield FileResult(str(folder), "failed", reason)
        return
    for name in names:
        yield from _visit(folder / name, seen, named=False)


def _reason_to_pass_over(name: str) -> str:
    if name.startswith("."):
        return "hidden"
    return "a temporary file of an editor" if name.startswith("~$") or name.endswith("~") else ""


def stamp_of(status: os.stat_result) -> str:
    """A name for the state of a file: whoever writes to it changes its size or one of its times."""
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}"


def is_settled(stamp: str, now_ns: int) -> bool:
    """Whether a later change would show in the stamp. File systems count time in steps, of up to
    two seconds: a file changed just now may be changed again within the same step."""
    _, modified, changed = map(int, stamp.split())
    return now_ns - max(modified, changed) > _STEP_NS


def read_stable(path: Path) -> bytes:
    """The bytes of the file at `path`, none of them changed while it was read.

    A file that changes is read once more. Raises DocumentError if it changes again, or cannot be
    read.
    """
    for _ in range(2):
        data = _read_unchanged(path)
        if data is not None:
            return data
    raise DocumentError(
        f"{path.name} changes while it is read: try again when it is no longer written to"
    )


def _read_unchanged(path: Path) -> bytes | None:
    """The file's bytes, or None if it changed meanwhile."""
    try:
        before = path.stat()
        data = path.read_bytes()
        after = path.stat()
    except OSError as err:
        raise DocumentError(f"{path.name} cannot be read: {_words(err)}") from None
    same = _state(before) == _state(after) and len(data) == after.st_size
    return data if same else None


def _state(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_ino, status.st_size, status.st_mtime_ns


def _words(err: Exception) -> str:
    return getattr(err, "strerror", None) or str(err)
