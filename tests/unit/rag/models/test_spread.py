"""Several model servers as one: who is asked, and what happens when one dies, hangs or is busy."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import openai
import pytest
from langchain_core.language_models import BaseChatModel

from rag.config import Settings, load_settings
from rag.errors import ConfigError, ModelError
from rag.models import spread
from rag.models.generator import open_generator
from rag.models.reachable import all_silent
from rag.types import Metadata


class Endpoint(BaseHTTPRequestHandler):
    """Streams the words of its server, in the mood that the server is in."""

    server: ModelServer

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """The list of models, unless the whole server hangs."""
        if self.server.mood == "hangs":
            self.server.released.wait(5)
        self._send(200, b"{}")

    def do_POST(self) -> None:
        """An answer, or what the mood makes of it."""
        self.rfile.read(int(self.headers["content-length"]))
        self.server.asked += 1
        mood = self.server.mood
        if mood in ("busy", "wrong"):
            self._send(503 if mood == "busy" else 400, b'{"error": {"message": "no"}}')
            return
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        if mood == "hangs":
            self.server.released.wait(5)
            return
        for number, word in enumerate(self.server.words):
            if mood == "dies" and number == 2:
                return  # in the middle: without the end that a whole reply has
            self._event({"choices": [{"index": 0, "delta": {"content": word}}]})
        self._event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        self.wfile.write(b"data: [DONE]\n\n")

    def _event(self, told: Metadata) -> None:
        self.wfile.write(
            b"data: " + json.dumps({"id": "1", "model": "m", **told}).encode() + b"\n\n"
        )
        self.wfile.flush()

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class ModelServer(ThreadingHTTPServer):
    """One server; `mood` may be changed at any time."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Endpoint)
        self.mood, self.asked = "well", 0
        self.words = ["The ", "pump ", "runs ", "at ", "40 ", "bar."]
        self.released = threading.Event()

    @property
    def url(self) -> str:
        """Its base address."""
        return f"http://127.0.0.1:{self.server_port}/v1"


@pytest.fixture
def pair() -> Iterator[list[ModelServer]]:
    servers = [ModelServer(), ModelServer()]
    for server in servers:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield servers
    for server in servers:
        server.released.set()
        server.shutdown()
        server.server_close()


@pytest.fixture
def chat(settings: Settings, pair: list[ModelServer]) -> BaseChatModel:
    wanted = {"model": "m", "base_url": pair[0].url, "more_urls": [pair[1].url], "patience_s": 0.5}
    told = Settings.model_validate({"home": settings.home, "generator": wanted})
    return open_generator(told).chat


def written(chat: BaseChatModel) -> str:
    return "".join(str(chunk.content) for chunk in chat.stream("hello"))


WHOLE = "The pump runs at 40 bar."


def test_questions_go_to_whoever_has_the_fewest(
    chat: BaseChatModel, pair: list[ModelServer]
) -> None:
    first, second = chat.stream("hello"), chat.stream("hello")
    next(first), next(second)
    assert [server.asked for server in pair] == [1, 1]
    assert len(list(first)) == len(list(second)) > 2
    assert chat.invoke("hello").text == WHOLE


@pytest.mark.parametrize("mood", ["busy", "hangs", "dies"])
def test_one_that_fails_is_passed_over_and_asked_again_later(
    chat: BaseChatModel, pair: list[ModelServer], mood: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair[0].mood = mood
    began = time.monotonic()
    assert written(chat) == WHOLE
    assert time.monotonic() - began < 30  # not for ever, on a busy machine too
    assert [server.asked for server in pair] == [1, 1]
    assert written(chat) == WHOLE
    assert [server.asked for server in pair] == [1, 2]
    monkeypatch.setattr(spread, "REST_S", 0.0)
    pair[0].mood, pair[0].asked = "well", 0
    chat.servers._servers[0].rests_until = time.monotonic()  # type: ignore[attr-defined]
    assert written(chat) == WHOLE
    assert pair[0].asked == 1


def test_one_that_was_shut_down_is_passed_over(
    chat: BaseChatModel, pair: list[ModelServer]
) -> None:
    pair[0].shutdown()
    pair[0].server_close()
    assert written(chat) == WHOLE
    pair[1].mood = "busy"
    with pytest.raises(openai.OpenAIError):
        written(chat)
    began = time.monotonic()
    with pytest.raises((openai.OpenAIError, ModelError)):
        written(chat)
    assert time.monotonic() - began < 30  # not for ever, on a busy machine too
    pair[1].mood = "well"
    assert written(chat) == WHOLE


def test_an_answer_in_other_words_is_not_mixed(
    chat: BaseChatModel, pair: list[ModelServer]
) -> None:
    pair[0].mood = "dies"
    pair[1].words = ["The pump r", "uns at 40 bar", ", always."]
    assert written(chat) == "The pump runs at 40 bar, always."
    chat.servers._servers[0].rests_until = 0.0  # type: ignore[attr-defined]
    pair[1].words = ["A pump ", "runs"]
    with pytest.raises(ModelError, match="in other words: ask again"):
        written(chat)
    chat.servers._servers[0].rests_until = 0.0  # type: ignore[attr-defined]
    pair[1].words = ["The "]
    with pytest.raises(ModelError, match="answers less: ask again"):
        written(chat)


def test_a_request_that_is_wrong_is_not_sent_elsewhere(
    chat: BaseChatModel, pair: list[ModelServer]
) -> None:
    pair[0].mood = "wrong"
    with pytest.raises(openai.BadRequestError):
        written(chat)
    assert [server.asked for server in pair] == [1, 0]


def test_servers_are_looked_at_without_a_question(pair: list[ModelServer]) -> None:
    urls = [server.url for server in pair]
    assert all_silent(urls, 0.3) == ""
    pair[0].mood = "hangs"
    assert all_silent(urls, 0.3) == ""
    assert "timed out" in all_silent(urls[:1], 0.3)
    assert [server.asked for server in pair] == [0, 0]


def test_more_servers_go_with_a_first_one() -> None:
    env = {"PLUMB_GENERATOR__MORE_URLS": "http://a/v1, http://b/v1"}
    with pytest.raises(ConfigError, match="more_urls goes with base_url"):
        load_settings(env)
    told = load_settings({**env, "PLUMB_GENERATOR__BASE_URL": "http://c/v1"})
    assert told.generator.more_urls == ("http://a/v1", "http://b/v1")
