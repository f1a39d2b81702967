"""Proof that a removed document is gone: every file of the home is searched for what it said.

Sought are its SHA-256 and its path, the file itself, and, where the file can still be read, lines
of its text, as UTF-8, as UTF-16 and as JSON writes them. A line that a document still there says
too proves nothing and is left out. Collections are asked as well: their tables and indexes hold
things that are no text, such as vectors. Models are not searched: nothing writes documents there.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.documents import read_document
from rag.config import Settings
from rag.errors import CollectionError, DocumentError, UsageError
from rag.store import Collection, list_collections
from rag.store.folder import collection_folder, missing

_PROBES = 40
_PROBE_CHARS = (16, 60)
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is known of the document: its path, its id ("" if unknown), its file's size, and lines
    of its text."""

    path: str
    document_id: str
    size: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`traces` are what is left, a sentence each; `files` and `bytes` were searched."""

    wanted: Wanted
    traces: tuple[str, ...]
    files: int
    bytes: int


def verify_removed(settings: Settings, key: str, collection: str | None = None) -> Verdict:
    """Search the home, or one collection, for the document that `key` names by path or id.

    Raises CollectionError if there is no such collection, UsageError for an empty key.
    """
    wanted = _wanted(settings, key)
    names = list_collections(settings) if collection is None else [collection]
    folder = settings.home_dir
    if collection is not None:
        folder = collection_folder(settings, collection)
        if not (folder.is_dir() or settings.store.is_remote):
            raise missing(settings, collection)
    traces: list[str] = []
    lines = wanted.lines
    for name in names:
        try:
            with Collection.open(settings, name) as opened:
                traces.extend(_held(opened, wanted))
                lines = tuple(opened.unsaid(lines))
        except CollectionError as err:
            traces.append(f"the collection {name!r} cannot be searched: {err}")
    texts = _texts(wanted, lines)
    if settings.store.is_remote:
        traces.extend(_in_postgres(settings, texts))
    patterns = _patterns(wanted, texts)
    files = size = 0
    for path in _files(folder, settings.models_dir):
        files += 1
        size += path.stat().st_size
        traces.extend(_in_file(path, wanted, patterns))
    return Verdict(wanted, tuple(traces), files, size)


def tell(verdict: Verdict) -> str:
    """The verdict in lines: what is left, then what was searched and for what."""
    wanted = verdict.wanted
    sought = ["its path"]
    if wanted.document_id:
        sought.append("its SHA-256")
    if wanted.size:
        sought.append("the file itself")
    if wanted.lines:
        sought.append(f"{len(wanted.lines)} lines of its text")
    lines = [f"left       {trace}" for trace in verdict.traces]
    found = f"{len(verdict.traces):,} traces left" if verdict.traces else "nothing of it is left"
    lines.append(
        f"{wanted.path or wanted.document_id}: {found}; {verdict.files:,} files "
        f"({verdict.bytes / 1e6:,.1f} MB) searched for {', '.join(sought)}"
    )
    if not wanted.document_id:
        lines.append(
            "The file is no longer there, so only its path could be searched for: give its "
            "SHA-256, or a copy of the file in the same place, to be sure of its text."
        )
    return "\n".join(lines)


def _wanted(settings: Settings, key: str) -> Wanted:
    if not key.strip():
        raise UsageError("name the file: plumb collections verify-removed FILE")
    if _DIGEST.fullmatch(key):
        return Wanted("", key, 0, ())
    path = Path(key).expanduser().resolve()
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return Wanted(str(path), "", 0, ())
    except OSError as err:
        raise UsageError(f"{path} cannot be read: {err.strerror or err}") from None
    try:
        pages = read_document(data, path, settings.ingest).document.pages
    except DocumentError:
        pages = ()
    digest = hashlib.sha256(data).hexdigest()
    return Wanted(str(path), digest, len(data), _some_lines(page.text for page in pages))


def _some_lines(texts: Iterable[str]) -> tuple[str, ...]:
    """Lines long enough to be no one else's, from all over the text."""
    least, most = _PROBE_CHARS
    lines = dict.fromkeys(
        line.strip()[:most].strip() for text in texts for line in text.splitlines()
    )
    longest = sorted(lines, key=len, reverse=True)
    long = [line for line in lines if len(line) >= least] or longest[:_PROBES]
    return tuple(line for line in long[:: max(1, len(long) // _PROBES)] if line)


def _held(collection: Collection, wanted: Wanted) -> Iterator[str]:
    """What the collection itself knows of the document."""
    place = collection.place(wanted.path) if wanted.path else None
    if place is not None:
        yield f"collection {collection.name!r} holds what was read from {place.path}"
    info = collection.by_id(wanted.document_id) if wanted.document_id else None
    if info is not None:
        if place is None:
            yield f"collection {collection.name!r} holds it as {info.path}"
        return
    if wanted.document_id:
        try:
            collection.prove_absent(wanted.document_id)
        except CollectionError as err:
            yield str(err)


def _in_postgres(settings: Settings, texts: Mapping[str, str]) -> Iterator[str]:
    """What conversations and opinions there still hold."""
    from rag.store.remote import traces

    try:
        yield from traces(settings.store, texts)
    except CollectionError as err:
        yield f"PostgreSQL cannot be searched: {err}"


def _texts(wanted: Wanted, lines: Sequence[str]) -> dict[str, str]:
    """Texts to look for, as they are and as JSON writes them, each with what it would be."""
    sought = {line: f"says “{line[:40]}”" for line in lines}
    if wanted.path:
        sought[wanted.path] = "names its path"
    if wanted.document_id:
        sought[wanted.document_id] = "names its SHA-256"
    texts: dict[str, str] = {}
    for text, meaning in sought.items():
        # Chinese is written out or escaped.
        for form in (
            text,
            *(json.dumps(text, ensure_ascii=ascii)[1:-1] for ascii in (False, True)),
        ):
            texts.setdefault(form, meaning)
    return texts


def _patterns(wanted: Wanted, texts: Mapping[str, str]) -> dict[bytes, str]:
    """Bytes to look for, each with what it would be."""
    patterns: dict[bytes, str] = {}
    for text, meaning in texts.items():
        for form in (text.encode(), text.encode("utf-16-le")):
            patterns.setdefault(form, meaning)
    if wanted.document_id:
        patterns[bytes.fromhex(wanted.document_id)] = "names its SHA-256"
    return patterns


def _files(folder: Path, models: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and not path.is_relative_to(models):
            yield path


def _in_file(path: Path, wanted: Wanted, patterns: dict[bytes, str]) -> Iterator[str]:
    """What of the document is in the file: the most telling find alone."""
    size = path.stat().st_size
    if not size:
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as held:
        if size == wanted.size and hashlib.sha256(held).hexdigest() == wanted.document_id:
            yield f"{path} is the file itself"
            return
        for pattern, meaning in patterns.items():
            if held.find(pattern) >= 0:
                yield f"{path} {meaning}"
                return
