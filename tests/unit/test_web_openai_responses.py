"""Responses through OpenAI's client and LangChain's."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from rag.types import Turn
from tests.unit.test_web_openai import READ, WRITTEN, Running, Talking, served, settings_in

OPTIONAL = (
    "model background context_management conversation include instructions max_output_tokens "
    "max_tool_calls metadata moderation parallel_tool_calls previous_response_id prompt "
    "prompt_cache_key reasoning safety_identifier service_tier store stream stream_options "
    "temperature text tool_choice tools top_logprobs top_p truncation user"
)
REQUIRED = (
    "id object created_at completed_at status incomplete_details model previous_response_id "
    "instructions output error tools tool_choice truncation parallel_tool_calls text top_p "
    "presence_penalty frequency_penalty top_logprobs temperature reasoning user usage "
    "max_output_tokens max_tool_calls store background service_tier metadata safety_identifier "
    "prompt_cache_key"
)
"""Of a response, by the Open Responses specification."""


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


def create(client: openai.OpenAI, asked: Any = "How fast?", **more: Any) -> Any:
    return client.responses.create(**{"model": "plumbline", "input": asked, **more})


def test_a_response_with_its_citations(client: openai.OpenAI, backend: Talking) -> None:
    reply = create(client, metadata={"team": "a"}, instructions="Be kind.")
    assert reply.output_text == backend.scripted.answer
    assert (reply.status, reply.error, reply.store) == ("completed", None, False)
    assert reply.metadata == {"team": "a"}
    assert (reply.usage.input_tokens, reply.usage.output_tokens) == (READ, WRITTEN)
    ((part,),) = (item.content for item in reply.output)
    (citation,) = part.annotations
    assert (citation.type, citation.filename) == ("file_citation", "travel.md")
    assert citation.file_id == backend.scripted.hits[0].chunk.document_id
    assert part.text[: citation.index] == backend.scripted.sentences[0].text
    assert citation.plumbline["quote"] == "paid back within 14 days"
    assert reply.plumbline["ignored"] == ["instructions"]
    assert set(REQUIRED.split()) <= reply.model_fields_set | set(reply.model_extra)


def test_the_events_of_a_stream(client: openai.OpenAI, backend: Talking) -> None:
    events = list(create(client, stream=True))
    sentences = len(backend.scripted.sentences)
    assert [event.type.removeprefix("response.") for event in events] == [
        "created",
        "in_progress",
        "output_item.added",
        "content_part.added",
        *["output_text.delta"] * sentences,
        "output_text.annotation.added",
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "completed",
    ]
    assert [event.sequence_number for event in events] == list(range(len(events)))
    deltas = [e.delta for e in events if e.type == "response.output_text.delta"]
    assert "".join(deltas) == backend.scripted.answer
    last = events[-1].response
    assert last.output_text == backend.scripted.answer
    assert last.usage.total_tokens == READ + WRITTEN
    assert last.plumbline["status"] == backend.scripted.status
    ids = {e.response.id for e in events if hasattr(e, "response")}
    assert len(ids) == 1


def test_the_streaming_helper_of_the_client(client: openai.OpenAI, backend: Talking) -> None:
    with client.responses.stream(model="plumbline", input="How fast?") as stream:
        assert stream.get_final_response().output_text == backend.scripted.answer


def test_the_async_client(url: str, backend: Talking) -> None:
    async def ask() -> tuple[str, str]:
        async with openai.AsyncOpenAI(base_url=url, api_key="none") as client:
            reply = await client.responses.create(model="plumbline/law", input="How fast?")
            stream = await client.responses.create(model="plumbline", input="And?", stream=True)
            deltas = [e.delta async for e in stream if e.type == "response.output_text.delta"]
            return reply.output_text, "".join(deltas)

    assert asyncio.run(ask()) == (backend.scripted.answer, backend.scripted.answer)


def test_an_earlier_response_is_history(client: openai.OpenAI, backend: Talking) -> None:
    earlier = create(client, "What?").output
    picture = {"type": "input_image", "image_url": "data:image/png;base64,AAAA"}
    items = [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": [{"type": "input_text", "text": "What?"}, picture]},
        {"type": "reasoning", "id": "rs_1", "summary": []},
        *earlier,
        {"type": "message", "role": "user", "content": "How fast?"},
    ]
    reply = create(client, items)
    assert backend.asked[1] == ("default", "How fast?", (Turn("What?", backend.scripted.answer),))
    assert reply.plumbline["ignored"] == [
        "input[0] (developer)",
        "input[2] (reasoning)",
        "input[1].content[1] (input_image)",
    ]


@pytest.mark.parametrize("field", OPTIONAL.split())
def test_null_is_taken_for_every_optional_field(client: openai.OpenAI, field: str) -> None:
    assert create(client, extra_body={field: None}).plumbline["ignored"] == []


@pytest.mark.parametrize(
    ("sent", "param"),
    [
        ({"previous_response_id": "resp_1"}, "previous_response_id"),
        ({"conversation": "conv_1"}, "conversation"),
        ({"prompt": {"id": "pmpt_1"}}, "prompt"),
        ({"background": True}, "background"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"tool_choice": {"type": "file_search"}}, "tool_choice"),
        ({"text": {"format": {"type": "json_schema", "name": "a", "schema": {}}}}, "text.format"),
        ({"input": [{"type": "item_reference", "id": "msg_1"}]}, "input[0]"),
        (
            {"input": [{"role": "user", "content": [{"type": "input_image"}]}]},
            "input[0].content[0]",
        ),
    ],
)
def test_what_cannot_be_done_is_refused(
    client: openai.OpenAI, sent: dict[str, Any], param: str
) -> None:
    with pytest.raises(openai.BadRequestError) as raised:
        create(client, extra_body=sent)
    assert (raised.value.param, raised.value.code) == (param, "unsupported_value")


def test_an_answer_that_breaks_off_is_a_failed_response(client: openai.OpenAI) -> None:
    *_, last = create(client, "It breaks", stream=True)
    assert last.type == "response.failed"
    assert last.response.status == "failed"
    assert "internal error" in last.response.error.message


def test_langchain_shows_the_citations(url: str, backend: Talking) -> None:
    chat = ChatOpenAI(
        base_url=url,
        api_key=SecretStr("none"),
        model="plumbline",
        use_responses_api=True,
        output_version="v1",
        max_retries=0,
    )
    (block,) = chat.invoke("How fast?").content_blocks
    assert block["type"] == "text"
    assert block["text"] == backend.scripted.answer
    assert [citation.get("title") for citation in block["annotations"]] == ["travel.md"]
    streamed = "".join(str(chunk.text) for chunk in chat.stream("How fast?"))
    assert streamed == backend.scripted.answer
