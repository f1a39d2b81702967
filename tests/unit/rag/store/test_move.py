"""A collection goes to PostgreSQL and Milvus and comes back as it was."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from rag.config import Settings, StoreSettings
from rag.errors import CollectionError, UsageError
from rag.store import Collection, list_collections, move
from rag.store.move import move_collection
from rag.types import Place
from tests.fakes import FakeEmbedder
from tests.unit.rag.store.test_collection import found, make, put, upload


@pytest.fixture
def home_only(remote: Settings) -> Settings:
    """The same settings without PostgreSQL and Milvus."""
    return remote.model_copy(update={"store": StoreSettings()})


def fill(settings: Settings, embedder: FakeEmbedder) -> None:
    made = settings.model_copy(
        update={"chunking": settings.chunking.model_copy(update={"max_tokens": 77})}
    )
    with Collection.open(made, "shelf", embedder.info, create=True) as shelf:
        put(shelf, embedder, "the zebra clause\n第二条 报销", "/docs/a.txt")
        document, chunks = make("alpha beta", "/docs/b.txt")
        document = replace(document, metadata={"year": 2025, "条": ["甲", 1.5, True]})
        shelf.add(document, chunks, embedder.embed_passages(["alpha beta"]))
        shelf.put(Place("/a/c.txt", "c.txt", document.document_id, "stamp", {"team": "law"}))


def contents(settings: Settings) -> list[Any]:
    """Everything that a reader can see."""
    with Collection.open(settings, "shelf") as shelf:
        infos = shelf.documents()
        wholes = [shelf.whole(info.document_id) for info in infos]
        return [infos, wholes, shelf.places(), shelf.fields(), shelf.info, shelf.chunking]


def test_there_and_back_nothing_differs(
    remote: Settings, home_only: Settings, embedder: FakeEmbedder
) -> None:
    fill(home_only, embedder)
    with Collection.open(home_only, "shelf") as shelf:
        kept = upload(shelf, embedder, "the stork clause", "u.txt")
    before = contents(home_only)
    moved = move_collection(remote, "shelf", "remote")
    assert (moved.documents, moved.chunks) == (3, 4)
    assert list_collections(home_only) == []
    assert not kept.exists()
    with Collection.open(remote, "shelf") as shelf:
        assert shelf.documents()[2].path == "upload:u.txt"
        assert [w.chunks for w in contents(remote)[1]] == [w.chunks for w in before[1]]
        assert found(shelf, embedder, "zebra")[0] == "the zebra clause"
    assert move_collection(remote, "shelf", "embedded") == moved
    assert list_collections(remote) == []
    assert contents(home_only) == before
    assert kept.read_bytes() == b"the stork clause"


def test_what_is_in_the_way_is_said_and_an_interrupted_move_goes_on(
    remote: Settings,
    home_only: Settings,
    embedder: FakeEmbedder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(UsageError, match=r"set store\.postgres"):
        move_collection(home_only, "shelf", "remote")
    with pytest.raises(CollectionError, match="no collection 'shelf'"):
        move_collection(remote, "shelf", "remote")
    fill(home_only, embedder)

    def break_off(done: int, total: int) -> None:
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        move_collection(remote, "shelf", "remote", report=break_off)
    assert list_collections(home_only) == ["shelf"]
    with monkeypatch.context() as patched:
        patched.setattr(move, "_carry", lambda *_: None)
        with pytest.raises(CollectionError, match="stays where"):
            move_collection(remote, "shelf", "remote")
    move_collection(remote, "shelf", "remote", keep=True)
    assert contents(remote) == contents(home_only)
    with Collection.open(remote, "shelf") as shelf:
        put(shelf, embedder, "something else", "/docs/z.txt")
    with pytest.raises(UsageError, match="another collection 'shelf' already"):
        move_collection(remote, "shelf", "remote")
