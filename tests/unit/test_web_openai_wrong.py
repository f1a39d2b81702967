"""Whatever is sent, the sender's fault is a 4xx in OpenAI's form, and nothing of it is a 5xx."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.unit.test_web_openai import Talking, served, settings_in
from web.guard import JSON_LIMIT

JSON = {"content-type": "application/json"}
PATHS = ("/chat/completions", "/responses", "/embeddings", "/answers", "/explain")
WRONG_BODIES = {
    "nothing": b"",
    "no JSON": b"{",
    "a list": b"[]",
    "a string": b'"text"',
    "null": b"null",
    "bad UTF-8": b'{"model": "\xff\xfe"}',
    "UTF-8 of half a pair": b'{"input": "\xed\xa0\x80"}',
    "UTF-16": '{"input": 1}'.encode("utf-16"),
    "deep": b'{"input": ' + b"[" * 100_000,
    "a long number": b'{"n": ' + b"9" * 10_000 + b"}",
    "not a number": b'{"input": NaN, "messages": NaN}',
    "two documents": b"{}{}",
}
GOOD: dict[str, dict[str, Any]] = {
    "/chat/completions": {"messages": [{"role": "user", "content": "How fast?"}]},
    "/responses": {"input": "How fast?"},
    "/embeddings": {"input": "How fast?"},
    "/answers": {"question": "How fast?"},
    "/explain": {"question": "How fast?", "expect": "14 days"},
}
WRONG_VALUES: tuple[Any, ...] = (1, -1.5, True, "\ud800", [], {}, [[]], [None], {"a": 1}, "x" * 99)
FIELDS = {
    "/chat/completions": "model messages stream stream_options n response_format modalities "
    "logprobs tools tool_choice functions function_call temperature max_tokens stop plumbline "
    "metadata \ud800",
    "/responses": "model input stream text tools tool_choice instructions metadata background "
    "prompt conversation previous_response_id max_output_tokens temperature \ud800",
    "/embeddings": "model input input_type encoding_format dimensions user",
    "/answers": "question history collection stream more",
    "/explain": "question expect collection more",
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with (
        served(Talking(), settings_in(tmp_path_factory.mktemp("home"))) as running,
        httpx.Client(base_url=running.url, timeout=30) as client,
    ):
        yield client


def error(reply: httpx.Response, status: int | None = None) -> dict[str, Any]:
    assert 400 <= reply.status_code < 500, reply.text
    assert status is None or reply.status_code == status, reply.text
    body: dict[str, Any] = reply.json()["error"]
    assert set(body) == {"message", "type", "param", "code"}
    assert body["message"]
    return body


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("body", WRONG_BODIES.values(), ids=WRONG_BODIES.keys())
def test_a_body_that_cannot_be_read(client: httpx.Client, path: str, body: bytes) -> None:
    error(client.post(path, content=body, headers=JSON), 400)


@pytest.mark.parametrize("path", PATHS)
def test_a_form_is_no_json(client: httpx.Client, path: str) -> None:
    error(client.post(path, data={"input": "x"}), 400)
    error(client.post(path, files={"input": b"x"}), 400)


@pytest.mark.parametrize("path", PATHS)
def test_a_huge_body(client: httpx.Client, path: str) -> None:
    body = json.dumps({"input": "x" * JSON_LIMIT}).encode()
    assert error(client.post(path, content=body, headers=JSON), 413)["code"] == "too_large"


@pytest.mark.parametrize("path", PATHS)
def test_wrong_values_never_break_the_server(client: httpx.Client, path: str) -> None:
    for field in FIELDS[path].split(" "):
        for value in WRONG_VALUES:
            body = json.dumps({**GOOD[path], field: value}).encode()
            reply = client.post(path, content=body, headers=JSON)
            if reply.status_code != 200:
                error(reply)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("path", ["/chat/completions", "/responses"])
def test_half_a_surrogate_pair_in_a_question_is_refused(
    client: httpx.Client, path: str, stream: bool
) -> None:
    body = json.dumps({**GOOD[path], "stream": stream}).replace("How fast?", "\\ud800").encode()
    assert "Unicode" in error(client.post(path, content=body, headers=JSON), 400)["message"]


def test_what_is_echoed_is_valid_utf8(client: httpx.Client) -> None:
    body = json.dumps({**GOOD["/responses"], "instructions": "a\ud800b"}).encode()
    assert client.post("/responses", content=body, headers=JSON).json()["instructions"] == "a?b"


@pytest.mark.parametrize(
    ("path", "body", "param", "code"),
    [
        ("/chat/completions", {}, "messages", "missing_required_parameter"),
        ("/chat/completions", {"messages": 1}, "messages", "invalid_type"),
        ("/chat/completions", {"messages": []}, "messages", "invalid_value"),
        ("/chat/completions", {"messages": [{}]}, "messages[0].role", "missing_required_parameter"),
        ("/chat/completions", {"messages": [{"role": "x"}]}, "messages[0].role", "invalid_value"),
        (
            "/chat/completions",
            {"messages": [{"role": "user", "content": 1}]},
            "messages[0].content",
            "invalid_type",
        ),
        (
            "/chat/completions",
            {"messages": [{"role": "user", "content": [{}]}]},
            "messages[0].content[0].type",
            "missing_required_parameter",
        ),
        ("/chat/completions", {**GOOD["/chat/completions"], "n": "many"}, "n", "invalid_type"),
        ("/chat/completions", {**GOOD["/chat/completions"], "stop": 1}, "stop", "invalid_type"),
        ("/responses", {}, "input", "missing_required_parameter"),
        ("/responses", {"input": 7}, "input", "invalid_type"),
        ("/responses", {"input": []}, "input", "invalid_value"),
        ("/responses", {"input": [{"role": "assistant"}]}, "input[0]", "invalid_value"),
        ("/embeddings", {}, "input", "missing_required_parameter"),
        ("/embeddings", {"input": {}}, "input", "invalid_type"),
    ],
)
def test_the_place_of_the_fault_is_named(
    client: httpx.Client, path: str, body: dict[str, Any], param: str, code: str
) -> None:
    found = error(client.post(path, json=body), 400)
    assert (found["param"], found["code"]) == (param, code)


@pytest.mark.parametrize("path", ["/chat/completions", "/responses", "/embeddings"])
def test_an_unknown_model(client: httpx.Client, path: str) -> None:
    for model in ("gpt-9", "plumbline/", "plumbline/../law", "", "../default", "模型", "a" * 9999):
        found = error(client.post(path, json={**GOOD[path], "model": model}), 404)
        assert (found["param"], found["code"]) == ("model", "model_not_found")
        assert repr(model) in found["message"]


def test_paths_and_methods(client: httpx.Client) -> None:
    for path in ("/completions", "/models/%FF%00", "/models/a/b/../../c", "/responses/resp_1"):
        error(client.get(path), 404)
    assert "GET /v1/completions" in error(client.get("/completions"), 404)["message"]
    for path in PATHS:
        assert f"GET /v1{path}" in error(client.get(path), 405)["message"]
        error(client.delete(path), 405)


def test_a_wrong_query_names_its_parameter(client: httpx.Client) -> None:
    found = error(client.get("/files", params={"order": "up"}), 400)
    assert (found["param"], found["code"]) == ("order", "invalid_value")


@pytest.mark.parametrize(
    ("path", "nulls"),
    [
        ("/chat/completions", {"plumbline": {"where": None, "drafts": None}}),
        ("/responses", {"plumbline": {"where": None}}),
        ("/answers", {"history": None, "collection": None, "where": None, "stream": None}),
        ("/vector_stores/default/search", {"query": "How fast?", "plumbline": {"where": None}}),
    ],
)
def test_null_is_taken_for_our_own_options(
    client: httpx.Client, path: str, nulls: dict[str, Any]
) -> None:
    reply = client.post(path, json={**GOOD.get(path, {}), **nulls})
    assert reply.status_code == 200, reply.text
