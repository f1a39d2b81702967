"""Which files to read, and their bytes as they stood at one moment.

Knows nothing of formats. A folder or file that cannot be read becomes a result, never an error.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from ingest.ignore import IGNORE_FILE, Ignore, given_patterns
from ingest.receipt import FileResult
from rag.errors import DocumentError
from rag.store.folder import SIDECAR

META = SIDECAR
"""What the name of a file with this at its end holds: what is said of that file."""
FOLDER_META = f"folder{META}"
"""The same for all files of its folder and those below."""
_STEP_NS = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Found:
    """A regular file: `path` as it was come by, `real` with all links followed, `size` in bytes,
    `sidecars` what says something of it, the nearest last, `stamp` the state of all of these."""

    path: Path
    real: Path
    size: int
    stamp: str
    sidecars: tuple[Path, ...] = ()


Entries = Iterator[Found | FileResult]


def find_files(paths: Iterable[Path], ignore: Sequence[str] = ()) -> Entries:
    """The files that `paths` name or hold, each once, folders sorted by name; and a result for
    whatever is passed over or cannot be looked into. `ignore` are patterns as in a .gitignore.

    Links are followed as long as they stay in the folder that was named; a folder met a second
    time, through a link that loops, is left out. Raises UsageError for a pattern that is none.
    """
    seen: set[Path] = set()
    for path in paths:
        yield from _visit_named(path, seen, ignore)


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder on the walk: `root` is the real path of the one that was named."""

    path: Path
    real: Path
    root: Path
    ignore: Ignore
    sidecars: tuple[_Sidecar, ...]
    seen: set[Path]


@dataclass(frozen=True, slots=True)
class _Sidecar:
    path: Path
    stamp: str


def _sidecars(paths: Iterable[Path]) -> tuple[_Sidecar, ...]:
    """Those of the files that are there."""
    found = []
    for path in paths:
        with suppress(OSError):
            found.append(_Sidecar(path, stamp_of(path.stat())))
    return tuple(found)


def _visit_named(path: Path, seen: set[Path], ignore: Sequence[str]) -> Entries:
    try:
        status, real = path.stat(), path.resolve()
    except FileNotFoundError:
        reason = "a link to nothing" if path.is_symlink() else "does not exist: check the name"
        yield FileResult(str(path), "failed", reason)
        return
    except (OSError, RuntimeError) as err:  # RuntimeError: links that point to each other
        yield FileResult(str(path), "failed", f"cannot be read: {_words(err)}")
        return
    patterns = given_patterns(path, ignore)
    inherited = _sidecars(parent / FOLDER_META for parent in reversed(real.parents))
    if stat.S_ISDIR(status.st_mode):
        if real not in seen:
            seen.add(real)
            yield from _look_into(_Folder(path, real, real, patterns, inherited, seen))
        return
    own = _sidecars([real.with_name(real.name + META)])
    yield from _file_or_other(path, real, status, (*inherited, *own), seen)


def _file_or_other(
    path: Path, real: Path, status: os.stat_result, sidecars: Sequence[_Sidecar], seen: set[Path]
) -> Entries:
    if real in seen:
        return
    seen.add(real)
    if not _is_text(str(real)):
        reason = "its name is not in UTF-8, as all names are here: rename it"
        yield FileResult(str(path), "failed", reason)
    elif stat.S_ISREG(status.st_mode):
        stamp = ";".join([stamp_of(status), *(sidecar.stamp for sidecar in sidecars)])
        yield Found(path, real, status.st_size, stamp, tuple(s.path for s in sidecars))
    else:
        yield FileResult(str(path), "skipped", "neither a file nor a folder")


def _is_text(name: str) -> bool:
    """Whether a name can be written down; systems let files have names of any bytes."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _look_into(folder: _Folder) -> Entries:
    try:
        with os.scandir(folder.path) as entries:
            names = sorted(entry.name for entry in entries)
        ignore = folder.ignore
        if IGNORE_FILE in names:
            ignore = ignore.within(folder.path)
    except OSError as err:
        reason = f"the folder cannot be read: {_words(err)}; give yourself the right to read it"
        yield FileResult(str(folder.path), "failed", reason)
        return
    except DocumentError as err:
        yield FileResult(str(folder.path), "failed", str(err))
        return
    held = set(names)
    if FOLDER_META in held:
        folder = replace(
            folder, sidecars=(*folder.sidecars, *_sidecars([folder.real / FOLDER_META]))
        )
    folder = replace(folder, ignore=ignore)
    for name in names:
        if name not in (IGNORE_FILE, FOLDER_META) and not _is_sidecar(name, held):
            yield from _visit(folder, name, held)


def _visit(folder: _Folder, name: str, held: set[str]) -> Entries:
    path = folder.path / name
    if reason := _reason_to_pass_over(name):
        yield FileResult(str(path), "skipped", reason)
        return
    try:
        status = path.stat()
        real = path.resolve() if path.is_symlink() else folder.real / name
    except FileNotFoundError:
        if path.is_symlink():
            yield FileResult(str(path), "skipped", "a link to nothing")
        return  # else deleted since the folder was listed
    except (OSError, RuntimeError) as err:
        yield FileResult(str(path), "failed", f"cannot be read: {_words(err)}")
        return
    is_folder = stat.S_ISDIR(status.st_mode)
    reason = folder.ignore.reason(path, is_folder=is_folder)
    if not real.is_relative_to(folder.root):
        reason = f"a link that leads out of the folder, to {real}: name that to have it read"
    if reason:
        yield FileResult(str(path), "skipped", reason)
    elif not is_folder:
        own = _sidecars([folder.real / (name + META)]) if name + META in held else ()
        yield from _file_or_other(path, real, status, (*folder.sidecars, *own), folder.seen)
    elif real not in folder.seen:
        folder.seen.add(real)
        yield from _look_into(replace(folder, path=path, real=real))


def _is_sidecar(name: str, held: set[str]) -> bool:
    return name.endswith(META) and name.removesuffix(META) in held


def _reason_to_pass_over(name: str) -> str:
    if name.startswith("."):
        return "hidden"
    return "a temporary file of an editor" if name.startswith("~$") or name.endswith("~") else ""


def stamp_of(status: os.stat_result) -> str:
    """A name for the state of a file: whoever writes to it changes its size or one of its times."""
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}"


def changed_ns(stamp: str) -> int:
    """When something last changed that the stamp is of, in nanoseconds since 1970."""
    return max(int(time) for part in stamp.split(";") for time in part.split()[1:])


def is_settled(stamp: str, now_ns: int) -> bool:
    """Whether a later change would show in the stamp. File systems count time in steps, of up to
    two seconds: a file changed just now may be changed again within the same step."""
    return now_ns - changed_ns(stamp) > _STEP_NS


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
