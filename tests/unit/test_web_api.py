from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from rag.answer_json import to_json
from rag.config import Settings
from rag.errors import CollectionBusy, CollectionError, ModelError
from rag.types import Sentence, Turn
from tests.web_fakes import FakeBackend, answer
from web.api import build_api
from web.engine import Engine, QueueFull

USER = {"role": "user", "content": "How fast?"}


@pytest.fixture
def backend() -> FakeBackend:
    return FakeBackend()


@pytest.fixture
def client(backend: FakeBackend, settings: Settings) -> Iterator[TestClient]:
    engine = Engine(backend)
    engine.start()
    with TestClient(build_api(engine, settings), raise_server_exceptions=False) as client:
        while engine.readiness.phase == "loading":
            pass
        yield client
    engine.close()


def error(reply: Any, status: int) -> dict[str, Any]:
    assert reply.status_code == status, reply.text
    body: dict[str, Any] = reply.json()["error"]
    assert set(body) == {"message", "type", "param", "code"}
    assert isinstance(body["message"], str)
    return body


def chunks(text: str) -> list[dict[str, Any]]:
    lines = [line[6:] for line in text.splitlines() if line.startswith("data: ")]
    assert lines[-1] == "[DONE]"
    return [json.loads(line) for line in lines[:-1]]


def whole(backend: FakeBackend) -> dict[str, Any]:
    return {**to_json(backend.scripted), "ignored": [], "usage_counted_by": None}


def content(streamed: list[dict[str, Any]]) -> str:
    return "".join(c["choices"][0]["delta"].get("content", "") for c in streamed)


def test_a_completion_carries_the_answer_and_what_was_found_out(
    client: TestClient, backend: FakeBackend
) -> None:
    body = client.post("/chat/completions", json={"messages": [USER]}).json()
    assert body["object"] == "chat.completion"
    (choice,) = body["choices"]
    assert choice["message"]["content"] == backend.scripted.answer
    assert choice["finish_reason"] == "stop"
    assert body["plumbline"] == whole(backend)


def test_earlier_messages_become_history(client: TestClient, backend: FakeBackend) -> None:
    messages = [
        {"role": "system", "content": "Be rude."},
        USER,
        {"role": "assistant", "content": "In 14 days."},
        {"role": "user", "content": [{"type": "text", "text": "And hotels?"}]},
    ]
    client.post("/chat/completions", json={"model": "plumbline/law", "messages": messages})
    assert backend.asked == [("law", "And hotels?", (Turn("How fast?", "In 14 days."),))]


def test_the_stream_adds_up_to_the_checked_answer(client: TestClient, backend: FakeBackend) -> None:
    checked = "Only this is supported. And this."
    backend.scripted = replace(
        answer(),
        answer=checked,
        sentences=(
            Sentence(checked[:23], 0, 23, "supported", 1.0, ()),
            Sentence(checked[24:], 24, 33, "supported", 1.0, ()),
        ),
    )
    reply = client.post("/chat/completions", json={"messages": [USER], "stream": True})
    assert reply.headers["content-type"].startswith("text/event-stream")
    streamed = chunks(reply.text)
    assert streamed[0]["choices"][0]["delta"]["role"] == "assistant"
    assert content(streamed) == checked
    assert "".join(c.get("plumbline", {}).get("draft", "") for c in streamed).strip() == checked
    assert streamed[-1]["choices"][0]["finish_reason"] == "stop"
    assert streamed[-1]["plumbline"] == whole(backend)
    assert len({c["id"] for c in streamed}) == 1


def test_drafts_stream_the_words_as_they_come(client: TestClient, backend: FakeBackend) -> None:
    request = {"messages": [USER], "stream": True, "plumbline": {"drafts": True}}
    streamed = chunks(client.post("/chat/completions", json=request).text)
    assert content(streamed).strip() == backend.scripted.answer
    assert len(streamed) > 5


def test_answers_is_the_documented_object(client: TestClient, backend: FakeBackend) -> None:
    turns = [{"question": "q", "answer": "a"}]
    reply = client.post("/answers", json={"question": "How fast?", "history": turns})
    assert reply.json() == to_json(backend.scripted)
    assert backend.asked == [("default", "How fast?", (Turn("q", "a"),))]


def test_answers_streams_named_events(client: TestClient, backend: FakeBackend) -> None:
    text = client.post("/answers", json={"question": "How fast?", "stream": True}).text
    events = [block.split("\n") for block in text.strip().split("\n\n")]
    names = [lines[0] for lines in events if lines[0].startswith("event: ")]
    assert names[0] == "event: retrieved"
    assert names[-1] == "event: done"
    assert json.loads(events[-1][1].removeprefix("data: ")) == to_json(backend.scripted)


def test_explain_needs_a_text_to_look_for(client: TestClient) -> None:
    asked = {"question": "How fast?", "expect": "14 days"}
    assert client.post("/explain", json=asked).json()["verdict"] == "it is there"
    error(client.post("/explain", json={"question": "How fast?"}), 400)


def test_models_are_the_collections(client: TestClient) -> None:
    listed = client.get("/models").json()
    assert [model["id"] for model in listed["data"]] == ["plumbline", "plumbline/law"]
    assert client.get("/models/plumbline/law").json()["object"] == "model"
    assert error(client.get("/models/gpt-9"), 404)["code"] == "model_not_found"
    assert client.get("/collections").json()["data"] == ["default", "law"]


def test_health_says_whether_questions_are_answered(client: TestClient) -> None:
    reply = client.get("/health")
    assert reply.status_code == 200
    assert reply.json()["status"] == "ready"


def test_health_while_loading_is_503(settings: Settings) -> None:
    backend = FakeBackend()
    backend.gate.clear()
    engine = Engine(backend)
    engine.start()
    reply = TestClient(build_api(engine, settings)).get("/health")
    backend.gate.set()
    engine.close()
    assert reply.status_code == 503
    assert reply.json()["status"] == "loading"


def test_documents_come_and_go(client: TestClient) -> None:
    files = [("files", ("new.md", b"text")), ("files", ("empty.md", b""))]
    receipt = client.post("/documents", files=files).json()["data"]
    assert [(r["name"], r["change"]) for r in receipt] == [
        ("new.md", "added"),
        ("empty.md", "failed"),
    ]
    assert "empty" in receipt[1]["reason"]
    listed = client.get("/documents").json()["data"]
    assert [info["name"] for info in listed] == ["travel.md", "new.md"]
    gone = client.delete("/documents/id-new.md").json()
    assert gone == {"id": "id-new.md", "name": "new.md", "object": "document", "deleted": True}
    assert error(client.delete("/documents/id-new.md"), 404)["code"] == "document_not_found"


@pytest.mark.parametrize(
    ("request_", "named"),
    [
        ({"messages": []}, "messages"),
        ({}, "messages"),
        ({"messages": [{"role": "assistant", "content": "x"}]}, "last message"),
        ({"messages": [USER], "n": 2}, "n: there is one answer"),
        ({"messages": [USER], "tool_choice": "required"}, "tool_choice"),
        ({"messages": [USER], "response_format": {"type": "json_object"}}, "response_format"),
        ({"messages": [USER], "plumbline": {"draft": True}}, "plumbline.draft"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "image_url"),
    ],
)
def test_what_cannot_be_answered_is_refused(
    client: TestClient, request_: dict[str, Any], named: str
) -> None:
    body = error(client.post("/chat/completions", json=request_), 400)
    assert named in body["message"]
    assert body["type"] == "invalid_request_error"


@pytest.mark.parametrize("path", ["/chat/completions", "/answers"])
@pytest.mark.parametrize("stream", [False, True])
def test_errors_before_the_first_word_have_their_status(
    client: TestClient, path: str, stream: bool
) -> None:
    asked = {"question": "broken"} if path == "/answers" else {"messages": [{**USER}]}
    if "messages" in asked:
        asked = {"messages": [{"role": "user", "content": "broken"}]}
    reply = client.post(path, json={**asked, "stream": stream})
    assert error(reply, 400)["message"] == "the question is broken: mend it"


@pytest.mark.parametrize(
    ("raised", "status"),
    [
        (QueueFull("later"), 429),
        (ModelError("no answer"), 503),
        (CollectionBusy("someone writes"), 503),
        (CollectionError("empty"), 409),
        (ZeroDivisionError("a bug"), 500),
    ],
)
def test_each_error_has_its_status(
    client: TestClient, backend: FakeBackend, raised: Exception, status: int
) -> None:
    backend.stream_error = raised
    body = error(client.post("/answers", json={"question": "q"}), status)
    assert ("a bug" in body["message"]) is False


def test_unknown_things_are_404_and_wrong_methods_405(client: TestClient) -> None:
    asked = {"messages": [USER], "model": "gpt-9"}
    missing = error(client.post("/chat/completions", json=asked), 404)
    assert (missing["code"], missing["param"]) == ("model_not_found", "model")
    nowhere = {"question": "q", "collection": "nowhere"}
    assert error(client.post("/answers", json=nowhere), 404)["code"] == "collection_not_found"
    error(client.get("/documents?collection=nowhere"), 404)
    error(client.get("/nothing"), 404)
    error(client.get("/answers"), 405)


def test_a_body_that_is_no_json_is_400(client: TestClient) -> None:
    head = {"content-type": "application/json"}
    error(client.post("/answers", content=b"{", headers=head), 400)


def test_a_question_without_an_answer_is_no_turn(client: TestClient, backend: FakeBackend) -> None:
    messages = [USER, {"role": "user", "content": "Or rather?"}]
    client.post("/chat/completions", json={"messages": messages})
    assert backend.asked == [("default", "Or rather?", ())]


def test_an_error_after_the_first_word_comes_in_the_stream(
    client: TestClient, backend: FakeBackend, caplog: pytest.LogCaptureFixture
) -> None:
    backend.scripted = replace(answer(), answer=None)  # type: ignore[arg-type]
    reply = client.post("/answers", json={"question": "q", "stream": True})
    assert reply.status_code == 200
    last = reply.text.strip().split("\n\n")[-1].split("\n")
    assert last[0] == "event: error"
    assert json.loads(last[1].removeprefix("data: "))["error"]["type"] == "server_error"
    assert "an answer broke off" in caplog.text


def test_a_filter_reaches_the_back_end_and_a_wrong_one_is_refused(
    client: TestClient, backend: FakeBackend
) -> None:
    for where in ("department = legal", ["department = legal", "year >= 2025"]):
        assert client.post("/answers", json={"question": "q", "where": where}).status_code == 200
    assert client.post("/answers", json={"question": "q"}).status_code == 200
    told = [None if where is None else str(where) for where in backend.filters]
    assert told == ["department = legal", "department = legal and year >= 2025", None]
    asked = {"messages": [USER], "plumbline": {"where": "department = legal"}}
    assert client.post("/chat/completions", json=asked).status_code == 200
    assert str(backend.filters[-1]) == "department = legal"
    narrowed = {"where": "year >= 2025"}
    for path, body in (
        ("/explain", {"question": "q", "expect": "x", **narrowed}),
        ("/responses", {"input": "q", "plumbline": narrowed}),
        ("/vector_stores/default/search", {"query": "q", "plumbline": narrowed}),
    ):
        assert client.post(path, json=body).status_code == 200
        assert str(backend.filters.pop()) == "year >= 2025"
    for path, wrong in (
        ("/answers", {"question": "q", "where": "legal"}),
        ("/chat/completions", {"messages": [USER], "plumbline": {"where": "legal"}}),
        ("/responses", {"input": "q", "plumbline": {"where": "legal"}}),
        ("/explain", {"question": "q", "expect": "x", "where": "legal"}),
    ):
        assert "'legal' is no filter" in error(client.post(path, json=wrong), 400)["message"]
