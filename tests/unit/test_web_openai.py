"""The app on loopback with a back-end that answers without models, for OpenAI's own clients."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import openai
import pytest
import uvicorn
from fastapi import FastAPI

from rag.config import Settings
from rag.errors import UsageError
from rag.store import Filter
from rag.types import Done, Turn
from tests.fakes import FakeEmbedder
from tests.web_fakes import FakeBackend, answer
from web.api import build_api
from web.engine import Engine
from web.guard import API_PREFIX, Guard, Rules
from web.listen import bind, url_of
from web.work import Embedded, Metered, TextKind, Usage

B = TypeVar("B", bound=FakeBackend)
READ, WRITTEN = 321, 12


class Talking(FakeBackend):
    """A fake that tells what answers took and gives vectors. A question that holds "breaks" fails
    after the first word."""

    def stream(
        self,
        collection: str,
        question: str,
        history: Sequence[Turn],
        where: Filter = None,
    ) -> Generator[Any, None, None]:
        for event in super().stream(collection, question, history):
            if isinstance(event, Done):
                if "breaks" in question:
                    raise ZeroDivisionError("a bug")
                yield Metered(event.answer, Usage(READ, WRITTEN, "model"))
            else:
                yield event

    def embed(self, texts: Sequence[str], kind: TextKind) -> Embedded:
        embedder = FakeEmbedder(dimension=8)
        if any(len(text) > 1000 for text in texts):
            raise UsageError("a text is too long: send shorter pieces")
        marked = [f"{kind} {text}" for text in texts]
        tokens = sum(len(embedder.token_spans(text)) for text in texts)
        return Embedded(embedder.embed_passages(marked), tokens)

    def forget(self) -> None:
        """Be as new."""
        self.scripted = answer()
        self.asked.clear()
        self.stopped.clear()


@dataclass(frozen=True)
class Running(Generic[B]):
    """The app while it runs: its back-end, and the address that clients take."""

    backend: B
    url: str


def settings_in(home: Path) -> Settings:
    """The defaults in `home`, for an app that outlives one test."""
    return Settings.model_validate({"home": home, "hub": {"enabled": False}})


@contextmanager
def served(backend: B, settings: Settings, key: str | None = None) -> Iterator[Running[B]]:
    """The API behind its guard on a free port."""
    engine = Engine(backend)
    engine.start()
    app = FastAPI(openapi_url=None)
    app.mount(API_PREFIX, build_api(engine, settings))
    guarded = Guard(app, Rules("127.0.0.1", key, 2**20))
    config = uvicorn.Config(
        guarded, log_level=logging.CRITICAL, access_log=False, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    with bind("127.0.0.1", 0) as sock:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]})
        thread.start()
        while not server.started or engine.readiness.phase == "loading":
            time.sleep(0.01)
        try:
            yield Running(backend, f"{url_of(sock)}{API_PREFIX}")
        finally:
            server.should_exit = True
            thread.join()
            engine.close()


@pytest.fixture
def backend() -> Talking:
    return Talking()


@pytest.fixture
def client(backend: Talking, settings: Settings) -> Iterator[openai.OpenAI]:
    with (
        served(backend, settings) as running,
        openai.OpenAI(base_url=running.url, api_key="none", max_retries=0) as client,
    ):
        yield client


def test_the_models_are_the_collections(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["plumbline", "plumbline/law"]
    assert client.models.retrieve("plumbline/law").id == "plumbline/law"
    with pytest.raises(openai.NotFoundError) as raised:
        client.models.retrieve("gpt-9")
    assert (raised.value.code, raised.value.param) == ("model_not_found", "model")


def test_the_key_is_the_clients_key(backend: Talking, settings: Settings) -> None:
    with served(backend, settings, "s3cret") as running:
        with openai.OpenAI(base_url=running.url, api_key="s3cret") as client:
            assert client.models.list().data
        with openai.OpenAI(base_url=running.url, api_key="wrong") as client:
            with pytest.raises(openai.AuthenticationError) as raised:
                client.models.list()
            assert raised.value.code == "invalid_api_key"
