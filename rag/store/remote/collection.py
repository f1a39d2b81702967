"""A collection in PostgreSQL and Milvus: PostgreSQL holds the truth, Milvus follows it.

One writer at a time, by an advisory lock that falls with its connection. Every change is one
transaction, with a note of what Milvus has to follow; the notes are done when the writer ends,
or by the next one.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import BinaryIO

from rag.config import Settings
from rag.errors import CollectionBusy, CollectionError
from rag.store.contract import check_vectors, named_places, no_longer_held
from rag.store.folder import collection_folder, drop_copies
from rag.store.reader import other_embedder, same_vectors
from rag.store.remote import changes, files, rows
from rag.store.remote.postgres import Connection, connect, explained
from rag.store.remote.reader import RemoteReader
from rag.store.remote.rows import Head
from rag.store.remote.schema import is_made, make_tables
from rag.store.remote.settle import settle
from rag.store.whole import Whole, whole_of
from rag.types import Change, Chunk, Document, DocumentInfo, EmbedderInfo, FloatArray, Place

_LOCKS = 0x504C
"""The first number of the advisory locks of collections; the second is the collection's."""
_PATIENCE_S = 0.5
_UNSETTLED = 8_192
"""Vectors that a writer lets gather before Milvus follows."""


def open_remote(
    settings: Settings, name: str, info: EmbedderInfo | None = None, *, create: bool = False
) -> RemoteCollection:
    """As `Collection.open`."""
    collection_folder(settings, name)  # the name is checked as everywhere
    connection = connect(settings.store)
    try:
        with explained(settings.store):
            if create and info is not None:
                make_tables(connection)
                _create(connection, settings, name, info)
            head = rows.read_head(connection, name) if is_made(connection) else None
        if head is None:
            raise missing(connection, name)
        if info is not None and not same_vectors(head.info, info):
            raise CollectionError(other_embedder(name, head.info, info))
        return RemoteCollection(settings, name, head, connection)
    except BaseException:
        connection.close()
        raise


def missing(connection: Connection, name: str) -> CollectionError:
    """The error for a collection that does not exist."""
    known = ", ".join(read_names(connection)) or "none yet"
    return CollectionError(
        f"there is no collection {name!r} in PostgreSQL (known: {known}); make it with `plumb "
        f"ingest PATH --collection {name}`, or bring it with `plumb migrate {name} --to remote`"
    )


def read_names(connection: Connection) -> list[str]:
    """The names of all collections of the database, sorted."""
    if not is_made(connection):
        return []
    found = connection.execute("SELECT name FROM collections ORDER BY name")
    return [name for (name,) in found]


def take_lock(connection: Connection, name: str, collection: int) -> None:
    """Take the collection's write lock until the connection is closed. Raises CollectionBusy."""
    until = time.monotonic() + _PATIENCE_S
    while not _try_lock(connection, collection):
        if time.monotonic() > until:
            raise CollectionBusy(
                f"another process is writing to collection {name!r}; "
                "wait until it has finished, then run this again"
            )
        time.sleep(0.05)


def _try_lock(connection: Connection, collection: int) -> bool:
    row = connection.execute("SELECT pg_try_advisory_lock(%s, %s)", (_LOCKS, collection)).fetchone()
    return bool(row and row[0])


class RemoteCollection(RemoteReader):
    """An open collection in PostgreSQL and Milvus; see `rag.store.Collection`."""

    def __init__(self, settings: Settings, name: str, head: Head, connection: Connection) -> None:
        super().__init__(settings, name, head, connection)
        self._writer: tuple[Connection, int] | None = None
        self._writer_thread = 0
        self._unsettled = 0

    @contextmanager
    def writing(self) -> Iterator[tuple[Connection, int]]:
        """As `Collection.writing`; yields the connection that holds the lock and the collection's
        number. Raises StoreUnavailable before anything is written if Milvus does not answer."""
        if self._writer is not None and self._writer_thread == threading.get_ident():
            yield self._writer
            return
        with self._reading() as (_, head):
            number = head.collection
        with closing(connect(self._store)) as connection, explained(self._store):
            take_lock(connection, self.name, number)
            self._vectors.create()
            settle(connection, number, self._vectors)
            self._writer, self._writer_thread = (connection, number), threading.get_ident()
            try:
                yield self._writer
            except BaseException:
                with suppress(CollectionError):
                    self._settle(connection, number)
                raise
            else:
                self._settle(connection, number)
            finally:
                self._writer = None

    def _settle(self, connection: Connection, number: int) -> None:
        self._unsettled = 0
        with explained(self._store):
            settle(connection, number, self._vectors)

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
        with self.writing() as (connection, number):
            before = rows.read_place(connection, number, place.path)
            if before == place:
                return "unchanged"
            with connection.transaction():
                known = rows.read_info(connection, number, document.document_id) is not None
                if not known:
                    whole = whole_of(document, chunks, vectors)
                    changes.insert_whole(connection, number, whole, place.name)
                changes.settle_place(connection, number, place, before)
                changes.advance(connection, number)
            self._gather(connection, number, 0 if known else len(chunks))
            if before is None:
                return "unchanged" if known else "added"
            return "unchanged" if before.document_id == place.document_id else "replaced"

    def add_whole(self, whole: Whole) -> None:
        """As `Collection.add_whole`."""
        with self.writing() as (connection, number):
            with connection.transaction():
                if rows.read_info(connection, number, whole.document_id) is not None:
                    return
                changes.insert_whole(connection, number, whole, whole.places[0].name)
                for place in whole.places:
                    changes.put_place(connection, number, place)
                changes.advance(connection, number)
            self._gather(connection, number, len(whole.chunks))

    def _gather(self, connection: Connection, number: int, added: int) -> None:
        self._unsettled += added
        if self._unsettled >= _UNSETTLED:
            self._settle(connection, number)

    def put(self, place: Place, *, instead_of: str | None = None) -> Change:
        """As `Collection.put`."""
        with self.writing() as (connection, number), connection.transaction():
            if rows.read_info(connection, number, place.document_id) is None:
                raise no_longer_held(self.name, place)
            before = rows.read_place(connection, number, place.path)
            changes.settle_place(connection, number, place, before, instead_of)
            changes.advance(connection, number)
            if instead_of is not None:
                return "renamed"
            replaces = before is not None and before.document_id != place.document_id
            return "replaced" if replaces else "unchanged"

    def note(self, noted: Sequence[Place]) -> None:
        """As `Collection.note`."""
        with self.writing() as (connection, number), connection.transaction():
            for place in noted:
                held = rows.read_place(connection, number, place.path)
                if held is not None and held.document_id == place.document_id:
                    changes.put_place(connection, number, place)
            changes.advance(connection, number, documents=False)

    def keep_file(self, path: Path, file: BinaryIO) -> None:
        """As `Collection.keep_file`."""
        with self.writing() as (connection, number), connection.transaction():
            files.insert_file(connection, number, str(path), file)

    def forget(self, paths: Sequence[str]) -> list[Place]:
        """As `Collection.forget`."""
        with self.writing() as (connection, number):
            with connection.transaction():
                held = [rows.read_place(connection, number, path) for path in paths]
                dropped = [place for place in held if place is not None]
                changes.forget(connection, number, dropped)
                changes.advance(connection, number)
            drop_copies(self.folder, dropped)
        return dropped

    def remove(self, key: str) -> DocumentInfo:
        """As `Collection.remove`."""
        with self.writing() as (connection, number):
            with connection.transaction():
                found = rows.find_places(connection, number, key)
                found = named_places(self.name, key, found)
                info = rows.read_info(connection, number, found[0].document_id)
                assert info is not None
                changes.forget(connection, number, found)
                changes.advance(connection, number)
            drop_copies(self.folder, found)
        return replace(info, name=found[0].name, path=found[0].path)

    def prove_absent(self, document_id: str) -> None:
        """As `Collection.prove_absent`; reads the document number of every vector in Milvus."""
        with self._reading() as (connection, head):
            held: dict[str, int] = {}
            if rows.read_info(connection, head.collection, document_id) is not None:
                held["PostgreSQL"] = 1
            known = connection.execute(
                "SELECT id FROM documents WHERE collection = %s", (head.collection,)
            )
            rows_known = {row for (row,) in known}
            if self._vectors.exists():
                strangers = self._vectors.documents().keys() - rows_known
                if strangers:
                    held["Milvus"] = len(strangers)
        if held:
            told = ", ".join(f"{place} ({count})" for place, count in held.items())
            raise CollectionError(
                f"collection {self.name!r} still holds document {document_id}: {told}; "
                "remove it, or if that was interrupted, run any `plumb ingest` to finish it"
            )


def _create(connection: Connection, settings: Settings, name: str, info: EmbedderInfo) -> None:
    connection.execute(
        "INSERT INTO collections (name, life, embedder, chunking) VALUES (%s, %s, %s, %s) "
        "ON CONFLICT (name) DO NOTHING",
        (
            name,
            secrets.token_hex(8),
            json.dumps(asdict(info)),
            settings.chunking.model_dump_json(),
        ),
    )
