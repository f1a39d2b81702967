"""PostgreSQL and Milvus that are down, refuse, restart, lose data; writers that are killed."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from rag.config import Settings
from rag.errors import CollectionError, ConfigError, StoreUnavailable
from rag.store import Collection, check_collection, list_collections
from rag.store.remote import collection, postgres, reader, ready
from rag.store.remote.milvus import MilvusVectors
from rag.store.remote.settle import read_intended
from tests.conftest import Servers
from tests.fakes import FakeEmbedder
from tests.remote_servers import PASSWORD, free_port
from tests.unit.rag.store.test_collection import found, put

ROOT = Path(__file__).parents[4]
BUSY_S = 60.0
"""What a busy machine may take beside."""


def connected(settings: Settings) -> Any:
    import psycopg

    return psycopg.connect(
        settings.store.postgres or "",
        password=PASSWORD,
        autocommit=True,
        options="-c search_path=plumbline",
    )


def with_store(settings: Settings, **changed: object) -> Settings:
    """The settings with others for the store."""
    store = settings.store.model_dump() | changed
    return Settings.model_validate({**settings.model_dump(), "store": store})


def test_a_milvus_that_fails_in_the_middle_loses_nothing(
    remote: Settings, servers: Servers, embedder: FakeEmbedder
) -> None:
    with Collection.open(remote, "shelf", embedder.info, create=True) as shelf:
        put(shelf, embedder, "the zebra clause", "/docs/a.txt")

        def fail_in_the_middle() -> None:
            with shelf.writing():
                put(shelf, embedder, "the heron clause", "/docs/b.txt")
                servers.milvus.stop()
                put(shelf, embedder, "the stork clause", "/docs/c.txt")
                shelf.remove("a.txt")

        with pytest.raises(StoreUnavailable, match=r"Milvus at .* does not answer"):
            fail_in_the_middle()
        try:
            began = time.monotonic()
            with pytest.raises(StoreUnavailable):
                put(shelf, embedder, "never written", "/docs/d.txt")
            with pytest.raises(StoreUnavailable):
                found(shelf, embedder, "stork")
            with pytest.raises(StoreUnavailable):
                ready(remote.store)
            assert time.monotonic() - began < 3 * remote.store.timeout_s + BUSY_S
        finally:
            servers.milvus.start()
        assert [info.name for info in shelf.documents()] == ["b.txt", "c.txt"]
        assert found(shelf, embedder, "zebra stork")[0] == "the stork clause"
        assert "the zebra clause" not in found(shelf, embedder, "zebra")
        assert "does not hold" in check_collection(remote, "shelf")[0].text
        with shelf.writing():
            pass
        assert check_collection(remote, "shelf") == []
        with connected(remote) as raw:
            assert raw.execute("SELECT count(*) FROM intended").fetchone() == (0,)
        ready(remote.store)


def test_a_postgres_that_restarts_is_found_again(
    remote: Settings, servers: Servers, embedder: FakeEmbedder
) -> None:
    with Collection.open(remote, "shelf", embedder.info, create=True) as shelf:
        put(shelf, embedder, "first words")
        servers.postgres.stop()
        try:
            began = time.monotonic()
            with pytest.raises(StoreUnavailable, match=r"PostgreSQL at .* does not answer: start"):
                shelf.documents()
            with pytest.raises(StoreUnavailable):
                put(shelf, embedder, "never written", "/docs/b.txt")
            with pytest.raises(StoreUnavailable):
                list_collections(remote)
            with pytest.raises(StoreUnavailable):
                ready(remote.store)
            assert time.monotonic() - began < BUSY_S
        finally:
            servers.postgres.start()
        assert found(shelf, embedder, "first") == ["first words"]

        def restart_in_the_middle() -> None:
            with shelf.writing():
                put(shelf, embedder, "second words", "/docs/b.txt")
                servers.postgres.stop()
                servers.postgres.start()
                put(shelf, embedder, "third words", "/docs/c.txt")

        with pytest.raises(StoreUnavailable):
            restart_in_the_middle()
        assert put(shelf, embedder, "third words", "/docs/c.txt") == "added"
        assert [info.name for info in shelf.documents()] == ["a.txt", "b.txt", "c.txt"]
    assert check_collection(remote, "shelf") == []


def test_a_postgres_that_hangs_is_given_up_and_found_again(
    remote: Settings, servers: Servers, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "_GRACE_S", 0.2)
    impatient = with_store(remote, timeout_s=0.5)
    with Collection.open(impatient, "shelf", embedder.info, create=True) as shelf:
        put(shelf, embedder, "first words")

        def hang_in_the_middle() -> None:
            with shelf.writing(), servers.postgres.hanging():
                put(shelf, embedder, "never written", "/docs/b.txt")

        with pytest.raises(StoreUnavailable, match="does not answer"):
            hang_in_the_middle()
        assert [info.name for info in shelf.documents()] == ["a.txt"]
        with servers.postgres.hanging():
            began = time.monotonic()
            for ask in (shelf.documents, lambda: ready(impatient.store)):
                with pytest.raises(StoreUnavailable, match="does not answer"):
                    ask()
            assert time.monotonic() - began < BUSY_S
        assert found(shelf, embedder, "first") == ["first words"]
        assert put(shelf, embedder, "second words", "/docs/b.txt") == "added"
    assert check_collection(remote, "shelf") == []


def test_what_cannot_work_is_said_with_the_mend(
    remote: Settings, servers: Servers, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    Collection.open(remote, "shelf", embedder.info, create=True).close()
    with pytest.raises(CollectionError, match=r"set store\.postgres_password") as refused:
        list_collections(with_store(remote, postgres_password="wrong"))
    assert not isinstance(refused.value, StoreUnavailable)
    port = servers.postgres.port
    for address, told in (
        (f"postgresql://nobody@127.0.0.1:{port}/postgres", "password|let the user in"),
        (f"postgresql://plumb@127.0.0.1:{port}/none", "make it with createdb"),
        (f"postgresql://plumb:geheim@127.0.0.1:{free_port()}/none", "does not answer: start it"),
    ):
        with pytest.raises(CollectionError, match=told) as refused:
            list_collections(with_store(remote, postgres=address))
        assert "geheim" not in str(refused.value)
    with connected(remote) as raw:
        raw.execute("UPDATE format SET version = 99")
    for open_it in (lambda: list_collections(remote), lambda: Collection.open(remote, "shelf")):
        with pytest.raises(CollectionError, match=r"a newer Plumbline \(format 99"):
            open_it()
    for module in ("psycopg", "pymilvus"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ConfigError, match=r"pip install 'plumbline\[remote\]'"):
        list_collections(remote)
    with pytest.raises(ConfigError, match=r"pip install 'plumbline\[remote\]'"):
        MilvusVectors(remote.store, "none", 3).exists()


def test_a_statement_that_takes_too_long_is_given_up(
    remote: Settings, embedder: FakeEmbedder
) -> None:
    hasty = with_store(remote, timeout_s=0.3)
    with Collection.open(remote, "shelf", embedder.info, create=True) as shelf:
        put(shelf, embedder, "first words")
        with connected(remote) as raw, Collection.open(hasty, "shelf") as other:
            with raw.transaction():
                raw.execute("LOCK TABLE documents")
                with pytest.raises(StoreUnavailable, match=r"longer than store\.timeout_s = 0\.3"):
                    other.documents()
            assert len(other.documents()) == 1


def test_vectors_that_milvus_lost_are_made_again(remote: Settings, embedder: FakeEmbedder) -> None:
    with Collection.open(remote, "shelf", embedder.info, create=True) as shelf:
        put(shelf, embedder, "the zebra clause", "/docs/a.txt")
        put(shelf, embedder, "the heron clause", "/docs/b.txt")
        with connected(remote) as raw:
            ((life,),) = raw.execute("SELECT life FROM collections").fetchall()
            rows = [row for (row,) in raw.execute("SELECT id FROM documents").fetchall()]
            assert read_intended(raw, 1) == ([], [])
        vectors = MilvusVectors(remote.store, life, embedder.info.dimension)
        vectors.delete(rows[:1])
        (finding,) = check_collection(remote, "shelf")
        assert "of 1 documents" in finding.text
        assert not finding.mended
        vectors.drop()
        with pytest.raises(CollectionError, match="plumb collections check NAME --repair"):
            found(shelf, embedder, "zebra")
        assert check_collection(remote, "shelf", repair=True)[0].mended
        assert check_collection(remote, "shelf") == []
        assert found(shelf, embedder, "zebra")[0] == "the zebra clause"


def test_large_filters_are_left_to_milvus(
    remote: Settings, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "_COMPARED", 0)
    monkeypatch.setattr(collection, "_UNSETTLED", 8)
    query = embedder.embed_queries(["clause of a lease"])[0]
    with (
        Collection.open(remote, "shelf", embedder.info, create=True) as shelf,
        Collection.open(remote, "shelf") as other,
        shelf.writing(),
    ):
        for number in range(6):
            put(shelf, embedder, f"clause {number} of a lease\n租约第{number}条", f"/{number}.txt")
        with connected(remote) as raw:  # two documents wait: Milvus has four
            assert raw.execute("SELECT count(*) FROM intended").fetchone() == (2,)
        within = frozenset(info.document_id for info in shelf.documents()[1:5])
        for opened in (shelf, other):
            names = [name for name, _ in opened.search_vectors(query, 4, "en", within)]
            texts = sorted(opened.chunk(name).text for name in names)
            assert texts == [f"clause {number} of a lease" for number in range(1, 5)]
    assert check_collection(remote, "shelf") == []


def test_many_threads_read_one_collection_while_another_writes(
    remote: Settings, embedder: FakeEmbedder
) -> None:
    with (
        Collection.open(remote, "shelf", embedder.info, create=True) as shelf,
        Collection.open(remote, "shelf") as other,
    ):
        put(shelf, embedder, "the zebra clause", "/docs/a.txt")

        def look(_: int) -> list[str]:
            return found(other, embedder, "zebra")

        with ThreadPoolExecutor(6) as pool:
            looks = pool.map(look, range(24))
            for number in range(5):
                put(shelf, embedder, f"filler number {number}", f"/docs/{number}.txt")
            assert {texts[0] for texts in looks} == {"the zebra clause"}


_WRITER = """
import json, sys
from rag.config import Settings
from rag.store import Collection
from tests.conftest import Servers
from tests.fakes import FakeEmbedder
from tests.unit.rag.store.test_collection import put
settings = Settings.model_validate(json.loads(sys.argv[1]))
embedder = FakeEmbedder()
with Collection.open(settings, "shelf", embedder.info, create=True) as shelf:
    for number in range(10**6):
        text = f"{number} alpha\\nsecond line of {number}\\n" + "filler words here " * 40
        put(shelf, embedder, text, f"/docs/{number % 7}.txt")
        print(number, flush=True)
"""


def test_a_killed_writer_leaves_each_document_whole(
    remote: Settings, embedder: FakeEmbedder
) -> None:
    told = remote.model_dump(mode="json") | {"home": str(remote.home)}
    told["store"]["postgres_password"] = PASSWORD
    child = subprocess.Popen(
        [sys.executable, "-c", _WRITER, json.dumps(told)], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    for _ in range(10):
        assert child.stdout.readline()
    time.sleep(random.Random(5).uniform(0.0, 0.1))
    child.kill()
    rest, _ = child.communicate()
    noted = int(rest.split()[-1]) if rest.split() else 9
    with Collection.open(remote, "shelf", embedder.info) as shelf:
        query = embedder.embed_queries(["alpha"])[0]
        for _ in range(2):  # as the kill left it, and when the next writer has settled it
            chunks = [shelf.document_chunks(info.document_id) for info in shelf.documents()]
            held = {int(each[0].text.split()[0]) for each in chunks}
            assert max(held) in (noted, noted + 1)
            assert held == set(range(max(held) - 6, max(held) + 1))
            assert all(len(each) == 3 for each in chunks)
            assert len(shelf.search_vectors(query, 100)) == 21
            assert len(shelf.search_keywords("alpha", 100)) == 7
            with shelf.writing():
                pass
    assert check_collection(remote, "shelf") == []
