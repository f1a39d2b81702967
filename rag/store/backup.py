"""A collection -> one file, and back, while others read and write it.

The file is a ZIP of `backup.json` (what it holds, with digests), `store.db` as it stood at one
moment, and the uploaded files. The vector index is not in it: it is made from the database.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from rag.config import Settings
from rag.errors import CollectionError, UsageError
from rag.store.database import SCHEMA_VERSION, connect, explained, open_database, read_embedder
from rag.store.embedded import EmbeddedCollection
from rag.store.folder import DATABASE, UPLOADS, collection_folder, flush, missing, write_lock
from rag.store.migrate import migrate

MANIFEST = "backup.json"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds: `name` is the collection's, `files` its uploads."""

    name: str
    documents: int
    files: int


def back_up(settings: Settings, name: str, target: Path) -> Backup:
    """Write the collection as it stands to `target`, which appears whole or not at all.

    Raises CollectionError if there is no such collection or no room, UsageError if `target` is
    there already.
    """
    folder = collection_folder(settings, name)
    if not (folder / DATABASE).is_file():
        raise missing(settings, name)
    check_target(target)
    with _disk_explained(target), tempfile.TemporaryDirectory(dir=target.parent) as made:
        copy = Path(made) / DATABASE
        documents = _copy_database(folder / DATABASE, copy)
        uploads = [path for path in sorted((folder / UPLOADS).glob("*")) if path.is_file()]
        parts = {DATABASE: copy, **{f"{UPLOADS}/{path.name}": path for path in uploads}}
        draft = Path(made) / "backup.zip"
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            digests = {part: _pack(archive, part, path) for part, path in parts.items()}
            told = {
                "format": _FORMAT,
                "collection": name,
                "schema": SCHEMA_VERSION,
                "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
                "documents": documents,
                "uploads": str((folder / UPLOADS).resolve()),
                "sha256": digests,
            }
            archive.writestr(MANIFEST, json.dumps(told, ensure_ascii=False, indent=1))
        flush(draft)
        draft.replace(target)
        flush(target.parent)
    return Backup(name, documents, len(uploads))


def restore(
    settings: Settings, source: Path, name: str | None = None, *, replace: bool = False
) -> Backup:
    """Make a collection from a backup, under its old name or `name`; with `replace` in the place of
    the one there is, whose readers go on.

    Raises CollectionError if the file is no backup or damaged, if there is such a collection and
    it is not to be replaced, or if it holds another embedder's vectors.
    """
    told = _read_manifest(source)
    name = name or str(told["collection"])
    folder = collection_folder(settings, name)
    there = (folder / DATABASE).is_file()
    if there and not replace:
        raise is_there(name)
    settings.collections_dir.mkdir(parents=True, exist_ok=True)
    with (
        _disk_explained(source),
        tempfile.TemporaryDirectory(prefix=".restoring-", dir=settings.collections_dir) as made,
    ):
        draft = Path(made) / "collection"
        _unpack(source, told, draft)
        migrate(draft / DATABASE)
        _make_anew(draft / DATABASE, str(told["uploads"]), str((folder / UPLOADS).resolve()))
        with write_lock(folder):
            if there:
                _replace(folder, draft)
            else:
                draft.rename(folder)
    with EmbeddedCollection.open(settings, name) as collection:
        with collection.writing():
            pass  # at its end the vector index is brought up to date
        return Backup(name, len(collection.documents()), len(told["sha256"]) - 1)


def check_target(target: Path) -> None:
    """Raises UsageError if there is such a file already."""
    if target.exists():
        raise UsageError(f"{target} is there already: name another file, or delete it first")


def is_there(name: str) -> CollectionError:
    """The error for a collection that a backup would replace."""
    return CollectionError(
        f"there is a collection {name!r} already: give --yes to put the backup in its place, "
        "or --name NAME to restore it under another name"
    )


def _copy_database(path: Path, copy: Path) -> int:
    """One consistent copy, whoever writes meanwhile; how many documents it holds."""
    with ExitStack() as stack:
        stack.enter_context(explained(path))
        source = stack.enter_context(closing(open_database(path)))
        to = stack.enter_context(closing(connect(copy, "rwc")))
        source.backup(to)
        to.execute("PRAGMA journal_mode = DELETE")
        (documents,) = to.execute("SELECT count(*) FROM documents").fetchone()
    return int(documents)


def _pack(archive: zipfile.ZipFile, part: str, path: Path) -> str:
    archive.write(path, part)
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _read_manifest(source: Path) -> dict[str, Any]:
    try:
        with zipfile.ZipFile(source) as archive:
            told: dict[str, Any] = json.loads(archive.read(MANIFEST))
        parts = {PurePosixPath(part) for part in told["sha256"]}
        named = {"collection", "schema", "uploads"} <= told.keys()
    except OSError as err:
        raise CollectionError(f"{source} cannot be read: {err.strerror or err}") from None
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError):
        raise CollectionError(
            f"{source} is no backup of a collection, or cut short: give a file that "
            "`plumb collections backup` made"
        ) from None
    inside = all(p == PurePosixPath(DATABASE) or p.parent == PurePosixPath(UPLOADS) for p in parts)
    if not named or not inside or told["format"] != _FORMAT or told["schema"] > SCHEMA_VERSION:
        raise CollectionError(f"{source} was made by a newer Plumbline, or is no backup: upgrade")
    return told


def _unpack(source: Path, told: dict[str, Any], draft: Path) -> None:
    """Write the parts that the manifest names and nothing else, each checked."""
    (draft / UPLOADS).mkdir(parents=True)
    try:
        with zipfile.ZipFile(source) as archive:
            for part, digest in told["sha256"].items():
                path = draft / part
                with archive.open(part) as packed, path.open("wb") as out:
                    shutil.copyfileobj(packed, out)
                with path.open("rb") as stream:
                    if hashlib.file_digest(stream, "sha256").hexdigest() != digest:
                        raise CollectionError(f"{source} is damaged: {part} is not what it was")
    except (zipfile.BadZipFile, KeyError, EOFError, ValueError) as err:
        raise CollectionError(f"{source} is damaged: {err}; use another backup") from None


def _make_anew(path: Path, uploads_then: str, uploads_now: str) -> None:
    """Give the collection another life, so that no index of the one before is taken for its own,
    and say where its uploads lie now."""
    with explained(path), closing(open_database(path)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(
            "UPDATE settings SET value = ? WHERE key = 'collection'", (secrets.token_hex(8),)
        )
        connection.execute(
            "UPDATE paths SET path = ? || substr(path, ?) WHERE substr(path, 1, ?) = ?",
            (uploads_now, len(uploads_then) + 1, len(uploads_then) + 1, f"{uploads_then}/"),
        )
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _replace(folder: Path, draft: Path) -> None:
    """Put the draft's documents into the collection there is, in one transaction; the caller holds
    the write lock."""
    path = folder / DATABASE
    with ExitStack() as stack:
        stack.enter_context(explained(path))
        live = stack.enter_context(closing(open_database(path)))
        new = stack.enter_context(closing(open_database(draft / DATABASE)))
        held, wanted = read_embedder(live), read_embedder(new)
        if (held.digest, held.dimension) != (wanted.digest, wanted.dimension):
            raise CollectionError(
                f"collection {folder.name!r} was made with embedder {held.name} and the backup "
                f"with {wanted.name}: restore it under another name, with --name"
            )
        new.backup(live)
        live.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    shutil.rmtree(folder / UPLOADS, ignore_errors=True)
    (draft / UPLOADS).rename(folder / UPLOADS)


@contextmanager
def _disk_explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as err:
        raise CollectionError(
            f"{path}: {err.strerror or err}; make room, or check the rights of the folder"
        ) from err
    except sqlite3.OperationalError as err:
        raise CollectionError(f"{path}: {err}; make room and try again") from err
