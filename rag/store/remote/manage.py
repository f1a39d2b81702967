"""The collections of a PostgreSQL database: listed, counted, renamed, removed, checked."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

from rag.config import Settings, StoreSettings
from rag.errors import StoreUnavailable, UsageError
from rag.store.finding import Finding
from rag.store.folder import DATABASE, UPLOADS, collection_folder
from rag.store.remote import rows
from rag.store.remote.collection import missing, read_names, take_lock
from rag.store.remote.milvus import MilvusVectors, ping
from rag.store.remote.postgres import Connection, connect, explained
from rag.store.remote.rows import Head
from rag.store.remote.schema import is_made
from rag.store.remote.settle import read_entries, settle
from rag.store.summary import Summary


def list_collections(settings: Settings) -> list[str]:
    """The names of all collections, sorted."""
    with _connected(settings.store) as connection:
        return read_names(connection)


def life(settings: Settings, name: str) -> str | None:
    """What tells this collection from another that had its name before; None if there is none."""
    with _connected(settings.store) as connection:
        head = rows.read_head(connection, name) if is_made(connection) else None
        return head.life if head else None


def summarise(settings: Settings, name: str) -> Summary:
    """The collection in figures. Raises CollectionError."""
    with _connected(settings.store) as connection:
        head = _head(connection, name)
        row = connection.execute(
            "SELECT count(*) FROM documents WHERE collection = %s", (head.collection,)
        ).fetchone()
        return Summary(name, row[0] if row else 0, head.chunks, head.info.name)


def rename_collection(settings: Settings, name: str, new: str) -> None:
    """Give the collection another name; the uploads on this machine go with it.

    Raises CollectionError if there is no such collection, UsageError if `new` is taken or no name,
    CollectionBusy while one writes to it.
    """
    folder, target = collection_folder(settings, name), collection_folder(settings, new)
    then, now = str((folder / UPLOADS).resolve()), str((target / UPLOADS).resolve())
    with _connected(settings.store) as connection:
        head = _head(connection, name)
        take_lock(connection, name, head.collection)
        if rows.read_head(connection, new) is not None or target.exists():
            raise UsageError(f"there is a collection {new!r} already: choose another name")
        with connection.transaction():
            connection.execute(
                "UPDATE collections SET name = %s, changes = changes + 1 WHERE id = %s",
                (new, head.collection),
            )
            connection.execute(
                "UPDATE places SET path = %(now)s || substr(path, length(%(then)s) + 1) "
                "WHERE collection = %(c)s AND starts_with(path, %(then)s || '/')",
                {"now": now, "then": then, "c": head.collection},
            )
            if folder.exists():
                folder.rename(target)


def remove_collection(settings: Settings, name: str, *, uploads: bool = True) -> None:
    """Delete the collection in PostgreSQL and Milvus, and with `uploads` those on this machine.

    Raises CollectionError if there is none of that name, CollectionBusy while one writes to it.
    What Milvus could not delete is deleted by whoever removes one next.
    """
    with _connected(settings.store) as connection:
        head = _head(connection, name)
        take_lock(connection, name, head.collection)
        with connection.transaction():
            connection.execute("INSERT INTO dropped VALUES (%s)", (head.life,))
            connection.execute("DELETE FROM collections WHERE id = %s", (head.collection,))
        if uploads:
            _remove_uploads(settings, name)
        for (gone,) in connection.execute("SELECT life FROM dropped").fetchall():
            with suppress(StoreUnavailable):
                MilvusVectors(settings.store, gone, 1).drop()
                connection.execute("DELETE FROM dropped WHERE life = %s", (gone,))


def _remove_uploads(settings: Settings, name: str) -> None:
    folder = collection_folder(settings, name)
    is_kept = (folder / DATABASE).exists()  # a collection of that name in the home
    shutil.rmtree(folder / UPLOADS if is_kept else folder, ignore_errors=True)


def check_collection(settings: Settings, name: str, *, repair: bool = False) -> list[Finding]:
    """What is wrong with the collection; nothing if all is well. With `repair` it is mended: what
    Milvus holds is made again from PostgreSQL.

    Raises CollectionError if there is none of that name, CollectionBusy while another process
    writes to it and it is to be mended, StoreUnavailable.
    """
    with _connected(settings.store) as connection:
        head = _head(connection, name)
        vectors = MilvusVectors(settings.store, head.life, head.info.dimension)
        if repair:
            take_lock(connection, name, head.collection)
        lacking, strangers, told = _compare(connection, head, vectors)
        if repair and told:
            vectors.create()
            vectors.delete(sorted(lacking | strangers))
            for document in sorted(lacking):
                vectors.write(read_entries(connection, document))
            settle(connection, head.collection, vectors)
        return [Finding(text, mended=repair) for text in told]


def ready(store: StoreSettings) -> None:
    """Raise CollectionError, StoreUnavailable mostly, unless both servers answer."""
    with closing(connect(store, patient=False)) as connection, explained(store):
        is_made(connection)
    ping(store)


def _compare(
    connection: Connection, head: Head, vectors: MilvusVectors
) -> tuple[set[int], set[int], list[str]]:
    """Documents whose vectors Milvus lacks, documents that it alone has, and both in words."""
    counted = connection.execute(
        "SELECT d.id, count(v.chunk) FROM documents d LEFT JOIN chunks c ON c.document = d.id "
        "LEFT JOIN vectors v ON v.chunk = c.id WHERE d.collection = %s GROUP BY d.id",
        (head.collection,),
    )
    wanted = {document: count for document, count in counted if count}
    held = vectors.documents() if vectors.exists() else {}
    lacking = {document for document, count in wanted.items() if held.get(document) != count}
    strangers = held.keys() - wanted.keys()
    told = []
    if lacking:
        told.append(f"Milvus does not hold the vectors of {len(lacking):,} documents as they are")
    if strangers:
        told.append(f"Milvus holds vectors of {len(strangers):,} documents that are no more")
    return lacking, set(strangers), told


def _head(connection: Connection, name: str) -> Head:
    head = rows.read_head(connection, name) if is_made(connection) else None
    if head is None:
        raise missing(connection, name)
    return head


@contextmanager
def _connected(store: StoreSettings) -> Iterator[Connection]:
    with closing(connect(store)) as connection, explained(store):
        yield connection
