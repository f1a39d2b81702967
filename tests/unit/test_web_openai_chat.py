"""Chat completions through OpenAI's client and LangChain's."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import openai
import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from rag.answer_json import to_json
from rag.types import Reason, Turn
from tests.unit.test_web_openai import READ, WRITTEN, Running, Talking, served, settings_in
from tests.web_fakes import PASSAGE, answer

USER = {"role": "user", "content": "How fast?"}
PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
USAGE = (READ, WRITTEN, READ + WRITTEN)
OPTIONAL = (
    "model audio frequency_penalty function_call functions logit_bias logprobs "
    "max_completion_tokens max_tokens metadata modalities n parallel_tool_calls plumbline "
    "prediction presence_penalty reasoning_effort response_format seed service_tier stop store "
    "stream stream_options "
    "temperature tool_choice tools top_logprobs top_p user verbosity web_search_options"
)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running[Talking]]:
    with served(Talking(), settings_in(tmp_path_factory.mktemp("home"))) as running:
        yield running


@pytest.fixture
def backend(running: Running[Talking]) -> Talking:
    running.backend.forget()
    return running.backend


@pytest.fixture
def url(running: Running[Talking]) -> str:
    return running.url


@pytest.fixture
def client(url: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=url, api_key="none", max_retries=0) as client:
        yield client


def create(client: openai.OpenAI, messages: Any = (USER,), **more: Any) -> Any:
    return client.chat.completions.create(**{"model": "plumbline", "messages": messages, **more})


def text_of(chunks: list[Any]) -> str:
    return "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)


def test_an_answer_with_its_tokens_and_our_field(client: openai.OpenAI, backend: Talking) -> None:
    reply = create(client)
    (choice,) = reply.choices
    assert choice.message.content == backend.scripted.answer
    assert (choice.message.role, choice.finish_reason) == ("assistant", "stop")
    usage = reply.usage
    assert (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) == USAGE
    whole = {**to_json(backend.scripted), "ignored": [], "usage_counted_by": "model"}
    assert reply.plumbline == whole


def test_reasons_and_verdicts_are_told(client: openai.OpenAI, backend: Talking) -> None:
    first, second = backend.scripted.sentences
    reason = Reason("number", "103")
    sentences = (first, replace(second, verdict="unchecked", reason=reason))
    backend.scripted = replace(
        backend.scripted, sentences=sentences, reason=Reason("declined"), signals={"support": 0.5}
    )
    ours = create(client).plumbline
    assert ours["reason"]["code"] == "declined"
    assert ours["signals"] == {"support": 0.5}
    assert ours["sentences"][1]["verdict"] == "unchecked"
    assert "103" in ours["sentences"][1]["reason"]["en"]


def test_a_stream_is_the_checked_answer(client: openai.OpenAI, backend: Talking) -> None:
    chunks = list(create(client, stream=True))
    assert text_of(chunks) == backend.scripted.answer
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [c.choices[0].finish_reason for c in chunks] == [None] * (len(chunks) - 1) + ["stop"]
    assert chunks[-1].plumbline["answer"] == backend.scripted.answer
    assert all(c.usage is None for c in chunks)
    assert len({(c.id, c.created, c.model) for c in chunks}) == 1


def test_the_tokens_come_last_when_asked_for(client: openai.OpenAI) -> None:
    chunks = list(create(client, stream=True, stream_options={"include_usage": True}))
    *before, last = chunks
    assert last.choices == []
    usage = last.usage
    assert (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) == USAGE
    assert all("usage" in c.model_fields_set and c.usage is None for c in before)


def test_the_streaming_helper_of_the_client(client: openai.OpenAI, backend: Talking) -> None:
    messages: Any = [USER]
    with client.chat.completions.stream(model="plumbline", messages=messages) as stream:
        done = [e for e in stream if e.type == "content.done"]
        assert [event.content for event in done] == [backend.scripted.answer]
        assert stream.get_final_completion().choices[0].finish_reason == "stop"


def test_the_async_client(url: str, backend: Talking) -> None:
    messages: Any = [USER]

    async def ask() -> tuple[str | None, str]:
        async with openai.AsyncOpenAI(base_url=url, api_key="none") as client:
            make = client.chat.completions.create
            reply = await make(model="plumbline", messages=messages)
            stream = await make(model="plumbline/law", messages=messages, stream=True)
            return reply.choices[0].message.content, text_of([c async for c in stream])

    assert asyncio.run(ask()) == (backend.scripted.answer, backend.scripted.answer)
    assert [collection for collection, *_ in backend.asked] == ["default", "law"]


def test_open_webui_gets_its_sources(client: openai.OpenAI, backend: Talking) -> None:
    cited = backend.scripted.hits[0].chunk
    metadata = {
        "source": cited.chunk_id,
        "name": "travel.md",
        "page": 1,
        "heading": cited.heading,
        "quotes": ["paid back within 14 days"],
    }
    source = {
        "source": {"id": cited.chunk_id, "name": "travel.md"},
        "document": [PASSAGE],
        "metadata": [metadata],
    }
    assert create(client).sources == [source]
    chunks = list(create(client, stream=True))
    told = [c.model_extra["event"] for c in chunks if "event" in c.model_extra]
    assert told == [{"type": "source", "data": source}]
    assert chunks[-1].sources == [source]


@pytest.mark.parametrize("field", OPTIONAL.split())
def test_null_is_taken_for_every_optional_field(client: openai.OpenAI, field: str) -> None:
    assert create(client, extra_body={field: None}).plumbline["ignored"] == []


@pytest.mark.parametrize(
    ("sent", "ignored"),
    [
        ({"temperature": 0.0, "max_tokens": 5, "seed": 1}, ["max_tokens", "seed", "temperature"]),
        ({"tools": [{"type": "function"}], "tool_choice": "none"}, ["tools"]),
        ({"tools": [{"type": "function"}], "tool_choice": "auto"}, ["tools"]),
        ({"tools": [], "tool_choice": "none", "n": 1, "store": False}, []),
        ({"response_format": {"type": "text"}, "modalities": ["text"], "logprobs": False}, []),
        ({"functions": [{"name": "f"}], "function_call": "auto"}, ["functions"]),
    ],
)
def test_what_only_tunes_a_model_is_passed_over_and_said(
    client: openai.OpenAI, sent: dict[str, Any], ignored: list[str]
) -> None:
    assert create(client, extra_body=sent).plumbline["ignored"] == ignored


def test_a_conversation_as_clients_send_it(client: openai.OpenAI, backend: Talking) -> None:
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    messages = [
        {"role": "developer", "content": "Be brief."},
        {"role": "system", "content": [{"type": "text", "text": "Be kind."}]},
        {"role": "user", "content": [{"type": "text", "text": "What is"}, PICTURE]},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "1", "content": "14"},
        {"role": "assistant", "content": [{"type": "text", "text": "A form."}], "name": None},
        {"role": "user", "content": [{"type": "text", "text": t} for t in ("How", "fast?")]},
        {"role": "system", "content": "Answer now."},
    ]
    ours = create(client, messages).plumbline
    assert backend.asked == [("default", "How\nfast?", (Turn("What is", "A form."),))]
    assert ours["ignored"] == [
        "messages[0] (developer)",
        "messages[1] (system)",
        "messages[4] (tool)",
        "messages[7] (system)",
        "messages[2].content[1] (image_url)",
    ]


@pytest.mark.parametrize(
    ("sent", "param"),
    [
        ({"n": 2}, "n"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"tool_choice": {"type": "function", "function": {"name": "f"}}}, "tool_choice"),
        ({"function_call": {"name": "f"}}, "function_call"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"response_format": {"type": "json_schema", "json_schema": {}}}, "response_format"),
        ({"modalities": ["text", "audio"]}, "modalities"),
        ({"logprobs": True}, "logprobs"),
        ({"messages": [{"role": "user", "content": [PICTURE]}]}, "messages[0].content[0]"),
    ],
)
def test_what_cannot_be_done_is_refused(
    client: openai.OpenAI, sent: dict[str, Any], param: str
) -> None:
    with pytest.raises(openai.BadRequestError) as raised:
        create(client, extra_body=sent)
    assert (raised.value.param, raised.value.code) == (param, "unsupported_value")
    assert raised.value.type == "invalid_request_error"


def test_an_error_in_a_stream_is_raised_by_the_client(client: openai.OpenAI) -> None:
    with pytest.raises(openai.APIError, match="internal error"):
        list(create(client, [{"role": "user", "content": "It breaks"}], stream=True))


def test_a_client_that_goes_away_stops_the_model(client: openai.OpenAI, backend: Talking) -> None:
    stream = create(client, [{"role": "user", "content": "slow"}], stream=True)
    next(stream)
    stream.close()
    until = time.monotonic() + 60.0
    while "slow" not in backend.stopped and time.monotonic() < until:
        time.sleep(0.01)
    assert "slow" in backend.stopped
    assert create(client).choices


def test_langchains_chat_model(url: str, backend: Talking) -> None:
    chat = ChatOpenAI(
        base_url=url,
        api_key=SecretStr("none"),
        model="plumbline",
        temperature=0,
        stream_usage=True,
        max_retries=0,
    )
    history = [SystemMessage("Be kind."), HumanMessage("What?"), AIMessage("A form.")]
    reply = chat.invoke([*history, HumanMessage("How fast?")])
    assert reply.content == backend.scripted.answer
    assert reply.usage_metadata is not None
    assert reply.usage_metadata["input_tokens"] == READ
    assert backend.asked[0][2] == (Turn("What?", "A form."),)

    chunks = list(chat.stream("How fast?"))
    assert "".join(str(c.content) for c in chunks) == backend.scripted.answer
    assert [c.usage_metadata["output_tokens"] for c in chunks if c.usage_metadata] == [WRITTEN]

    assert asyncio.run(chat.ainvoke("How fast?")).content == backend.scripted.answer
    with pytest.raises(openai.BadRequestError, match="response_format"):
        chat.with_structured_output({"title": "A", "type": "object", "properties": {}}).invoke("?")


def test_an_answer_without_citations_has_no_sources(
    client: openai.OpenAI, backend: Talking
) -> None:
    first = replace(answer().sentences[0], citations=())
    backend.scripted = replace(answer(), sentences=(first,), status="abstained")
    assert create(client).sources == []
