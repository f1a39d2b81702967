"""A disk that is full, or may not be written to: said, nothing lost, taken up again."""

from __future__ import annotations

import os
import resource
import sqlite3
from pathlib import Path

import pytest

from rag.config import Settings
from rag.errors import CollectionError
from rag.store import database, vectors
from rag.store.check import check_collection
from rag.store.embedded import EmbeddedCollection
from rag.store.settle import build
from tests.fakes import FakeEmbedder
from tests.unit.rag.store.test_collection import found, put


@pytest.fixture
def collection(settings: Settings, embedder: FakeEmbedder) -> EmbeddedCollection:
    opened = EmbeddedCollection.open(settings, "shelf", embedder.info, create=True)
    put(opened, embedder, "the zebra clause", "/docs/a.txt")
    return opened


def test_a_full_disk_loses_nothing_that_was_there(
    collection: EmbeddedCollection, settings: Settings, embedder: FakeEmbedder
) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    lines = "\n".join(f"line {i} of a long document" for i in range(3000))
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, before[1]))
    try:
        with pytest.raises(CollectionError, match="disk"):
            put(collection, embedder, lines, "/docs/b.txt")
        assert found(collection, embedder, "the zebra clause") == ["the zebra clause"]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [document.name for document in collection.documents()] == ["a.txt"]
    assert put(collection, embedder, lines, "/docs/b.txt") == "added"
    assert check_collection(settings, "shelf") == []


def test_no_room_for_the_index_is_no_harm(
    collection: EmbeddedCollection,
    settings: Settings,
    embedder: FakeEmbedder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(vectors, "EXACT", 1000)
    lines = "\n".join(f"line {i}" for i in range(9000))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with collection.writing():
        put(collection, embedder, lines, "/docs/b.txt")
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, before[1]))
        try:
            with pytest.raises(sqlite3.Error, match=r"full|I/O"):
                build(collection._reader, collection.folder)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert not list(collection.folder.glob("*.new*"))
    assert check_collection(settings, "shelf") == []


def test_a_file_system_mounted_read_only_is_read(
    collection: EmbeddedCollection,
    settings: Settings,
    embedder: FakeEmbedder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    collection.close()
    real = os.statvfs

    class Unwritable:
        f_flag = os.ST_RDONLY

    monkeypatch.setattr(os, "statvfs", lambda path: real(path) and Unwritable)
    with EmbeddedCollection.open(settings, "shelf") as opened:
        assert found(opened, embedder, "the zebra clause") == ["the zebra clause"]
        assert [p.name for p in opened.folder.iterdir() if "-" in p.name] == []
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            opened._reader.execute("DELETE FROM documents")


def test_a_log_that_cannot_be_merged_is_refused(
    collection: EmbeddedCollection, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_is_unwritable", lambda _: True)
    Path(collection.folder, "store.db-wal").write_bytes(b"changes")
    with pytest.raises(CollectionError, match="mount it to be written once"):
        EmbeddedCollection.open(settings, "shelf")
