"""The shapes of /v1/responses, in the Open Responses subset: text in, text out with file citations.

Pure. Written after OpenAI's reference and the Open Responses specification of 2026-04-24.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from rag.types import Answer, Done
from web.openai_format import MODEL, full_answer, pieces
from web.openai_input import (
    Asked,
    Content,
    Narrowing,
    Said,
    Text,
    check_text,
    check_tools,
    conversation,
    or_none_given,
    refuse,
    without_effect,
)
from web.work import Usage, usage_of

_HEEDED = frozenset(("model", "input", "stream", "text", "tool_choice", "metadata", "plumbline"))
_NOT_KEPT = ("previous_response_id", "conversation", "prompt")
"""Fields that name what an earlier request left with the server."""
_EMPTY: Mapping[str, Any] = {
    "incomplete_details": None,
    "previous_response_id": None,
    "max_tool_calls": None,
    "parallel_tool_calls": False,
    "tools": [],
    "tool_choice": "none",
    "truncation": "disabled",
    "text": {"format": {"type": "text"}},
    "top_p": 1.0,
    "presence_penalty": 0.0,
    "frequency_penalty": 0.0,
    "top_logprobs": 0,
    "reasoning": None,
    "store": False,
    "background": False,
    "service_tier": "default",
    "safety_identifier": None,
    "prompt_cache_key": None,
    "user": None,
}
"""What every response says of the settings that requests cannot change."""


class Item(BaseModel):
    """One item of the input: a message, or something that is passed over."""

    type: Text | None = None
    role: Text | None = None
    content: Content = []


def _as_items(value: Any) -> Any:
    return [{"role": "user", "content": value}] if isinstance(value, str) else value


Items = Annotated[
    list[Item],
    BeforeValidator(_as_items, json_schema_input_type=str | list[Item]),
    Field(min_length=1),
]


class ResponsesRequest(BaseModel):
    """A request to /v1/responses. Every optional field may be null, as clients send it."""

    model_config = ConfigDict(extra="allow")
    model: Text | None = None
    input: Items
    instructions: Any = None
    stream: bool | None = None
    background: bool | None = None
    previous_response_id: str | None = None
    conversation: Any = None
    prompt: Any = None
    text: dict[str, Any] | None = None
    tools: list[Any] | None = None
    tool_choice: str | dict[str, Any] | None = None
    metadata: dict[str, Text] | None = None
    max_output_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    plumbline: Annotated[Narrowing, BeforeValidator(or_none_given)] = Narrowing()


def asked_of(request: ResponsesRequest) -> Asked:
    """The question, the turns before it, and what of the request has no effect. Raises ApiError
    for what cannot be done: a tool that must be called, another form than text, work in the
    background, what was said in a request before."""
    for name in _NOT_KEPT:
        if getattr(request, name) is not None:
            raise refuse(name, "nothing is kept between requests: send the conversation as input")
    if request.background:
        raise refuse("background", "answers are given in the request; leave it out")
    check_tools(request.tool_choice)
    check_text((request.text or {}).get("format"), "text.format")
    said = [_said(f"input[{place}]", item) for place, item in enumerate(request.input)]
    asked = conversation(said)
    fields = without_effect(request, _HEEDED)
    return Asked(asked.question, asked.turns, [*asked.ignored, *fields])


def _said(place: str, item: Item) -> Said:
    if item.type == "item_reference":
        raise refuse(place, "nothing is kept between requests: send the item itself")
    if item.type not in (None, "message"):
        return Said(place, item.type or "", ())
    return Said(place, item.role or "", item.content)


@dataclass(frozen=True, slots=True)
class Response:
    """One response, whole or as events. `temperature` is the language model's; `ignored` names what
    of the request had no effect."""

    ident: str
    request: ResponsesRequest
    created: int
    temperature: float
    ignored: list[str]
    _numbers: Iterator[int] = field(default_factory=count)

    def whole(self, done: Done, now: int) -> dict[str, Any]:
        """The response at once, completed at `now`."""
        usage = usage_of(done)
        return {
            **self._object("completed"),
            "completed_at": now,
            "output": [self._message("completed", self._part(done.answer))],
            "usage": None if usage is None else _usage(usage),
            "plumbline": full_answer(done.answer, self.ignored, usage),
        }

    def opening(self) -> list[dict[str, Any]]:
        """The events before there is an answer."""
        return [
            self._event(f"response.{step}", response=self._object("in_progress"))
            for step in ("created", "in_progress")
        ]

    def writing(self, done: Done, now: int) -> Iterator[dict[str, Any]]:
        """The events of a checked answer, a delta for each sentence."""
        empty = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
        part = self._part(done.answer)
        item = {"output_index": 0, "item": self._message("in_progress")}
        at = {"item_id": self._item_id, "output_index": 0, "content_index": 0}
        yield self._event("response.output_item.added", **item)
        yield self._event("response.content_part.added", **at, part=empty)
        for piece in pieces(done.answer):
            yield self._event("response.output_text.delta", **at, delta=piece, logprobs=[])
        for index, annotation in enumerate(part["annotations"]):
            added = {"annotation_index": index, "annotation": annotation}
            yield self._event("response.output_text.annotation.added", **at, **added)
        text = done.answer.answer
        yield self._event("response.output_text.done", **at, text=text, logprobs=[])
        yield self._event("response.content_part.done", **at, part=part)
        item["item"] = self._message("completed", part)
        yield self._event("response.output_item.done", **item)
        yield self._event("response.completed", response=self.whole(done, now))

    def failed(self, message: str) -> dict[str, Any]:
        """The event of an answer that broke off."""
        error = {"code": "server_error", "message": message}
        return self._event("response.failed", response={**self._object("failed"), "error": error})

    def _event(self, kind: str, **more: Any) -> dict[str, Any]:
        return {"type": kind, "sequence_number": next(self._numbers), **more}

    def _object(self, status: str) -> dict[str, Any]:
        asked = self.request
        return {
            "id": self.ident,
            "object": "response",
            "created_at": self.created,
            "completed_at": None,
            "status": status,
            "error": None,
            "model": asked.model or MODEL,
            "instructions": asked.instructions,
            "max_output_tokens": asked.max_output_tokens,
            "metadata": asked.metadata or {},
            "temperature": self.temperature,
            **_EMPTY,
            "output": [],
            "usage": None,
        }

    @property
    def _item_id(self) -> str:
        return self.ident.replace("resp_", "msg_", 1)

    def _message(self, status: str, *content: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "message",
            "id": self._item_id,
            "status": status,
            "role": "assistant",
            "content": list(content),
        }

    def _part(self, answer: Answer) -> dict[str, Any]:
        text = {"type": "output_text", "text": answer.answer, "logprobs": []}
        return {**text, "annotations": citations(answer)}


def citations(answer: Answer) -> list[dict[str, Any]]:
    """A file citation for every quote; `index` is the place in the text, 0-based, where its mark
    would stand: after the sentence. `plumbline` has the quote and where it stands."""
    return [
        {
            "type": "file_citation",
            "index": sentence.end,
            "file_id": citation.document_id,
            "filename": citation.document,
            "plumbline": {
                "number": citation.number,
                "page": citation.page,
                "start": citation.start,
                "end": citation.end,
                "quote": citation.quote,
                "chunk_id": citation.chunk_id,
            },
        }
        for sentence in answer.sentences
        for citation in sentence.citations
    ]


def _usage(usage: Usage) -> dict[str, Any]:
    read, written = usage.prompt_tokens, usage.completion_tokens
    return {
        "input_tokens": read,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": written,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": read + written,
    }
