"""The API with the real models, spoken to by OpenAI's own client and LangChain's."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import openai
import pytest
from langchain_openai import ChatOpenAI
from mcp import Client
from pydantic import SecretStr

from tests.web_server import Server, serving

COLLECTION = "api-test"
NOTES = """The Kestrel workshop

The Kestrel workshop opens at 7:40 on weekdays. The workshop's manager is Ingrid Halvorsen.
Every lathe is oiled once a fortnight. The spare key lies with the porter in building 12.
"""
QUESTION = "Who is the manager of the Kestrel workshop?"


@pytest.fixture(scope="module")
def server(
    real_environ: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("api") / "app.log"
    with serving(real_environ, log, "--collection", COLLECTION) as server:
        server.wait_until_ready()
        files = {"files": ("kestrel.txt", NOTES.encode())}
        receipt = httpx.post(f"{server.url}/v1/documents", files=files, timeout=120).json()
        assert [outcome["change"] for outcome in receipt["data"]] == ["added"], receipt
        yield server
    assert server.process.returncode == 0, log.read_text()


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key="none", timeout=180) as client:
        yield client


def ask(client: openai.OpenAI, question: str) -> dict[str, Any]:
    messages: Any = [{"role": "user", "content": question}]
    reply = client.chat.completions.create(model="plumbline", messages=messages)
    assert reply.model_extra is not None
    found: dict[str, Any] = reply.model_extra["plumbline"]
    assert reply.choices[0].message.content == found["answer"]
    return found


def test_openais_client_gets_an_answer_with_citations(client: openai.OpenAI) -> None:
    found = ask(client, QUESTION)
    assert "Halvorsen" in found["answer"]
    cited = [c for sentence in found["sentences"] for c in sentence["citations"]]
    assert cited
    for citation in cited:
        assert citation["document"] == "kestrel.txt"
        assert citation["quote"] == NOTES[citation["start"] : citation["end"]]


def test_the_stream_adds_up_to_the_answer(client: openai.OpenAI) -> None:
    messages: Any = [{"role": "user", "content": QUESTION}]
    text, last = "", None
    for piece in client.chat.completions.create(model="plumbline", messages=messages, stream=True):
        text += piece.choices[0].delta.content or ""
        last = piece
    assert last is not None
    assert last.choices[0].finish_reason == "stop"
    assert last.model_extra is not None
    assert last.model_extra["plumbline"]["answer"] == text


def test_the_tokens_are_the_language_models(client: openai.OpenAI) -> None:
    messages: Any = [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": QUESTION}]},
    ]
    *_, last = client.chat.completions.create(
        model="plumbline",
        messages=messages,
        stream=True,
        stream_options={"include_usage": True},
        tool_choice="none",
        extra_body={"n": None, "stop": None, "temperature": None, "tools": None},
    )
    assert last.choices == []
    assert last.usage is not None
    # The prompt holds the rules and the passages, the answer at least the name.
    assert last.usage.prompt_tokens > 100
    assert 2 <= last.usage.completion_tokens <= 1000
    assert last.usage.total_tokens == last.usage.prompt_tokens + last.usage.completion_tokens


def test_open_webui_gets_the_cited_passages(client: openai.OpenAI) -> None:
    messages: Any = [{"role": "user", "content": QUESTION}]
    reply = client.chat.completions.create(model="plumbline", messages=messages)
    assert reply.model_extra is not None
    (source,) = reply.model_extra["sources"]
    assert source["source"]["name"] == "kestrel.txt"
    assert "Halvorsen" in source["document"][0]
    assert all(quote in source["document"][0] for quote in source["metadata"][0]["quotes"])
    assert reply.model_extra["plumbline"]["usage_counted_by"] == "model"


def test_a_response_and_its_events_cite_the_file(client: openai.OpenAI) -> None:
    events = list(client.responses.create(model="plumbline", input=QUESTION, stream=True))
    deltas = [e.delta for e in events if e.type == "response.output_text.delta"]
    last = events[-1]
    assert last.type == "response.completed"
    assert "".join(deltas) == last.response.output_text
    assert "Halvorsen" in last.response.output_text
    item = last.response.output[0]
    assert item.type == "message"
    part = item.content[0]
    assert part.type == "output_text"
    assert {a.type for a in part.annotations} == {"file_citation"}
    assert last.response.usage is not None
    assert last.response.usage.input_tokens > 100


def test_embeddings_put_the_answer_nearest_its_question(client: openai.OpenAI) -> None:
    def embed(texts: list[str], kind: str) -> Any:
        extra = {"input_type": kind}
        reply = client.embeddings.create(model="plumbline", input=texts, extra_body=extra)
        assert reply.usage.total_tokens > 0
        return np.array([entry.embedding for entry in reply.data])

    passages = embed(["Ingrid Halvorsen manages the workshop.", "Lathes need oil."], "passage")
    (question,) = embed([QUESTION], "query")
    np.testing.assert_allclose(np.linalg.norm(passages, axis=1), 1.0, rtol=1e-3)
    assert np.argmax(passages @ question) == 0
    with pytest.raises(openai.BadRequestError, match="shorter pieces"):
        embed(["word " * 1000], "passage")


def test_the_async_client_and_langchain(server: Server) -> None:
    async def ask_async() -> str | None:
        url = f"{server.url}/v1"
        async with openai.AsyncOpenAI(base_url=url, api_key="none", timeout=180) as client:
            messages: Any = [{"role": "user", "content": QUESTION}]
            reply = await client.chat.completions.create(model="plumbline", messages=messages)
            return reply.choices[0].message.content

    chat = ChatOpenAI(base_url=f"{server.url}/v1", api_key=SecretStr("none"), model="plumbline")
    told = chat.invoke(QUESTION)
    assert told.content == asyncio.run(ask_async())
    assert told.usage_metadata is not None
    assert told.usage_metadata["input_tokens"] > 100


def test_an_mcp_client_asks_and_reads_on(server: Server) -> None:
    async def talk() -> None:
        async with Client(f"{server.url}/mcp") as client:
            asked = await client.call_tool("ask", {"question": QUESTION})
            found = asked.structured_content
            assert found is not None
            assert "Halvorsen" in found["answer"]
            (sentence,) = found["sentences"]
            assert sentence["verdict"] == "supported"
            (citation,) = sentence["citations"]
            place = {"document": citation["document_id"], "start": citation["start"]}
            end = {"end": citation["end"]}
            read = await client.call_tool("read_passage", place | end)
            assert read.structured_content is not None
            assert read.structured_content["text"] == citation["quote"]
            searched = await client.call_tool("search", {"query": "lathe oil", "limit": 1})
            assert searched.structured_content is not None
            assert "lathe" in searched.structured_content["passages"][0]["text"]

    asyncio.run(talk())


def test_models_are_listed_and_an_unknown_one_is_refused(client: openai.OpenAI) -> None:
    assert client.models.list().data[0].id == "plumbline"
    messages: Any = [{"role": "user", "content": QUESTION}]
    with pytest.raises(openai.NotFoundError, match="gpt-9"):
        client.chat.completions.create(model="gpt-9", messages=messages)


def test_a_question_that_is_too_long_is_a_bad_request(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError):
        ask(client, "why " * 25_000)


def test_a_client_that_goes_away_frees_the_model(server: Server, client: openai.OpenAI) -> None:
    body = {"question": "Tell all about the workshop, in many words.", "stream": True}
    with httpx.stream("POST", f"{server.url}/v1/answers", json=body, timeout=120) as reply:
        for line in reply.iter_lines():
            if line.startswith("event: retrieved"):
                break
    started = time.monotonic()
    ask(client, QUESTION)
    assert time.monotonic() - started < 120


def test_a_rebound_host_name_is_refused(server: Server) -> None:
    reply = httpx.get(f"{server.url}/v1/models", headers={"host": "evil.example"})
    assert reply.status_code == 403


def test_the_numbers_tell_of_answers_and_the_index(server: Server, client: openai.OpenAI) -> None:
    ask(client, QUESTION)
    told = httpx.get(f"{server.url}/metrics").text.splitlines()
    values = dict(line.rsplit(" ", 1) for line in told if not line.startswith("#"))
    assert float(values['plumbline_answers_total{status="grounded"}']) >= 1
    assert float(values['plumbline_tokens_total{direction="read"}']) > 100
    assert float(values['plumbline_stage_seconds_count{stage="retrieve"}']) >= 1
    assert float(values["plumbline_documents"]) >= 1
    assert float(values["plumbline_ready"]) == 1
    assert httpx.get(f"{server.url}/readyz").text == "ready"


def test_a_removed_document_is_gone(server: Server, real_home: Path) -> None:
    files = {"files": ("gone.md", b"The zebra budget is 71 crowns.")}
    httpx.post(f"{server.url}/v1/documents", files=files, timeout=120)
    listed = httpx.get(f"{server.url}/v1/documents").json()["data"]
    (ident,) = [info["document_id"] for info in listed if info["name"] == "gone.md"]
    upload = real_home / "collections" / COLLECTION / "uploads" / "gone.md"
    assert upload.is_file()
    assert httpx.delete(f"{server.url}/v1/documents/{ident}", timeout=60).json()["deleted"]
    assert not upload.exists()
    reply = httpx.post(
        f"{server.url}/v1/answers", json={"question": "What is the zebra budget?"}, timeout=180
    )
    assert "71 crowns" not in reply.text
