"""Instances that share PostgreSQL and Milvus, and what they say when other servers are silent."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

import rag.models.generator
import rag.tools
from rag.config import Settings
from rag.errors import StoreUnavailable
from rag.models.generator import Generator
from rag.types import Done
from tests.conftest import Servers
from tests.fakes import FakeChat, FakeEmbedder
from tests.remote_servers import Postgres
from tests.unit.test_web_backend import TEXT, Agreeable, Sure, upload
from web import outside
from web.access.audit import Audit
from web.access.door import Door
from web.access.identity import Identity, identity_of
from web.access.store import AccessStore
from web.backend import LocalBackend
from web.engine import Engine
from web.guard import Guard, Rules
from web.metrics import Metrics
from web.outside import Outside
from web.probes import Probes
from web.state import postgres as database

SOON_S = 60.0


@pytest.fixture
def pair(
    remote: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[LocalBackend, LocalBackend]]:
    """Two instances, each with a home of its own."""
    chat = FakeChat(replies=["The spare key lies with the porter."])
    monkeypatch.setattr(rag.tools, "load_embedder", lambda _: FakeEmbedder())
    monkeypatch.setattr(
        rag.models.generator, "open_generator", lambda _: Generator("fake", None, chat)
    )
    monkeypatch.setattr(rag.tools, "load_scorer", lambda *_: Agreeable())
    monkeypatch.setattr(rag.tools, "open_pairs", lambda _: Sure())
    other = remote.model_copy(update={"home": tmp_path / "other home"})
    one, two = LocalBackend(remote), LocalBackend(other)
    for backend in (one, two):
        backend.load(lambda _: None)
    yield one, two
    one.close()
    two.close()


def ask(backend: LocalBackend) -> Done:
    *_, last = backend.stream("shared", "Where is the spare key?", ())
    assert isinstance(last, Done)
    return last


def test_what_one_instance_takes_in_the_other_finds(
    pair: tuple[LocalBackend, LocalBackend], tmp_path: Path
) -> None:
    one, two = pair
    first = upload(tmp_path, "keys.txt", TEXT)
    assert [o.change for o in one.ingest("shared", [first], lambda _: None)] == ["added"]
    (hit, *_) = two.search("shared", "Where is the spare key?", 3)
    assert hit.document == "keys.txt"
    answers = [ask(backend).answer for backend in pair]
    assert answers[0].status == answers[1].status == "grounded"
    assert answers[0].answer == answers[1].answer
    assert [info.name for info in two.documents("shared")] == ["keys.txt"]
    second = upload(tmp_path, "lamp.txt", "The lamp in the yard is lit at dusk by the caretaker.")
    assert [o.change for o in two.ingest("shared", [second], lambda _: None)] == ["added"]
    assert one.search("shared", "Who lights the lamp in the yard?", 1)[0].document == "lamp.txt"
    third = upload(tmp_path, "lamp.txt", "The lamp in the yard is lit at dawn by the caretaker.")
    (lamp,) = [info for info in two.documents("shared") if info.name == "lamp.txt"]
    two.describe("shared", lamp.document_id, {"year": 2026})
    assert [o.change for o in one.ingest("shared", [third], lambda _: None)] == ["replaced"]
    (lamp,) = [info for info in two.documents("shared") if info.name == "lamp.txt"]
    assert (lamp.path, lamp.metadata) == ("upload:lamp.txt", {"year": 2026})
    assert two.collections() == one.collections() == ["default", "shared"]
    two.remove("shared", hit.chunk.document_id)
    assert [info.name for info in one.documents("shared")] == ["lamp.txt"]
    assert {h.document for h in one.search("shared", "spare key", 5)} == {"lamp.txt"}


@contextmanager
def probing(settings: Settings, backend: LocalBackend) -> Iterator[TestClient]:
    engine = Engine(backend)
    engine.start()
    routes = Probes(engine, Metrics(), Outside(settings)).routes()
    try:
        with TestClient(Starlette(routes=routes)) as client:
            yield client
    finally:
        engine.close()


def told(client: TestClient, wanted: str) -> str:
    """What /readyz says once it says `wanted`, or after a minute."""
    until = time.monotonic() + SOON_S
    while (reply := client.get("/readyz")).text != wanted and time.monotonic() < until:
        time.sleep(0.05)
    assert (reply.status_code == 200) == (reply.text == "ready")
    return str(reply.text)


def test_an_instance_is_not_ready_while_its_store_is_silent(
    remote: Settings,
    servers: Servers,
    pair: tuple[LocalBackend, LocalBackend],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outside, "FRESH_S", 0.1)
    one, _ = pair
    one.ingest("shared", [upload(tmp_path, "keys.txt", TEXT)], lambda _: None)
    assert ask(one).answer.status == "grounded"
    with probing(remote, one) as client:
        assert told(client, "ready") == "ready"
        for server in (servers.milvus, servers.postgres):
            server.stop()
            try:
                assert told(client, "store") == "store"
                with pytest.raises(StoreUnavailable):
                    ask(one)
            finally:
                server.start()
            assert told(client, "ready") == "ready"
            assert ask(one).answer.status == "grounded"


def test_an_instance_is_not_ready_while_its_model_server_hangs(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside, "FRESH_S", 0.0)
    monkeypatch.setattr(outside, "_PATIENCE_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections and says nothing
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        generator = settings.generator.model_copy(update={"base_url": url})
        watched = Outside(settings.model_copy(update={"generator": generator}))
        assert watched.silent() == "generator"
    assert Outside(settings).silent() == ""


def test_nobody_is_let_in_while_postgres_is_silent(
    postgres_only: Settings, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_REST_S", 0.0)
    store = AccessStore(postgres_only.store)
    audit = Audit(postgres_only.store, postgres_only.audit)
    _, secret = store.keys.create("ci", {"*": "reader"}, None, None)

    async def answer(request: Request) -> PlainTextResponse:
        return PlainTextResponse(identity_of(request.scope).kind)

    routes = [Route(path, answer) for path in ("/v1/models", "/healthz")]
    rules = Rules("127.0.0.1", None, 2**20)
    door = Door(store, None, loopback=True)
    headers = {"authorization": f"Bearer {secret}"}
    with TestClient(Guard(Starlette(routes=routes), rules, door, audit), headers=headers) as client:
        assert client.get("/v1/models").text == "key"
        postgres.stop()
        try:
            refused = client.get("/v1/models")
            assert (refused.status_code, refused.headers["content-type"]) == (
                503,
                "application/json",
            )
            assert client.get("/login").status_code == 503
            assert client.get("/healthz").status_code == 200
            audit.note(Identity("user", "ann"), "ask", via="api")
        finally:
            postgres.start()
        assert client.get("/v1/models").text == "key"
    audit.note(Identity("user", "ann"), "read", via="api")
    assert "read" in [entry.action for entry in audit.entries()]
    audit.close()
    store.close()
