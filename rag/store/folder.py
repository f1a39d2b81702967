"""Where collections lie: `collections/<name>/`, their names, the write lock, removal.

The locks lie in `collections/.locks/`, outside the folders they guard, so that removing a
collection does not pull its lock from under a writer that waits for it.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from rag.config import Settings
from rag.errors import CollectionBusy, CollectionError, UsageError
from rag.types import Place

DATABASE = "store.db"
UPLOADS = "uploads"
"""The folder in a collection's with the files that came by upload."""
SIDECAR = ".meta.toml"
"""What the name of a file with metadata adds to that of the file it speaks of."""
_NAME = re.compile(r"[\w][\w.-]{0,63}")


def collection_folder(settings: Settings, name: str) -> Path:
    """The folder of the collection `name`, which need not exist. Raises UsageError for a name
    that could leave the collections' folder."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} cannot name a collection: use up to 64 letters, digits, '_', '-' and '.', "
            "with a letter or digit first"
        )
    return settings.collections_dir / name


def list_collections(settings: Settings) -> list[str]:
    """The names of all collections, sorted."""
    try:
        folders = sorted(settings.collections_dir.iterdir())
    except FileNotFoundError:
        return []
    return [f.name for f in folders if _NAME.fullmatch(f.name) and (f / DATABASE).is_file()]


def identity(settings: Settings, name: str) -> tuple[int, int] | None:
    """Device and inode of the collection's database; None if there is none."""
    try:
        status = (collection_folder(settings, name) / DATABASE).stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def remove_collection(settings: Settings, name: str) -> None:
    """Delete a collection with all it holds; a damaged one too.

    Raises CollectionError if there is none of that name, CollectionBusy while one writes to it.
    """
    folder = collection_folder(settings, name)
    if not folder.is_dir():
        raise missing(settings, name)
    with write_lock(folder):
        # Renamed first: a kill leaves a hidden folder, never half a collection.
        grave = folder.with_name(f".removed-{secrets.token_hex(4)}")
        folder.rename(grave)
        shutil.rmtree(grave)


def drop_copies(folder: Path, dropped: Sequence[Place]) -> None:
    """Delete the uploaded files of the collection in `folder` among places that are no more, with
    what is said of them."""
    uploads = (folder / UPLOADS).resolve()
    for place in dropped:
        if Path(place.path).parent == uploads:
            Path(place.path).unlink(missing_ok=True)
            Path(place.path + SIDECAR).unlink(missing_ok=True)


def missing(settings: Settings, name: str) -> CollectionError:
    """The error for a collection that does not exist."""
    known = ", ".join(list_collections(settings)) or "none yet"
    return CollectionError(
        f"there is no collection {name!r} (known: {known}); "
        f"make it with `plumb ingest PATH --collection {name}`"
    )


@contextmanager
def write_lock(folder: Path, patience_s: float = 0.5) -> Iterator[None]:
    """Hold the write lock of the collection in `folder`, across threads and processes.

    It falls with its process, however that ends. Raises CollectionBusy after `patience_s`.
    """
    locks = folder.parent / ".locks"
    lock = FileLock(locks / f"{folder.name}.lock", timeout=patience_s)
    try:
        locks.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise CollectionBusy(
            f"another process is writing to collection {folder.name!r}; "
            "wait until it has finished, then run this again"
        ) from None
    except OSError as err:
        raise CollectionError(
            f"collection {folder.name!r} cannot be locked for writing: {err}; "
            f"check the rights of {locks}"
        ) from err
    try:
        yield
    finally:
        lock.release()


def flush(path: Path) -> None:
    """Make the content of a file, or the entries of a folder, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
