"""Where uploaded files are put to be read: in a home `collections/<name>/uploads/`, one file per
name, where they stay.

A fixed place, because a document is known by its path: the same name uploaded again replaces the
document. Knows nothing of what is in the files.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.store import Collection
from rag.store.folder import SIDECAR
from web.work import Upload

MAX_NAME_BYTES = 180
"""What a file name may have in UTF-8; most file systems allow 255."""
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Placed:
    """An upload in its place; `before` is the file that lay there, moved aside."""

    name: str
    path: Path
    before: Path | None


def safe_name(name: str) -> str:
    """A file name without folders, control characters and what some file system forbids."""
    base = re.split(r"[/\\]", name)[-1]
    visible = "".join(c for c in base if unicodedata.category(c)[0] != "C")
    clean = _FORBIDDEN.sub("_", visible).strip(" .")
    if not clean:
        return "unnamed"
    if _RESERVED.match(clean):
        clean = f"_{clean}"
    stem, dot, suffix = clean.rpartition(".")
    if not stem:
        stem, dot, suffix = clean, "", ""
    room = MAX_NAME_BYTES - len((dot + suffix).encode())
    if room < 1:
        return _cut(clean, MAX_NAME_BYTES)
    return _cut(stem, room) + dot + suffix


def _cut(text: str, most_bytes: int) -> str:
    return text.encode()[:most_bytes].decode("utf-8", "ignore")


def place(uploads: Sequence[Upload], folder: Path) -> list[Placed]:
    """Move the files into `folder`; two of one batch with the same name get different ones."""
    folder.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".before-", dir=folder))
    taken: set[str] = set()
    placed = []
    for upload in uploads:
        name = _unused(safe_name(upload.name), taken)
        path = folder / name
        before = aside / name if path.exists() else None
        if before is not None:
            path.rename(before)
        shutil.move(upload.path, path)
        placed.append(Placed(name, path, before))
    return placed


def restore_sidecars(placed: Sequence[Placed], collection: Collection) -> None:
    """Write beside the files what was said of the documents whose place they take, where that is
    kept in the collection alone."""
    from ingest.metadata import write_sidecar

    for upload in placed:
        held = collection.place(str(collection.upload_path(upload.name)))
        beside = upload.path.with_name(upload.path.name + SIDECAR)
        if held is not None and held.metadata and not beside.exists():
            write_sidecar(upload.path, held.metadata)


def _unused(name: str, taken: set[str]) -> str:
    stem, suffix = Path(name).stem, Path(name).suffix
    number = 1
    candidate = name
    while candidate.lower() in taken:
        number += 1
        candidate = f"{stem} ({number}){suffix}"
    taken.add(candidate.lower())
    return candidate


def settle(placed: Sequence[Placed], kept: set[Path]) -> None:
    """Keep the files whose paths are in `kept`; for the others put back what lay there before."""
    for upload in placed:
        if upload.path not in kept:
            upload.path.unlink(missing_ok=True)
            if upload.before is not None:
                upload.before.rename(upload.path)
    for folder in {upload.path.parent for upload in placed}:
        for aside in folder.glob(".before-*"):
            shutil.rmtree(aside)
