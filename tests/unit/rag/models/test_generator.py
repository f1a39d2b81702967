"""An endpoint made here stands for Ollama, vLLM and the like; the embedded server is tested in
tests/real."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from rag.config import Settings
from rag.errors import ConfigError, ModelError
from rag.models.generator import open_generator

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


class Endpoint(BaseHTTPRequestHandler):
    """Streams two words and keeps what it was asked."""

    asked: ClassVar[list[tuple[str | None, dict[str, Any]]]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append((self.headers.get("Authorization"), body))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for word in ("two ", "words"):
            choice = {"index": 0, "delta": {"content": word}, "finish_reason": None}
            event = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "m"}
            self.wfile.write(f"data: {json.dumps(event | {'choices': [choice]})}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def endpoint() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Endpoint)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    Endpoint.asked.clear()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()


def with_generator(settings: Settings, **generator: Any) -> Settings:
    return Settings.model_validate({"home": settings.home, "generator": generator})


def test_an_endpoint_is_asked_as_the_settings_say(
    settings: Settings, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A proxy or a key that the shell happens to hold must not reach a local endpoint.
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("OPENAI_API_KEY", "the user's own")
    wanted = with_generator(
        settings, model="llama3", base_url=endpoint, max_tokens=77, temperature=0.5
    )
    with open_generator(wanted) as generator:
        assert (generator.name, generator.digest) == ("llama3", None)
        pieces = [str(chunk.content) for chunk in generator.chat.stream("hello")]
    assert "".join(pieces) == "two words"
    assert pieces.index("words") > pieces.index("two ")
    [(key, body)] = Endpoint.asked
    assert key == "Bearer none"
    assert body["model"] == "llama3"
    assert body["stream"] is True
    assert body["temperature"] == 0.5
    assert body["max_tokens"] == body["max_completion_tokens"] == 77


def test_the_key_of_the_settings_is_sent(settings: Settings, endpoint: str) -> None:
    wanted = with_generator(settings, model="m", base_url=endpoint, api_key="secret")
    with open_generator(wanted) as generator:
        generator.chat.invoke("hello")
        assert "secret" not in repr(generator)
    assert Endpoint.asked[0][0] == "Bearer secret"


@pytest.mark.parametrize("wrong", ["127.0.0.1:11434", "ollama", "file:///x", "http://"])
def test_an_address_that_is_none_is_refused(settings: Settings, wrong: str) -> None:
    with pytest.raises(ConfigError, match="not an address"):
        open_generator(with_generator(settings, model="m", base_url=wrong))


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("qwen2.5-coder-1.5b-instruct", "plumb models pull qwen2.5-coder-1.5b-instruct"),
        ("multilingual-e5-small", "not a language model"),
        ("llama3", r"generator\.base_url"),
        ("no/such/file.gguf", "does not exist"),
    ],
)
def test_a_model_that_is_not_here_names_the_mend(settings: Settings, model: str, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        open_generator(with_generator(settings, model=model))


def test_a_file_that_is_no_gguf_is_refused(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(b"PK\x03\x04 a zip")
    with pytest.raises(ModelError, match="not a GGUF"):
        open_generator(with_generator(settings, model=str(file)))
