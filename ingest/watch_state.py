"""What a follower of folders tells of itself, for others to read: `collections/<name>/watches/`.

One JSON file for each set of folders. Its lock is held as long as someone follows them, however
that ends, so that a follower that was killed is known to be gone. Knows nothing of how files are
read.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import TypeAdapter

from ingest.patience import Patience
from ingest.pipeline import Progress
from ingest.receipt import Receipt
from rag.errors import CollectionBusy, CollectionError
from rag.text.printable import printable

FOLDER = "watches"
_MOST = 100
"""Files of each kind that are named; the counts are of all."""
_TELL_S = 2.0
_PATIENCE_S = 1.0
"""Whoever looks whether a lock is held holds it for a moment."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that is not in the collection, and why; `change` is "failed" or "skipped"."""

    path: str
    change: str
    reason: str


@dataclass(frozen=True, slots=True)
class Watched:
    """Folders that are followed, as their follower told last. Times are ISO 8601 in UTC, "" before
    the first look. `waiting` are files not still yet, `vanished` those whose removal waits, with
    `unread` the first of each kind, and `counts` of all three; `reading` is the file being read,
    the `number`th of `total`. `running` is whether someone follows them still."""

    folders: tuple[str, ...]
    began: str
    looked: str = ""
    waiting: tuple[str, ...] = ()
    unread: tuple[Unread, ...] = ()
    vanished: tuple[str, ...] = ()
    counts: tuple[int, int, int] = (0, 0, 0)
    trouble: str = ""
    reading: str = ""
    number: int = 0
    total: int = 0
    key: str = ""
    running: bool = False


_JSON: TypeAdapter[Watched] = TypeAdapter(Watched)


def watched(folder: Path) -> list[Watched]:
    """What is followed for the collection in `folder`, and what was and is no longer; by folders.
    A file that cannot be read is left out."""
    found = []
    for path in sorted((folder / FOLDER).glob("*.json")):
        with suppress(OSError, ValueError):
            told = _JSON.validate_json(path.read_bytes())
            found.append(replace(told, key=path.stem, running=_is_held(_lock_path(path))))
    return sorted(found, key=lambda one: one.folders)


def forget_watched(folder: Path, key: str) -> bool:
    """Drop what is told of folders that nobody follows any more; whether there was such."""
    for one in watched(folder):
        if one.key == key and not one.running:
            path = folder / FOLDER / f"{key}.json"
            path.unlink(missing_ok=True)
            _lock_path(path).unlink(missing_ok=True)
            return True
    return False


class Noter:
    """Writes what happens to a follower's file."""

    def __init__(self, path: Path, folders: Sequence[Path], patience: Patience) -> None:
        self._path = path
        self._patience = patience
        self._unread: dict[str, Unread] = {}
        self._told = 0.0
        self._now = Watched(_shown(map(str, folders)), _now())
        self._write()

    def reading(self, progress: Progress) -> None:
        """A look is under way: told now and then."""
        if time.monotonic() - self._told >= _TELL_S:
            done, total = progress.files_done, progress.files_total
            self._now = replace(
                self._now,
                reading=printable(progress.name),
                number=min(done + 1, total),
                total=total,
            )
            self._write()

    def looked(self, receipt: Receipt) -> None:
        """A look has ended."""
        for result in receipt.results:
            self._unread.pop(result.path, None)
            if result.change in ("failed", "skipped"):
                unread = Unread(printable(result.path), result.change, printable(result.reason))
                self._unread[result.path] = unread
        for path in [path for path in self._unread if not os.path.lexists(path)]:
            del self._unread[path]
        waiting, vanished = _shown(self._patience.waiting), _shown(receipt.vanished)
        self._now = replace(
            self._now,
            looked=_now(),
            waiting=waiting[:_MOST],
            unread=tuple(self._unread.values())[:_MOST],
            vanished=vanished[:_MOST],
            counts=(len(waiting), len(self._unread), len(vanished)),
            trouble=receipt.kept,
            reading="",
        )
        self._write()

    def trouble(self, why: str) -> None:
        """Nothing can be written for now."""
        self._now = replace(self._now, trouble=printable(why), reading="")
        self._write()

    def _write(self) -> None:
        self._told = time.monotonic()
        draft = self._path.with_suffix(".draft")
        with suppress(OSError):  # a full disk must not end the following
            draft.write_bytes(_JSON.dump_json(self._now))
            draft.replace(self._path)


@contextmanager
def noting(folder: Path, folders: Sequence[Path], patience: Patience) -> Iterator[Noter]:
    """Tell of oneself as the follower of `folders` for the collection in `folder`. Raises
    CollectionBusy if another process follows the same folders, CollectionError where the collection
    cannot be written."""
    real = sorted(str(one.resolve()) for one in folders)
    key = hashlib.sha256("\n".join(real).encode()).hexdigest()[:16]
    path = folder / FOLDER / f"{key}.json"
    lock = FileLock(_lock_path(path), timeout=_PATIENCE_S)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        named = ", ".join(real)
        raise CollectionBusy(
            f"another process follows {named} for this collection already: end it first"
        ) from None
    except OSError as err:
        raise CollectionError(f"{path.parent} cannot be written: {err}; check its rights") from err
    try:
        yield Noter(path, [Path(one) for one in real], patience)
    finally:
        lock.release()


def _shown(paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(printable(path) for path in paths)


def _lock_path(path: Path) -> Path:
    return path.with_suffix(".lock")


def _is_held(path: Path) -> bool:
    if not path.exists():
        return False
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        return True
    except OSError:
        return False
    lock.release()
    return False


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
