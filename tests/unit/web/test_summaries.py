"""Summaries over HTTP: whole, streamed, and what cannot be summarised."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from rag.config import Settings
from tests.web_fakes import FakeBackend
from web.api import build_api
from web.engine import Engine
from web.work import Wish

ASKED = {"documents": ["travel.md"], "section": "Hotels", "language": "zh"}


@pytest.fixture
def backend() -> FakeBackend:
    return FakeBackend()


@pytest.fixture
def engine(backend: FakeBackend) -> Iterator[Engine]:
    engine = Engine(backend)
    engine.start()
    while engine.readiness.phase == "loading":
        pass
    yield engine
    engine.close()


@pytest.fixture
def client(engine: Engine, settings: Settings) -> Iterator[TestClient]:
    with TestClient(build_api(engine, settings), raise_server_exceptions=False) as client:
        yield client


def test_a_summary_has_the_json_of_an_answer(client: TestClient, backend: FakeBackend) -> None:
    told = client.post("/summaries", json=ASKED).json()
    assert told["question"] == "Summary of travel.md"
    assert [s["verdict"] for s in told["sentences"]] == ["supported", "unsupported"]
    assert backend.wishes == [("default", Wish(("travel.md",), "Hotels", "zh"))]


def test_streamed_it_tells_how_far_it_is_and_what_is_done(client: TestClient) -> None:
    told = client.post("/summaries", json={**ASKED, "stream": True}).text
    events = [event.split("\n") for event in told.strip().split("\n\n") if "data: " in event]
    named = [(event[0].removeprefix("event: "), json.loads(event[1][6:])) for event in events]
    assert [name for name, _ in named] == ["progress", "delta", "progress", "done"]
    first, second = (data for name, data in named if name == "progress")
    assert first == {"done": 0, "total": 2, "title": "Travel", "summary": None}
    assert second["summary"]["answer"]


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"documents": []}, 422),
        ({"documents": ["none.md"]}, 400),
        ({"documents": ["travel.md"], "language": "fr"}, 422),
        ({"documents": ["travel.md"], "collection": "none"}, 404),
        ({"documents": ["travel.md"], "file": "/etc/passwd"}, 422),
    ],
)
def test_what_cannot_be_summarised_is_told(
    client: TestClient, wrong: dict[str, Any], status: int
) -> None:
    reply = client.post("/summaries", json=wrong)
    assert reply.status_code in (status, 400), reply.text
    assert reply.json()["error"]["message"]


def test_who_leaves_stops_it(engine: Engine, backend: FakeBackend) -> None:
    async def leave() -> None:
        events = engine.summarise("default", Wish(("travel.md",), "slow"))
        async for event in events:
            if getattr(event, "text", "") == ".":
                break
        await events.aclose()
        async for _ in engine.summarise("default", Wish(("travel.md",))):
            pass

    asyncio.run(asyncio.wait_for(leave(), 20))
    assert len(backend.wishes) == 2
