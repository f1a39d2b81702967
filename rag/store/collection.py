"""A collection: documents in, passages out. The one door to a collection's files.

Knows nothing of loaders, chunking, models or ranking. One writer at a time, any number of
readers; every change is one transaction, and every reader sees it at its next search.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePath

import numpy as np

from rag.config import ChunkingSettings, Settings
from rag.errors import CollectionError
from rag.store import keywords, rows
from rag.store.database import (
    create_database,
    explained,
    open_database,
    transaction,
)
from rag.store.folder import DATABASE, collection_folder, missing, write_lock
from rag.store.reader import CollectionReader, other_embedder, same_vectors
from rag.text import keyword_terms
from rag.types import (
    Change,
    Chunk,
    Document,
    DocumentInfo,
    EmbedderInfo,
    FloatArray,
    Part,
)


class Collection(CollectionReader):
    """An open collection. Use `Collection.open`, and close it or use it in a `with`.

    Methods may be called from any thread. Reads never wait for a writer. Writes raise
    CollectionBusy while someone else writes; hold `writing()` around many of them.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._writer: sqlite3.Connection | None = None
        self._writer_thread = 0

    @classmethod
    def open(
        cls,
        settings: Settings,
        name: str,
        embedder_info: EmbedderInfo | None = None,
        *,
        create: bool = False,
    ) -> Collection:
        """Open the collection `name`; with `create`, make it for that embedder if need be.

        Raises CollectionError if it does not exist, is damaged, was made by a newer Plumbline, or
        holds another embedder's vectors than `embedder_info`'s (None: whichever).
        """
        folder = collection_folder(settings, name)
        if create and embedder_info and not (folder / DATABASE).is_file():
            _create(folder, embedder_info, settings.chunking)
        if not (folder / DATABASE).is_file():
            raise missing(settings, name)
        collection = cls(folder)
        if embedder_info is not None and not same_vectors(collection.info, embedder_info):
            collection.close()
            raise CollectionError(other_embedder(name, collection.info, embedder_info))
        return collection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Hold the write lock over several changes, and refresh the derived files at the end.

        Within it, changes of the same thread share the lock. Yields the connection that holds it.
        Raises CollectionBusy.
        """
        if self._writer is not None and self._writer_thread == threading.get_ident():
            yield self._writer
            return
        with write_lock(self.folder), explained(self._path):
            connection = open_database(self._path)
            self._writer, self._writer_thread = connection, threading.get_ident()
            try:
                yield connection
            finally:
                self._writer = None
                try:
                    self._settle(connection)
                finally:
                    connection.close()

    def add(
        self,
        document: Document,
        chunks: Sequence[Chunk],
        vectors: FloatArray,
        parts: Sequence[Sequence[Part]] = (),
    ) -> Change:
        """Take in a document in one transaction; `vectors` has shape [len(chunks), d].

        `parts[i]` are parts of `chunks[i]` with their own vectors (`rag.models.embedding`). Other
        bytes under a known path replace what was read from it before; known bytes under a new
        path are "unchanged" and only the path is noted.
        """
        _check_vectors(self.info, chunks, vectors)
        with self.writing() as connection:
            before = rows.holder_of(connection, document.path)
            if before == document.document_id:
                return "unchanged"
            with transaction(connection):
                known = rows.read_info(connection, document.document_id) is not None
                if not known:
                    _insert(connection, document, chunks, vectors, parts)
                rows.point_path(connection, document.path, document.name, document.document_id)
                if before is None:
                    return "unchanged" if known else "added"
                if rows.count_paths(connection, before) == 0:
                    _delete(connection, before)
                return "replaced"

    def remove(self, key: str) -> DocumentInfo:
        """Remove the document that `key` (its id, path or name) names, whatever paths it has.

        When the outermost `writing()` ends, its words are gone from the files too. Raises
        CollectionError if `key` names no document or several.
        """
        with self.writing() as connection, transaction(connection):
            info = _find_one(connection, self.name, key)
            _delete(connection, info.document_id)
            return info

    def _settle(self, connection: sqlite3.Connection) -> None:
        """What follows the last change of a writer: nothing of it is needed for the truth."""
        if keywords.is_unscrubbed(connection):
            keywords.scrub(connection)
        with self._lock:
            self._save_index(connection)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _insert(
    connection: sqlite3.Connection,
    document: Document,
    chunks: Sequence[Chunk],
    vectors: FloatArray,
    parts: Sequence[Sequence[Part]],
) -> None:
    rows.insert_document(connection, document)
    title = PurePath(document.name).stem
    for chunk, vector, of_chunk in zip(chunks, vectors, parts or [()] * len(chunks), strict=True):
        row = rows.insert_chunk(connection, chunk)
        rows.insert_vector(connection, row, (0, len(chunk.text)), vector)
        for part in of_chunk:
            rows.insert_vector(connection, row, (part.start, part.end), part.vector)
        keywords.insert_terms(
            connection, row, keyword_terms(chunk.text), keyword_terms(f"{title} {chunk.heading}")
        )


def _delete(connection: sqlite3.Connection, document_id: str) -> None:
    rows.delete_document(connection, document_id)
    keywords.mark_unscrubbed(connection)


def _find_one(connection: sqlite3.Connection, name: str, key: str) -> DocumentInfo:
    found = rows.find_documents(connection, key)
    if not found:
        raise CollectionError(
            f"collection {name!r} holds no document {key!r}; "
            f"`plumb collections show {name}` lists what it holds"
        )
    if len(found) > 1:
        ids = ", ".join(found)
        raise CollectionError(
            f"{key!r} names {len(found)} documents of collection {name!r}: give one of the "
            f"ids ({ids}) or a path"
        )
    info = rows.read_info(connection, found[0])
    assert info is not None
    return info


def _create(folder: Path, info: EmbedderInfo, chunking: ChunkingSettings) -> None:
    with write_lock(folder, patience_s=10.0):
        if (folder / DATABASE).is_file():
            return
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as err:
            raise CollectionError(f"the folder {folder} cannot be made: {err}") from err
        create_database(folder / DATABASE, info, chunking)


def _check_vectors(info: EmbedderInfo, chunks: Sequence[Chunk], vectors: FloatArray) -> None:
    if vectors.shape != (len(chunks), info.dimension) or not np.isfinite(vectors).all():
        raise ValueError(
            f"{len(chunks)} chunks need finite vectors of shape "
            f"[{len(chunks)}, {info.dimension}], not {list(vectors.shape)}"
        )
