"""Backup and restore: whole, checked, and while others read and write."""

from __future__ import annotations

import json
import threading
import zipfile
from pathlib import Path

import pytest

from rag.config import Settings
from rag.errors import CollectionError, UsageError
from rag.store import Collection
from rag.store.backup import back_up, restore
from rag.store.check import check_collection
from tests.fakes import FakeEmbedder
from tests.unit.rag.store.test_collection import found, put


@pytest.fixture
def collection(settings: Settings, embedder: FakeEmbedder) -> Collection:
    opened = Collection.open(settings, "shelf", embedder.info, create=True)
    put(opened, embedder, "the zebra clause", "/docs/a.txt")
    return opened


def test_a_backup_brings_back_what_was(
    collection: Collection, settings: Settings, embedder: FakeEmbedder, tmp_path: Path
) -> None:
    uploads = collection.folder / "uploads"
    uploads.mkdir()
    (uploads / "u.txt").write_text("the heron clause")
    put(collection, embedder, "the heron clause", str(uploads.resolve() / "u.txt"))
    made = back_up(settings, "shelf", tmp_path / "shelf.zip")
    assert (made.documents, made.files) == (2, 1)
    with pytest.raises(UsageError, match="is there already"):
        back_up(settings, "shelf", tmp_path / "shelf.zip")
    with pytest.raises(CollectionError, match="--yes"):
        restore(settings, tmp_path / "shelf.zip")
    assert restore(settings, tmp_path / "shelf.zip", "second").documents == 2
    assert check_collection(settings, "second") == []
    with Collection.open(settings, "second") as second:
        assert found(second, embedder, "the heron clause")[0] == "the heron clause"
        copy = second.folder.resolve() / "uploads" / "u.txt"
        assert [d.path for d in second.documents()] == ["/docs/a.txt", str(copy)]
        second.remove("u.txt")
        assert not copy.exists()
    assert (uploads / "u.txt").exists()


def test_readers_follow_a_restored_collection(
    collection: Collection, settings: Settings, embedder: FakeEmbedder, tmp_path: Path
) -> None:
    back_up(settings, "shelf", tmp_path / "shelf.zip")
    with Collection.open(settings, "shelf") as reader:
        put(collection, embedder, "the heron clause", "/docs/b.txt")
        assert found(reader, embedder, "the heron clause")[0] == "the heron clause"
        restore(settings, tmp_path / "shelf.zip", replace=True)
        assert found(reader, embedder, "the heron clause") == ["the zebra clause"]
        # The new document gets the ids that the lost one had: no index may take one for the other.
        put(collection, embedder, "the walrus clause", "/docs/c.txt")
        for shelf in (reader, collection):
            assert found(shelf, embedder, "the walrus clause")[0] == "the walrus clause"
            vector = embedder.embed_queries(["the walrus clause"])[0]
            assert shelf.search_vectors(vector, 1)[0][1] == pytest.approx(1.0, abs=1e-3)
    assert check_collection(settings, "shelf") == []


def test_a_backup_made_while_one_writes_is_of_one_moment(
    collection: Collection, settings: Settings, embedder: FakeEmbedder, tmp_path: Path
) -> None:
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            put(collection, embedder, f"text {number}\nof two lines", f"/docs/{number % 5}.txt")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(3):
            back_up(settings, "shelf", tmp_path / f"{number}.zip")
    finally:
        stop.set()
        writer.join()
    for number in range(3):
        restore(settings, tmp_path / f"{number}.zip", f"copy{number}")
        assert check_collection(settings, f"copy{number}") == []


def test_what_is_no_backup_is_refused(
    collection: Collection, settings: Settings, tmp_path: Path
) -> None:
    whole = tmp_path / "whole.zip"
    back_up(settings, "shelf", whole)
    cut = tmp_path / "cut.zip"
    cut.write_bytes(whole.read_bytes()[:-50])
    for path, told in (
        (cut, "is no backup"),
        (tmp_path / "none.zip", "cannot be read"),
        (_forged(whole, {"../../evil": "0" * 64}), "is no backup"),
        (_forged(whole, {"store.db": "0" * 64}), "is damaged: store.db is not what it was"),
    ):
        with pytest.raises(CollectionError, match=told):
            restore(settings, path, "second")
    with pytest.raises(CollectionError, match="no collection 'nowhere'"):
        back_up(settings, "nowhere", tmp_path / "x.zip")
    with pytest.raises(CollectionError, match="no/such"):
        back_up(settings, "shelf", tmp_path / "no/such/folder.zip")
    assert [p.name for p in settings.collections_dir.iterdir() if p.name[0] != "."] == ["shelf"]
    assert not list(settings.collections_dir.glob(".restoring-*"))


def _forged(whole: Path, digests: dict[str, str]) -> Path:
    """The backup with a manifest that names other parts."""
    path = whole.with_name(f"{len(list(whole.parent.iterdir()))}.zip")
    with zipfile.ZipFile(whole) as archive, zipfile.ZipFile(path, "w") as out:
        told = json.loads(archive.read("backup.json")) | {"sha256": digests}
        out.writestr("backup.json", json.dumps(told))
        out.writestr("store.db", archive.read("store.db"))
    return path


def test_another_embedder_is_not_put_in_the_place_of_this_one(
    collection: Collection, settings: Settings, tmp_path: Path
) -> None:
    with Collection.open(settings, "other", FakeEmbedder("other").info, create=True):
        pass
    back_up(settings, "other", tmp_path / "other.zip")
    with pytest.raises(CollectionError, match="--name"):
        restore(settings, tmp_path / "other.zip", "shelf", replace=True)
