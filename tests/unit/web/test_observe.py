"""Requests and answers of a running app, as /metrics, /readyz and the log tell them."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from ingest.pipeline import ingest
from rag.config import Settings
from rag.errors import ModelError
from rag.store import Collection
from rag.store.folder import DATABASE, collection_folder
from rag.types import Event
from tests.fakes import FakeEmbedder
from tests.unit.test_web_openai import Talking
from tests.web_fakes import FakeBackend
from web.api import build_api
from web.backend import LocalBackend
from web.engine import Engine
from web.guard import API_PREFIX, Guard, Rules
from web.logs import EVENTS
from web.metrics import Metrics
from web.observe import PAGE, Observed, gauges, index_size, watched
from web.outside import Outside
from web.probes import Probes

HOST = {"host": "127.0.0.1"}
KEY = {"authorization": "Bearer k3y"}


class Observing(Talking):
    """Answers without models, each of them counted."""

    def __init__(self, metrics: Metrics) -> None:
        super().__init__()
        self.metrics = metrics

    def stream(self, *args: Any, **kwargs: Any) -> Generator[Event, None, None]:
        return watched(super().stream(*args, **kwargs), self.metrics, *args[:2])


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def backend(metrics: Metrics) -> Observing:
    return Observing(metrics)


@pytest.fixture
def engine(backend: Observing) -> Iterator[Engine]:
    engine = Engine(backend)
    yield engine
    backend.gate.set()
    engine.close()


@pytest.fixture
def client(
    engine: Engine, backend: Observing, metrics: Metrics, settings: Settings
) -> Iterator[TestClient]:
    metrics.watch(gauges(engine, backend, settings))
    app = FastAPI(openapi_url=None)
    api = build_api(engine, settings)
    app.mount(API_PREFIX, api)
    app.router.routes.extend(Probes(engine, metrics, Outside(settings)).routes())
    guarded = Guard(app, Rules("127.0.0.1", "k3y", 2**20))
    observed = Observed(guarded, metrics)
    with TestClient(observed, headers=HOST, raise_server_exceptions=False) as client:
        yield client


def numbers(client: TestClient) -> list[str]:
    reply = client.get("/metrics", headers=KEY)
    assert reply.status_code == 200
    return str(reply.text).splitlines()


def ask(client: TestClient, question: str) -> int:
    return client.post("/v1/answers", json={"question": question}, headers=KEY).status_code


def test_readiness_follows_loading_and_needs_no_key(
    client: TestClient, engine: Engine, backend: Observing
) -> None:
    backend.gate.clear()
    engine.start()
    assert (client.get("/readyz").status_code, client.get("/readyz").text) == (503, "loading")
    backend.gate.set()
    while client.get("/readyz").status_code != 200:
        pass
    assert client.get("/readyz").text == "ready"


def test_a_failed_loading_is_not_ready_and_tells_no_paths(
    client: TestClient, engine: Engine, backend: Observing
) -> None:
    backend.load_error = ModelError("/home/anna/models is broken")
    engine.start()
    while (reply := client.get("/readyz")).text == "loading":
        pass
    assert (reply.status_code, reply.text) == (503, "failed")


def test_the_numbers_need_the_key(client: TestClient) -> None:
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"authorization": "Bearer no"}).status_code == 401


def test_requests_and_answers_are_counted(client: TestClient, engine: Engine) -> None:
    engine.start()
    assert ask(client, "How fast?") == 200
    assert ask(client, "this is broken") == 400
    client.get("/v1/documents", headers=KEY)
    client.delete("/v1/documents/abc", headers=KEY)
    client.get("/v1/nothing/of/this/kind", headers=KEY)
    client.get("/v1/models/plumbline/law", headers=KEY)
    client.get("/some/page.js")
    told = numbers(client)
    count = "plumbline_http_request_seconds_count"
    assert f'{count}{{method="POST",route="/v1/answers",status="200"}} 1.0' in told
    assert f'{count}{{method="POST",route="/v1/answers",status="400"}} 1.0' in told
    assert f'{count}{{method="GET",route="/v1/documents",status="200"}} 1.0' in told
    assert f'{count}{{method="GET",route="/v1/models/{{model}}",status="200"}} 1.0' in told
    removed = f'{count}{{method="DELETE",route="/v1/documents/{{document_id}}",status="404"}} 1.0'
    assert removed in told
    assert f'{count}{{method="GET",route="/v1",status="404"}} 1.0' in told
    assert f'{count}{{method="GET",route="{PAGE}",status="401"}} 1.0' in told
    assert 'plumbline_answers_total{status="partly_grounded"} 1.0' in told
    assert 'plumbline_failures_total{error="QuestionError"} 1.0' in told
    assert 'plumbline_tokens_total{direction="written"} 12.0' in told
    assert "plumbline_ready 1.0" in told
    assert "plumbline_queue_questions 0.0" in told


def test_no_number_holds_a_word_of_the_question(client: TestClient, engine: Engine) -> None:
    engine.start()
    ask(client, "Who earns what?")
    client.get("/v1/files/Gehaltsliste", headers=KEY)
    text = "\n".join(numbers(client))
    assert "earns" not in text
    assert "Gehaltsliste" not in text
    assert "travel" not in text


def test_events_tell_of_requests_and_answers(
    client: TestClient, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, EVENTS)
    engine.start()
    ask(client, "How fast?")
    by_event: dict[str, Any] = {r.message: r for r in caplog.records if r.name == EVENTS}
    told = by_event["answer"].fields
    assert (told["collection"], told["status"], told["characters"]) == (
        "default",
        "partly_grounded",
        9,
    )
    assert by_event["answer"].content == {"question": "How fast?"}
    assert by_event["request"].fields["route"] == "/v1/answers"
    caplog.clear()
    client.get("/readyz")
    assert not caplog.records


def test_an_answer_that_nobody_waits_for_is_counted_as_left(metrics: Metrics) -> None:
    events = watched(FakeBackend().stream("default", "a slow one", ()), metrics)
    next(events)
    events.close()
    assert b'plumbline_failures_total{error="left"} 1.0' in metrics.text("")[0]


def test_the_index_is_measured_and_a_damaged_one_is_no_error(
    settings: Settings, tmp_path: Path, embedder: FakeEmbedder
) -> None:
    path = tmp_path / "a.md"
    path.write_text("Thirty days.")
    for name in ("one", "two"):
        with Collection.open(settings, name, embedder.info, create=True) as collection:
            ingest([path], collection, embedder, settings)
    backend = LocalBackend(settings)
    size = index_size(backend, settings)
    assert (size.collections, size.documents, size.chunks) == (2, 2, 2)
    database = collection_folder(settings, "two") / DATABASE
    assert size.bytes > database.stat().st_size
    database.write_bytes(b"nothing of use" * 100)
    size = index_size(backend, settings)
    assert (size.collections, size.documents) == (2, 1)
