"""A collection in a folder: SQLite holds the truth, the index beside it is derived.

Knows nothing of loaders, chunking, models or ranking. One writer at a time, any number of
readers; every change is one transaction, and every reader sees it at its next search.
"""

from __future__ import annotations

import logging
import shutil
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from rag.config import ChunkingSettings, Settings
from rag.errors import CollectionError
from rag.store import carry, keywords, places, rows
from rag.store.collection import Collection
from rag.store.contract import check_vectors, named_places, no_longer_held, open_unchanged
from rag.store.database import (
    create_database,
    explained,
    open_database,
    read_state,
    transaction,
)
from rag.store.folder import DATABASE, UPLOADS, collection_folder, drop_copies, missing, write_lock
from rag.store.postings import ChunkTerms
from rag.store.reader import CollectionReader, other_embedder, same_vectors
from rag.store.settle import settle, watch_deletions
from rag.store.whole import Whole
from rag.text import keyword_terms
from rag.types import (
    Change,
    Chunk,
    Document,
    DocumentInfo,
    EmbedderInfo,
    FloatArray,
    Place,
)

_log = logging.getLogger(__name__)


class EmbeddedCollection(CollectionReader, Collection):
    """An open collection of this machine; see `rag.store.Collection`."""

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
    ) -> EmbeddedCollection:
        """As `Collection.open`."""
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
        """As `Collection.writing`; yields the connection that holds the lock."""
        if self._writer is not None and self._writer_thread == threading.get_ident():
            yield self._writer
            return
        with write_lock(self.folder), explained(self._path):
            connection = open_database(self._path)
            watch_deletions(connection)
            before = read_state(connection)
            self._writer, self._writer_thread = connection, threading.get_ident()
            try:
                yield connection
            finally:
                self._writer = None
                try:
                    self._settle(connection, before)
                finally:
                    connection.close()

    def add(
        self,
        document: Document,
        chunks: Sequence[Chunk],
        vectors: FloatArray,
        place: Place | None = None,
    ) -> Change:
        """As `Collection.add`."""
        check_vectors(self.info, chunks, vectors)
        place = place or Place(document.path, document.name, document.document_id)
        with self.writing() as connection:
            before = places.read_place(connection, place.path)
            if before == place:
                return "unchanged"
            with transaction(connection):
                known = rows.read_info(connection, document.document_id) is not None
                if not known:
                    _insert(connection, document, place.name, chunks, vectors)
                _settle_place(connection, place, before)
            if before is None:
                return "unchanged" if known else "added"
            return "unchanged" if before.document_id == place.document_id else "replaced"

    def whole(self, document_id: str) -> Whole | None:
        """As `Collection.whole`."""
        with self._reading() as connection:
            return carry.read_whole(connection, document_id)

    def add_whole(self, whole: Whole) -> None:
        """As `Collection.add_whole`."""
        with self.writing() as connection, transaction(connection):
            if rows.read_info(connection, whole.document_id) is None:
                carry.insert_whole(connection, whole)

    def put(self, place: Place, *, instead_of: str | None = None) -> Change:
        """As `Collection.put`."""
        with self.writing() as connection, transaction(connection):
            if rows.read_info(connection, place.document_id) is None:
                raise no_longer_held(self.name, place)
            before = places.read_place(connection, place.path)
            _settle_place(connection, place, before, instead_of)
            if instead_of is not None:
                return "renamed"
            replaces = before is not None and before.document_id != place.document_id
            return "replaced" if replaces else "unchanged"

    def note(self, noted: Sequence[Place]) -> None:
        """As `Collection.note`."""
        with self.writing() as connection, transaction(connection, advance=False):
            for place in noted:
                held = places.read_place(connection, place.path)
                if held is not None and held.document_id == place.document_id:
                    places.put_place(connection, place)

    def upload_path(self, name: str) -> Path:
        """As `Collection.upload_path`."""
        return (self.folder / UPLOADS).resolve() / name

    def file(self, document_id: str) -> BinaryIO | None:
        """As `Collection.file`."""
        return open_unchanged(self.paths(document_id), document_id)

    def keep_file(self, path: Path, file: BinaryIO) -> None:
        """As `Collection.keep_file`: it lies at its path."""
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_name(f".{path.name}.draft")
            with draft.open("wb") as out:
                shutil.copyfileobj(file, out)
            draft.replace(path)

    def forget(self, paths: Sequence[str]) -> list[Place]:
        """Drop these places, and with its last place the document; returns those there were.

        When the outermost `writing()` ends, what is deleted is gone from the files too, and so are
        the copies that the collection keeps of uploads.
        """
        with self.writing() as connection:
            with transaction(connection):
                held = [places.read_place(connection, path) for path in paths]
                dropped = [place for place in held if place is not None]
                _forget(connection, dropped)
            drop_copies(self.folder, dropped)
        return dropped

    def remove(self, key: str) -> DocumentInfo:
        """As `Collection.remove`; `forget` says how thoroughly."""
        with self.writing() as connection:
            with transaction(connection):
                found = _find_one(connection, self.name, key)
                info = rows.read_info(connection, found[0].document_id)
                assert info is not None
                _forget(connection, found)
            drop_copies(self.folder, found)
        return replace(info, name=found[0].name, path=found[0].path)

    def _settle(self, connection: sqlite3.Connection, before: str) -> None:
        """What follows the last change of a writer: nothing of it is needed for the truth."""
        try:
            settle(connection, self.folder, before)
        except (OSError, sqlite3.Error) as err:
            _log.warning("vector index of %r to be made again: %s", self.name, err)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _insert(
    connection: sqlite3.Connection,
    document: Document,
    name: str,
    chunks: Sequence[Chunk],
    vectors: FloatArray,
) -> None:
    rows.insert_document(connection, document)
    terms = []
    for chunk, vector in zip(chunks, vectors, strict=True):
        row = rows.insert_chunk(connection, chunk)
        rows.insert_vector(connection, row, vector)
        heading = keywords.heading_terms(name, chunk.heading)
        terms.append(ChunkTerms(row, keyword_terms(chunk.text), heading))
    keywords.insert_terms(connection, terms)


def _settle_place(
    connection: sqlite3.Connection,
    place: Place,
    before: Place | None,
    instead_of: str | None = None,
) -> None:
    """Put the document in its place, and `before`, which lay there, out of it."""
    # A document without a place was inserted just now, under the name of this one.
    titles = {place.document_id: places.shown_name(connection, place.document_id) or place.name}
    if before is not None:
        titles[before.document_id] = places.shown_name(connection, before.document_id) or ""
    if instead_of is not None:
        places.drop_place(connection, instead_of)
    places.put_place(connection, place)
    for document_id, title in titles.items():
        _follow_places(connection, document_id, title)


def _forget(connection: sqlite3.Connection, dropped: Sequence[Place]) -> None:
    titles = {p.document_id: places.shown_name(connection, p.document_id) or "" for p in dropped}
    for place in dropped:
        places.drop_place(connection, place.path)
    for document_id, title in titles.items():
        _follow_places(connection, document_id, title)


def _follow_places(connection: sqlite3.Connection, document_id: str, before: str) -> None:
    """Delete a document that has no place; index one that goes by another name than `before`."""
    name = places.shown_name(connection, document_id)
    if name is None:
        keywords.remove_document(connection, document_id, before)
        rows.delete_document(connection, document_id)
    elif name != before:
        keywords.rename_document(connection, document_id, before, name)


def _find_one(connection: sqlite3.Connection, name: str, key: str) -> list[Place]:
    """The places that `key` names: those of one document by its id, else one."""
    return named_places(name, key, places.find_places(connection, key))


def _create(folder: Path, info: EmbedderInfo, chunking: ChunkingSettings) -> None:
    with write_lock(folder, patience_s=10.0):
        if (folder / DATABASE).is_file():
            return
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as err:
            raise CollectionError(f"the folder {folder} cannot be made: {err}") from err
        create_database(folder / DATABASE, info, chunking)
