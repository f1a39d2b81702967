"""Reading a collection in PostgreSQL and Milvus: its documents, and the two searches over them.

PostgreSQL says what there is. What Milvus has not taken in yet is compared here, and what it has
not deleted yet is left out, so that a reader sees each document whole or not at all.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np

from rag.config import ChunkingSettings, Settings
from rag.errors import CollectionError
from rag.store.collection import Collection
from rag.store.contract import open_unchanged
from rag.store.folder import collection_folder
from rag.store.reader import other_embedder, same_vectors
from rag.store.remote import carry, files, keywords, rows
from rag.store.remote.milvus import MilvusVectors
from rag.store.remote.postgres import Connection, alive, explained
from rag.store.remote.rows import Head
from rag.store.remote.settle import read_intended
from rag.store.rows import decode
from rag.store.where import Where
from rag.store.whole import Whole
from rag.text.units import unit_of
from rag.types import Chunk, DocumentInfo, EmbedderInfo, FloatArray, Language, Page, Place, Unit

_REACH = 2
"""So many times the chunks asked for are compared by their stored vectors."""
_COMPARED = 8_192
"""Up to so many vectors are read from PostgreSQL and compared here."""


class RemoteReader(Collection):
    """The reading half of `rag.store.remote.collection.RemoteCollection`."""

    def __init__(self, settings: Settings, name: str, head: Head, connection: Connection) -> None:
        self.folder = collection_folder(settings, name)
        self.name = name
        self._store = settings.store
        self._lock = threading.RLock()
        self._connection = connection
        self._filters: dict[Where, frozenset[str]] = {}
        self._filtered = (head.life, -1)
        self._follow(head)

    def close(self) -> None:
        """As `Collection.close`."""
        with self._lock:
            self._connection.close()

    @property
    def info(self) -> EmbedderInfo:
        """As `Collection.info`."""
        return self._info

    @property
    def chunking(self) -> ChunkingSettings:
        """As `Collection.chunking`."""
        with self._reading() as (_, head):
            return ChunkingSettings.model_validate_json(head.chunking)

    @property
    def generation(self) -> int:
        """As `Collection.generation`."""
        with self._reading() as (_, head):
            return head.generation

    def state(self, path: str) -> DocumentInfo | None:
        """As `Collection.state`."""
        with self._reading() as (connection, head):
            held = rows.read_place(connection, head.collection, path)
            if held is None:
                return None
            return rows.read_info(connection, head.collection, held.document_id)

    def places(self, document_id: str | None = None) -> list[Place]:
        """As `Collection.places`."""
        with self._reading() as (connection, head):
            return rows.read_places(connection, head.collection, document_id)

    def place(self, path: str) -> Place | None:
        """As `Collection.place`."""
        with self._reading() as (connection, head):
            return rows.read_place(connection, head.collection, path)

    def by_id(self, document_id: str) -> DocumentInfo | None:
        """As `Collection.by_id`."""
        with self._reading() as (connection, head):
            return rows.read_info(connection, head.collection, document_id)

    def documents(self) -> list[DocumentInfo]:
        """As `Collection.documents`."""
        with self._reading() as (connection, head):
            return rows.read_infos(connection, head.collection)

    def names(self, document_ids: Iterable[str]) -> dict[str, str]:
        """As `Collection.names`."""
        with self._reading() as (connection, head):
            return rows.read_names(connection, head.collection, list(document_ids))

    def upload_path(self, name: str) -> Path:
        """As `Collection.upload_path`: no path of any machine's."""
        return Path(f"upload:{name}")

    def file(self, document_id: str) -> BinaryIO | None:
        """As `Collection.file`; copied into memory, or into a file without a name."""
        with self._reading() as (connection, head):
            kept = files.read_file(connection, head.collection, document_id)
            paths = [] if kept else rows.read_places(connection, head.collection, document_id)
        return kept or open_unchanged((place.path for place in paths), document_id)

    def page(self, document_id: str, number: int) -> Page:
        """As `Collection.page`."""
        with self._reading() as (connection, head):
            page = rows.read_page(connection, head.collection, document_id, number)
        if page is None:
            raise CollectionError(
                f"collection {self.name!r} has no page {number} of document {document_id}"
            )
        return page

    def page_names(self, chunks: Iterable[Chunk]) -> dict[str, tuple[Unit, str]]:
        """As `Collection.page_names`."""
        asked = list(chunks)
        wanted = sorted({(chunk.document_id, chunk.page) for chunk in asked})
        with self._reading() as (connection, head):
            found = rows.read_page_names(connection, head.collection, wanted)
        return {
            chunk.chunk_id: (unit_of(media_type), label)
            for chunk in asked
            for media_type, label in (found.get((chunk.document_id, chunk.page), ("", "")),)
        }

    def chunks(self, chunk_ids: Sequence[str]) -> dict[str, Chunk]:
        """As `Collection.chunks`."""
        with self._reading() as (connection, head):
            return rows.read_chunks(connection, head.collection, chunk_ids)

    def document_chunks(self, document_id: str) -> list[Chunk]:
        """As `Collection.document_chunks`."""
        with self._reading() as (connection, head):
            return rows.read_document_chunks(connection, head.collection, document_id)

    def neighbours(self, chunk: Chunk) -> tuple[Chunk | None, Chunk | None]:
        """As `Collection.neighbours`."""
        at = chunk.ordinal
        with self._reading() as (connection, head):
            near = rows.read_document_chunks(
                connection, head.collection, chunk.document_id, at - 1, at + 1
            )
        placed = {other.ordinal: other for other in near}
        return placed.get(at - 1), placed.get(at + 1)

    def languages(self) -> list[Language]:
        """As `Collection.languages`."""
        with self._reading() as (connection, head):
            return rows.read_languages(connection, head.collection)

    def whole(self, document_id: str) -> Whole | None:
        """As `Collection.whole`."""
        with self._reading() as (connection, head):
            return carry.read_whole(connection, head.collection, document_id)

    def matching(self, where: Where) -> frozenset[str]:
        """As `Collection.matching`."""
        with self._reading() as (connection, head):
            if self._filtered != (head.life, head.changes):
                self._filters, self._filtered = {}, (head.life, head.changes)
            if where not in self._filters:
                held = rows.read_fields(connection, head.collection)
                self._filters[where] = frozenset(key for key, said in held if where.holds(said))
            return self._filters[where]

    def fields(self) -> dict[str, list[object]]:
        """As `Collection.fields`."""
        values: dict[str, dict[str, object]] = {}
        with self._reading() as (connection, head):
            held = rows.read_fields(connection, head.collection)
        for _, fields in held:
            for name, value in fields.items():
                for element in value if isinstance(value, list) else [value]:
                    values.setdefault(name, {})[str(element)] = element
        for name in ("name", "path"):  # one for each document: a list of them helps nobody
            values.pop(name, None)
        return {name: [found[key] for key in sorted(found)] for name, found in values.items()}

    def unsaid(self, lines: Iterable[str]) -> list[str]:
        """As `Collection.unsaid`."""
        with self._reading() as (connection, head):
            return [line for line in lines if not rows.is_said(connection, head.collection, line)]

    def search_vectors(
        self,
        vector: FloatArray,
        k: int,
        language: Language | None = None,
        within: frozenset[str] | None = None,
    ) -> list[tuple[str, float]]:
        """As `Collection.search_vectors`."""
        vector = np.ascontiguousarray(vector, dtype=np.float32)
        with self._reading() as (connection, head):
            if not head.chunks:
                return []
            new, gone = read_intended(connection, head.collection)
            among = self._documents(connection, head, within)
            if among is not None:
                new = sorted(set(new) & set(among))
                if rows.count_vectors(connection, among, _COMPARED + 1) <= _COMPARED:
                    new, among = among, []
            best = _compared(rows.read_vectors_of(connection, new, language), vector)
            milvus = self._vectors
        if among is None or among:
            best |= milvus.search(vector, _REACH * k, language, among, gone)
        nearest = sorted(best, key=lambda chunk: (-best[chunk], chunk))[: _REACH * k]
        with self._reading() as (connection, head):
            near = rows.read_vectors(connection, head.collection, chunks=nearest)
        return sorted(_similar(near, vector).items(), key=lambda pair: -pair[1])[:k]

    def similarities(self, vector: FloatArray, chunk_ids: Sequence[str]) -> dict[str, float]:
        """As `Collection.similarities`."""
        with self._reading() as (connection, head):
            near = rows.read_vectors(connection, head.collection, chunk_ids=chunk_ids)
        return _similar(near, vector)

    def search_terms(
        self, terms: Sequence[str], k: int, within: frozenset[str] | None = None
    ) -> list[tuple[str, float]]:
        """As `Collection.search_terms`."""
        with self._reading() as (connection, head):
            among = self._documents(connection, head, within)
            return keywords.search(connection, head, terms, k, among)

    @staticmethod
    def _documents(
        connection: Connection, head: Head, within: frozenset[str] | None
    ) -> list[int] | None:
        if within is None:
            return None
        return rows.read_document_rows(connection, head.collection, within)

    @contextmanager
    def _reading(self) -> Iterator[tuple[Connection, Head]]:
        """The connection, opened again if it was lost, and what the collection now says."""
        with self._lock, explained(self._store):
            self._connection, head = alive(
                self._store, self._connection, lambda held: rows.read_head(held, self.name)
            )
            if head is None:
                raise CollectionError(f"collection {self.name!r} is gone: it was removed")
            if head.life != self._head.life:
                if not same_vectors(self._info, head.info):
                    raise CollectionError(other_embedder(self.name, head.info, self._info))
                self._follow(head)
            yield self._connection, head

    def _follow(self, head: Head) -> None:
        """Take up the collection, or one that was made anew under our feet."""
        self._head, self._info = head, head.info
        self._vectors = MilvusVectors(self._store, head.life, head.info.dimension)


def _compared(found: list[tuple[int, bytes]], vector: FloatArray) -> dict[int, float]:
    """The inner product of each chunk."""
    if not found:
        return {}
    stacked = decode(b"".join(blob for _, blob in found)).reshape(len(found), -1)
    products = (stacked @ vector).tolist()
    return {chunk: product for (chunk, _), product in zip(found, products, strict=True)}


def _similar(vectors: dict[str, FloatArray], vector: FloatArray) -> dict[str, float]:
    if not vectors:
        return {}
    products = (np.stack(list(vectors.values())) @ vector).tolist()
    return dict(zip(vectors, products, strict=True))
