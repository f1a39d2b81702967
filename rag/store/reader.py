"""Reading a collection: its documents, its passages, and the two searches over them."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from rag.config import ChunkingSettings
from rag.errors import CollectionError
from rag.store import keywords, places, rows
from rag.store.database import explained, open_database, read_embedder, read_setting
from rag.store.filters import Filters
from rag.store.folder import DATABASE, write_lock
from rag.store.ranges import Ranges
from rag.store.settle import build, count_strangers
from rag.store.vectors import VectorIndex
from rag.store.where import Where
from rag.text import keyword_terms
from rag.text.units import unit_of
from rag.types import Chunk, DocumentInfo, EmbedderInfo, FloatArray, Language, Page, Place, Unit

_log = logging.getLogger(__name__)


class CollectionReader:
    """The reading half of `rag.store.Collection`; see there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = folder.name
        self._path = folder / DATABASE
        self._lock = threading.RLock()
        self._connect()

    def close(self) -> None:
        """Close the files. The collection cannot be used afterwards."""
        with self._lock:
            self._index.close()
            self._reader.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def info(self) -> EmbedderInfo:
        """The embedder whose vectors it holds."""
        return self._info

    @property
    def chunking(self) -> ChunkingSettings:
        """The chunk sizes that it was made with."""
        with self._reading() as connection:
            return ChunkingSettings.model_validate_json(read_setting(connection, "chunking"))

    @property
    def generation(self) -> int:
        """Grows by one with every change."""
        with self._reading() as connection:
            return int(read_setting(connection, "generation"))

    def state(self, path: str) -> DocumentInfo | None:
        """What was last read from `path`."""
        with self._reading() as connection:
            held = places.read_place(connection, path)
            return None if held is None else rows.read_info(connection, held.document_id)

    def places(self, document_id: str | None = None) -> list[Place]:
        """All places from which documents were read, by path; or those of one document."""
        with self._reading() as connection:
            return places.read_places(connection, document_id)

    def place(self, path: str) -> Place | None:
        """What was last read from `path`, and when."""
        with self._reading() as connection:
            return places.read_place(connection, path)

    def by_id(self, document_id: str) -> DocumentInfo | None:
        """The document with that id."""
        with self._reading() as connection:
            return rows.read_info(connection, document_id)

    def documents(self) -> list[DocumentInfo]:
        """All documents by name."""
        with self._reading() as connection:
            return rows.read_infos(connection)

    def names(self, document_ids: Iterable[str]) -> dict[str, str]:
        """The file names of those of the documents that are there, by id."""
        with self._reading() as connection:
            return rows.read_names(connection, list(document_ids))

    def paths(self, document_id: str) -> list[str]:
        """All paths from which the document was read."""
        return [place.path for place in self.places(document_id)]

    def page(self, document_id: str, number: int) -> Page:
        """A page (1-based) with its text and headings. Raises CollectionError if there is none."""
        with self._reading() as connection:
            page = rows.read_page(connection, document_id, number)
        if page is None:
            raise CollectionError(
                f"collection {self.name!r} has no page {number} of document {document_id}"
            )
        return page

    def page_names(self, chunks: Iterable[Chunk]) -> dict[str, tuple[Unit, str]]:
        """What the pages of the chunks are called, by the chunks' ids: unit and label."""
        asked = list(chunks)
        with self._reading() as connection:
            found = rows.read_page_names(
                connection, sorted({(chunk.document_id, chunk.page) for chunk in asked})
            )
        return {
            chunk.chunk_id: (unit_of(media_type), label)
            for chunk in asked
            for media_type, label in (found.get((chunk.document_id, chunk.page), ("", "")),)
        }

    def page_text(self, document_id: str, page: int) -> str:
        """The text of a page (1-based), as `page` gives it."""
        return self.page(document_id, page).text

    def chunk(self, chunk_id: str) -> Chunk:
        """One chunk. Raises CollectionError if it is not there (any more)."""
        found = self.chunks([chunk_id])
        if not found:
            raise CollectionError(f"collection {self.name!r} has no chunk {chunk_id}")
        return found[chunk_id]

    def chunks(self, chunk_ids: Sequence[str]) -> dict[str, Chunk]:
        """Those of the chunks that are there, by id."""
        with self._reading() as connection:
            return rows.read_chunks(connection, chunk_ids)

    def document_chunks(self, document_id: str) -> list[Chunk]:
        """All chunks of a document in order."""
        with self._reading() as connection:
            return rows.read_document_chunks(connection, document_id)

    def neighbours(self, chunk: Chunk) -> tuple[Chunk | None, Chunk | None]:
        """The chunks before and after this one in its document."""
        at = chunk.ordinal
        with self._reading() as connection:
            near = rows.read_document_chunks(connection, chunk.document_id, at - 1, at + 1)
        placed = {other.ordinal: other for other in near}
        return placed.get(at - 1), placed.get(at + 1)

    def search_vectors(
        self,
        vector: FloatArray,
        k: int,
        language: Language | None = None,
        within: frozenset[str] | None = None,
    ) -> list[tuple[str, float]]:
        """The `k` chunks nearest to `vector` (shape [d]) as (chunk id, similarity), best first.

        With `language`, the nearest among those in that language; with `within`, among those of
        documents with these ids.
        """
        with self._reading() as connection:
            index = self._current_index(connection)
            among = self._ranges(connection, within)
            found = index.search(connection, vector, k, language, among)
            return self._named(connection, found)

    def similarities(self, vector: FloatArray, chunk_ids: Sequence[str]) -> dict[str, float]:
        """The inner products of `vector` with those of the chunks that exist."""
        with self._reading() as connection:
            stored = rows.read_vectors(connection, chunk_ids)
        stacked = rows.decode(b"".join(blob for _, blob in stored)).reshape(-1, len(vector))
        products = (stacked @ vector).tolist()
        return {chunk: product for (chunk, _), product in zip(stored, products, strict=True)}

    def languages(self) -> list[Language]:
        """The languages of its chunks."""
        with self._reading() as connection:
            return self._current_index(connection).languages

    def search_keywords(
        self, question: str, k: int, within: frozenset[str] | None = None
    ) -> list[tuple[str, float]]:
        """The `k` chunks that match the question's words best as (chunk id, BM25), best first;
        with `within`, among those of documents with these ids."""
        return self.search_terms(keyword_terms(question), k, within)

    def search_terms(
        self, terms: Sequence[str], k: int, within: frozenset[str] | None = None
    ) -> list[tuple[str, float]]:
        """The same with keyword terms (`rag.text.keyword_terms`) in place of a question."""
        with self._reading() as connection:
            among = self._ranges(connection, within)
            return self._named(connection, self._keywords.search(connection, terms, k, among))

    def matching(self, where: Where) -> frozenset[str]:
        """The ids of the documents that the filter means."""
        with self._reading() as connection:
            return self._filters.matching(connection, where)

    def _ranges(
        self, connection: sqlite3.Connection, within: frozenset[str] | None
    ) -> Ranges | None:
        return None if within is None else self._filters.ranges(connection, within)

    def _named(
        self, connection: sqlite3.Connection, found: Sequence[tuple[int, float]]
    ) -> list[tuple[str, float]]:
        names = rows.read_chunk_ids(connection, [row for row, _ in found])
        return [(names[row], score) for row, score in found if row in names]

    def fields(self) -> dict[str, list[object]]:
        """What there is to filter by: the fields that are said of documents, each with its values,
        sorted as text."""
        values: dict[str, dict[str, object]] = {}
        with self._reading() as connection:
            held = places.read_fields(connection)
        for _, fields in held:
            for name, value in fields.items():
                for element in value if isinstance(value, list) else [value]:
                    values.setdefault(name, {})[str(element)] = element
        for name in ("name", "path"):  # one for each document: a list of them helps nobody
            values.pop(name, None)
        return {name: [found[key] for key in sorted(found)] for name, found in values.items()}

    def unsaid(self, lines: Iterable[str]) -> list[str]:
        """Those of the lines that no page holds."""
        with self._reading() as connection:
            return [line for line in lines if not rows.is_said(connection, line)]

    def prove_absent(self, document_id: str) -> None:
        """Raise CollectionError if any table or index still holds the document or parts of it."""
        with self._reading() as connection:
            leftovers = rows.count_leftovers(connection, document_id)
            leftovers["vector index"] = count_strangers(connection, self.folder)
            leftovers["keyword index"] = keywords.count_orphans(connection)
        held = ", ".join(f"{place} ({count})" for place, count in leftovers.items() if count)
        if held:
            raise CollectionError(
                f"collection {self.name!r} still holds document {document_id}: {held}; "
                "remove it, or if that was interrupted, run any `plumb ingest` to finish it"
            )

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock, explained(self._path):
            if _identity(self._path) != self._file:
                self._reconnect()
            yield self._reader

    def _connect(self) -> None:
        self._file = _identity(self._path)
        self._reader = open_database(self._path)
        with explained(self._path):
            self._info = read_embedder(self._reader)
        self._index = VectorIndex(self.folder, self._info.dimension)
        self._keywords, self._filters = keywords.Keywords(), Filters()
        self._has_tried = False

    def _reconnect(self) -> None:
        """Follow a collection that was removed and made anew under our feet."""
        before = self._info
        self._index.close()
        self._reader.close()
        self._connect()
        if not same_vectors(before, self._info):
            raise CollectionError(other_embedder(self.name, self._info, before))

    def _current_index(self, connection: sqlite3.Connection) -> VectorIndex:
        """The vector index as of now; where its file is missing or unfit, that is made, unless
        this would hold up a writer."""
        self._index.catch_up(connection)
        if self._index.is_too_large and not self._has_tried:
            self._has_tried = True
            with suppress(CollectionError), write_lock(self.folder, patience_s=0):
                self._build_index(connection)
            self._index.catch_up(connection)
        return self._index

    def _build_index(self, connection: sqlite3.Connection) -> None:
        try:
            build(connection, self.folder)
        except (OSError, sqlite3.Error) as err:
            _log.warning("vector index of %r not made, to be made again: %s", self.name, err)


def same_vectors(one: EmbedderInfo, other: EmbedderInfo) -> bool:
    """Whether vectors of the two may be compared; a model's name says nothing about that."""
    return (one.digest, one.dimension) == (other.digest, other.dimension)


def other_embedder(name: str, held: EmbedderInfo, wanted: EmbedderInfo) -> str:
    """The message for a collection that holds another embedder's vectors."""
    return (
        f"collection {name!r} was made with embedder {held.name} (weights {held.digest[:12]}), "
        f"but {wanted.name} (weights {wanted.digest[:12]}) is configured: set embedder.model to "
        "the former, or ingest the documents into another collection with --collection"
    )


def _identity(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError as err:
        raise CollectionError(f"collection {path.parent.name!r} is gone: {err}") from err
    return status.st_dev, status.st_ino
