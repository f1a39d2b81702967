"""Files and folders -> documents in a collection, with a receipt of what became of each.

A file is read whole, recognised, loaded, cut into chunks; the chunks of several files are embedded
together; each document enters the collection in one transaction of its own. So a run that is
interrupted leaves whole documents only, and the next run takes up where it stopped. A file whose
stamp is the one noted is not opened; the same bytes in a new place are not embedded.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np

from ingest.chunk import chunk_document, embedding_text
from ingest.documents import read_document
from ingest.files import Found, find_files, is_settled, read_stable
from ingest.loaders import is_none_of_ours
from ingest.loaders.limits import check_file_size
from ingest.metadata import read_sidecars
from ingest.patience import Patience
from ingest.receipt import FileResult, Receipt
from ingest.vanished import emptied, find_vanished
from rag.config import Settings
from rag.errors import CollectionError, DocumentError, NothingToRead
from rag.models.embedding import Embedded, embed_chunks
from rag.seams import Embedder
from rag.store import Collection
from rag.types import Change, Chunk, Document, DocumentInfo, Place

Prune = Literal["no", "yes", "all"]
"""Whether to remove what vanished from the folders; "yes" does so unless it is everything."""

_WINDOW = 256
"""Chunks that are embedded together: of so many, batches of like length waste little on padding."""


Stage = Literal["read", "embed"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is. `fraction` in [0, 1] goes by bytes; `remaining_s` is None at first; `stage`
    says whether the file is being read or its chunks embedded."""

    name: str
    files_done: int
    files_total: int
    chunks_done: int
    chunks_per_second: float
    fraction: float
    remaining_s: float | None
    stage: Stage = "read"


def ingest(
    paths: Iterable[Path],
    collection: Collection,
    embedder: Embedder,
    settings: Settings,
    progress: Callable[[Progress], None] | None = None,
    prune: Prune = "no",
    ignore: Sequence[str] = (),
    patience: Patience | None = None,
    known_as: Callable[[Path], Path] = lambda real: real,
) -> Receipt:
    """Read files and folders into an open collection, but for what patterns as in a .gitignore say.

    What fails is a result, and the others go on. A file whose bytes the collection knows is not
    loaded, let alone embedded. What has vanished from the folders is named, and removed if `prune`
    says so. With `patience` what is not still yet is left for a later run, and so is the removal of
    what vanished just now; what is as it was is not among the results. `known_as` gives the path
    under which the collection knows a file, where that is not its own.

    Ctrl-C ends the run with the receipt so far, `interrupted` set. Raises CollectionBusy if another
    process writes, and CollectionError as `Collection.add` does.
    """
    with ExitStack() as stack:
        run = _Run(
            collection, embedder, settings, progress or (lambda _: None), stack, patience, known_as
        )
        interrupted = False
        try:
            for number in run.find(list(paths), ignore):
                run.take(number)
            run.flush()
            run.tidy(prune)
        except KeyboardInterrupt:
            interrupted = True
        return run.receipt(interrupted=interrupted)


def remove(collection: Collection, key: str) -> DocumentInfo:
    """Remove what was read from a path, or goes by a name or an id, from every index; the same
    bytes in another place stay, unless named by their id.

    A relative path is taken from the working folder. Raises CollectionError if nothing, or more
    than one file, goes by that name.
    """
    path = str(Path(key).expanduser().resolve())
    return collection.remove(path if collection.place(path) else key)


@dataclass(slots=True)
class _Waiting:
    """A document whose chunks are still to be embedded; `entry` is its place in the receipt,
    `missing` what its text does not hold."""

    entry: int
    document: Document
    place: Place
    chunks: list[Chunk]
    missing: tuple[str, ...]
    embedded: list[Embedded] = field(default_factory=list)


class _Run:
    """One run: the files found, what became of them, and the documents waiting to be embedded."""

    def __init__(
        self,
        collection: Collection,
        embedder: Embedder,
        settings: Settings,
        report: Callable[[Progress], None],
        stack: ExitStack,
        patience: Patience | None,
        known_as: Callable[[Path], Path],
    ) -> None:
        self.entries: list[Found | FileResult] = []
        self._roots: list[Path] = []
        self._held: dict[str, Place] = {}
        self._gone: dict[str, Place] = {}
        self._gone_from: dict[str, str] = {}
        self._noted: list[Place] = []
        self._removed: list[Place] = []
        self._left: list[str] = []
        self._kept = ""
        self._collection = collection
        self._embedder = embedder
        self._settings = settings
        self._report_to = report
        self._stack = stack
        self._patience = patience
        self._known_as = known_as
        self._writing = False
        self._results: dict[int, FileResult] = {}
        self._waiting: list[_Waiting] = []
        self._started = time.monotonic()
        self._bytes_total = 0
        self._bytes_done = 0.0
        self._chunks_done = 0
        self._embedding_s = 0.0

    def find(self, paths: Sequence[Path], ignore: Sequence[str]) -> list[int]:
        """List the files, so that it is known how much there is to do; their numbers in the order
        to take them: new places first, so that a document whose place is taken by other bytes is
        met again in its new place before it would be deleted."""
        found = [self._placed(entry) for entry in find_files(paths, ignore)]
        self._roots = [path.resolve() for path in paths if path.is_dir()]
        self._held = {place.path: place for place in self._collection.places()}
        gone = find_vanished(self._held.values(), self._roots, found)
        self._gone = {place.path: place for place in gone}
        self._gone_from = {place.document_id: place.path for place in gone}
        self.entries.extend(entry for entry in found if self._is_due(entry))
        self._bytes_total = sum(e.size for e in self.entries if isinstance(e, Found))
        return sorted(range(len(self.entries)), key=self._has_place)

    def _placed(self, entry: Found | FileResult) -> Found | FileResult:
        """The file with the path by which the collection knows it."""
        if isinstance(entry, FileResult):
            return entry
        return replace(entry, real=self._known_as(entry.real))

    def _is_due(self, entry: Found | FileResult) -> bool:
        if self._patience is None or isinstance(entry, FileResult):
            return True
        held = self._held.get(str(entry.real))
        as_it_was = held is not None and held.stamp == entry.stamp
        return not as_it_was and self._patience.is_ready(entry)

    def _has_place(self, number: int) -> bool:
        entry = self.entries[number]
        return isinstance(entry, Found) and str(entry.real) in self._held

    def tidy(self, prune: Prune) -> None:
        """Write down what was learnt of places, and remove what vanished if `prune` says so."""
        if self._noted:
            with suppress(CollectionError):  # the next run learns the same
                self._write()
                self._collection.note(self._noted)
        gone = list(self._gone.values())
        ripe = gone if self._patience is None else self._patience.ripe(gone)
        if prune == "no" or not ripe:
            return
        empty = emptied(self._collection.places(), gone, self._roots)
        if empty and prune != "all":
            self._kept = (
                f"every document of {', '.join(map(str, empty))} has vanished and nothing was "
                "removed: is the folder there, or a share not mounted? To remove them all the "
                "same, add --yes"
            )
            return
        self._write()
        self._removed = self._collection.forget([place.path for place in ripe])
        ids = sorted({place.document_id for place in self._removed})
        self._left = [key for key in ids if self._collection.by_id(key) is None]
        for place in ripe:
            del self._gone[place.path]

    def take(self, number: int) -> None:
        """Read one file; embed what waits once there is enough of it."""
        entry = self.entries[number]
        if isinstance(entry, FileResult):
            self._results[number] = entry
            return
        self._report(entry.path.name)
        try:
            result = self._read(number, entry)
        except DocumentError as err:
            change: Change = "skipped" if isinstance(err, NothingToRead) else "failed"
            beside = tuple(getattr(err, "__notes__", ()))
            result = FileResult(
                str(entry.path), change, self._explain(entry.path, err), missing=beside
            )
        if result is not None:
            self._results[number] = result
            self._bytes_done += entry.size
        if sum(len(waiting.chunks) for waiting in self._waiting) >= _WINDOW:
            self.flush()

    def _read(self, number: int, entry: Found) -> FileResult | None:
        """The file's result if it is settled already; None if its chunks now wait."""
        path, shown = entry.path, str(entry.path)
        held = self._held.get(str(entry.real))
        if held is not None and held.stamp == entry.stamp:
            info = self._collection.by_id(held.document_id)
            if info is not None:
                return _result(shown, "unchanged", info)
        if (why := is_none_of_ours(path)) is not None:
            return FileResult(shown, "skipped", str(why))
        check_file_size(path.name, path.stat().st_size, self._settings.ingest)
        now_ns = time.time_ns()
        data = read_stable(path)
        digest = hashlib.sha256(data).hexdigest()
        stamp = entry.stamp if is_settled(entry.stamp, now_ns) else ""
        said = read_sidecars(entry.sidecars)
        place = Place(str(entry.real), path.name, digest, stamp, said)
        known = self._known(place, shown)
        if known is not None:
            return known
        reading = read_document(data, path, self._settings.ingest)
        document = reading.document
        chunks = chunk_document(document, self._embedder, self._collection.chunking)
        for waiting in self._waiting:
            if waiting.document.document_id == document.document_id:
                self.flush()  # the same bytes under another name: it is known from now on
                return self._known(place, shown)
        self._waiting.append(_Waiting(number, document, place, chunks, reading.missing))
        return None

    def _known(self, place: Place, shown: str) -> FileResult | None:
        """The result for bytes that the collection holds already, else None."""
        info = self._collection.by_id(place.document_id)
        if info is None:
            return None
        before = self._collection.place(place.path)
        if before is not None and before.document_id == place.document_id:
            if before != place:
                self._noted.append(place)
            return _result(shown, "unchanged", info)
        self._write()
        info = self._collection.by_id(place.document_id)  # nobody else writes from here on
        if info is None:
            return None
        lain = self._gone_from.pop(place.document_id, None)
        if lain is None:
            change = self._collection.put(place)
            return _result(shown, change, info, f"the same content as {info.name}")
        del self._gone[lain]
        change = self._collection.put(place, instead_of=lain)
        return _result(shown, change, info, f"was {lain}")

    def flush(self) -> None:
        """Embed the chunks that wait and store each document as soon as it is complete."""
        waiting, self._waiting = self._waiting, []
        chunks = [(owner, chunk) for owner in waiting for chunk in owner.chunks]
        done = 0
        for first in range(0, len(chunks), _WINDOW):
            window = chunks[first : first + _WINDOW]
            started = time.monotonic()
            embedded = embed_chunks(
                [chunk for _, chunk in window],
                [embedding_text(chunk) for _, chunk in window],
                self._embedder,
            )
            self._embedding_s += time.monotonic() - started
            for (owner, _), found in zip(window, embedded, strict=True):
                owner.embedded.append(found)
                self._chunks_done += 1
                self._bytes_done += owner.document.bytes / len(owner.chunks)
            while done < len(waiting) and _is_complete(waiting[done]):
                self._store(waiting[done])
                done += 1
            self._report(window[-1][0].document.name, "embed")

    def _store(self, waiting: _Waiting) -> None:
        document, chunks = waiting.document, waiting.chunks
        self._write()
        change = self._collection.add(
            document,
            chunks,
            np.stack([found.whole for found in waiting.embedded]),
            [found.parts for found in waiting.embedded],
            waiting.place,
        )
        entry = self.entries[waiting.entry]
        assert isinstance(entry, Found)
        self._results[waiting.entry] = FileResult(
            str(entry.path),
            change,
            pages=len(document.pages),
            chunks=len(chunks),
            pages_without_text=sum(not page.text.strip() for page in document.pages),
            missing=waiting.missing,
        )

    def _write(self) -> None:
        """Take the write lock at the first change, and keep it to the end of the run."""
        if not self._writing:
            self._stack.enter_context(self._collection.writing())
            self._writing = True

    def _explain(self, path: Path, err: DocumentError) -> str:
        """The error's sentence without the name that the receipt shows anyway, and what stays."""
        reason = str(err).removeprefix(f"{path.name}: ").removeprefix(f"{path.name} ")
        if self._collection.state(str(self._known_as(path.resolve()))) is not None:
            reason += "; the version read earlier stays in the collection"
        return reason

    def _report(self, name: str, stage: Stage = "read") -> None:
        elapsed = time.monotonic() - self._started
        fraction = min(1.0, self._bytes_done / self._bytes_total) if self._bytes_total else 1.0
        known = fraction > 0.01 and elapsed > 1.0
        self._report_to(
            Progress(
                name=name,
                files_done=len(self._results),
                files_total=len(self.entries),
                chunks_done=self._chunks_done,
                chunks_per_second=self._chunks_done / self._embedding_s
                if self._embedding_s
                else 0.0,
                fraction=fraction,
                remaining_s=elapsed * (1 - fraction) / fraction if known else None,
                stage=stage,
            )
        )

    def receipt(self, *, interrupted: bool) -> Receipt:
        """What has become of the files so far."""
        return Receipt(
            results=tuple(self._results[number] for number in sorted(self._results)),
            seconds=time.monotonic() - self._started,
            interrupted=interrupted,
            unread=len(self.entries) - len(self._results),
            vanished=tuple(self._gone),
            removed=tuple(place.path for place in self._removed),
            gone=tuple(self._left),
            kept=self._kept,
        )


def _is_complete(waiting: _Waiting) -> bool:
    return len(waiting.embedded) == len(waiting.chunks)


def _result(shown: str, change: Change, info: DocumentInfo, reason: str = "") -> FileResult:
    return FileResult(shown, change, reason, info.pages, info.chunks, info.pages_without_text)
