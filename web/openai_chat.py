"""The shapes of /v1/chat/completions: the request read, the completion and its chunks written.

Pure. The written form follows OpenAI's reference; what is ours stands in fields that other clients
pass over: `plumbline`, and `sources` and `event` for Open WebUI.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from rag.types import Done
from web.open_webui import sources
from web.openai_format import MODEL, full_answer
from web.openai_input import (
    Asked,
    Content,
    PlumblineOptions,
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

_HEEDED = frozenset(
    {
        "model",
        "messages",
        "stream",
        "stream_options",
        "plumbline",
        "n",
        "response_format",
        "tool_choice",
        "function_call",
        "modalities",
        "logprobs",
    }
)


class Message(BaseModel):
    """One message of a conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Content = []


class StreamOptions(BaseModel):
    """`include_usage` asks for a last chunk with the tokens and no choice."""

    include_usage: bool | None = None


class ChatRequest(BaseModel):
    """A request to /v1/chat/completions. Every optional field may be null, as clients send it."""

    model_config = ConfigDict(extra="allow")
    model: Text | None = None
    messages: list[Message] = Field(min_length=1)
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: int | None = None
    response_format: dict[str, Any] | None = None
    modalities: list[str] | None = None
    logprobs: bool | None = None
    tools: list[Any] | None = None
    tool_choice: str | dict[str, Any] | None = None
    functions: list[Any] | None = None
    function_call: str | dict[str, Any] | None = None
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    stop: str | list[str] | None = None
    plumbline: Annotated[PlumblineOptions, BeforeValidator(or_none_given)] = PlumblineOptions()


def asked_of(request: ChatRequest) -> Asked:
    """The question, the turns before it, and what of the request has no effect. Raises ApiError
    for what cannot be done: several choices, a tool that must be called, another form than text,
    the probabilities of tokens."""
    if request.n not in (None, 1):
        raise refuse("n", f"there is one answer to a question, not {request.n}; leave n out")
    check_tools(request.tool_choice)
    check_tools(request.function_call, "function_call")
    check_text(request.response_format, "response_format")
    if request.modalities and request.modalities != ["text"]:
        raise refuse("modalities", 'answers are text: send ["text"] or leave it out')
    if request.logprobs:
        raise refuse("logprobs", "a checked answer has no token probabilities; leave it out")
    said = [Said(f"messages[{i}]", m.role, m.content) for i, m in enumerate(request.messages)]
    asked = conversation(said)
    fields = without_effect(request, _HEEDED)
    return Asked(asked.question, asked.turns, [*asked.ignored, *fields])


@dataclass(frozen=True, slots=True)
class Completion:
    """One completion, whole or in chunks: `created` in seconds since 1970; `ignored` names what of
    the request had no effect; with `counting` every chunk says that the tokens come last."""

    ident: str
    model: str | None
    created: int
    ignored: list[str]
    counting: bool = False

    def whole(self, done: Done) -> dict[str, Any]:
        """The completion at once."""
        message = {"role": "assistant", "content": done.answer.answer, "refusal": None}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        usage = usage_of(done)
        counted = {} if usage is None else {"usage": _usage(usage)}
        ours = {"plumbline": self._ours(done), "sources": sources(done.answer)}
        return {**self._head("chat.completion"), "choices": [choice], **counted, **ours}

    def chunk(self, delta: dict[str, Any], **more: Any) -> dict[str, Any]:
        """One piece, with what it adds to the message."""
        return self._chunk(delta, None, more)

    def cited(self, source: dict[str, Any]) -> dict[str, Any]:
        """A piece that adds nothing and tells Open WebUI of a cited passage."""
        return self.chunk({}, event={"type": "source", "data": source})

    def last(self, done: Done) -> dict[str, Any]:
        """The piece that ends the message."""
        more = {"plumbline": self._ours(done), "sources": sources(done.answer)}
        return self._chunk({}, "stop", more)

    def tokens(self, done: Done) -> dict[str, Any]:
        """The piece after the last, for who asked to `include_usage`."""
        usage = usage_of(done)
        counted = None if usage is None else _usage(usage)
        return {**self._head("chat.completion.chunk"), "choices": [], "usage": counted}

    def _chunk(
        self, delta: dict[str, Any], finish: str | None, more: dict[str, Any]
    ) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        later = {"usage": None} if self.counting else {}
        return {**self._head("chat.completion.chunk"), "choices": [choice], **later, **more}

    def _head(self, kind: str) -> dict[str, Any]:
        model = self.model or MODEL
        return {"id": self.ident, "object": kind, "created": self.created, "model": model}

    def _ours(self, done: Done) -> dict[str, Any]:
        return full_answer(done.answer, self.ignored, usage_of(done))


def _usage(usage: Usage) -> dict[str, int]:
    read, written = usage.prompt_tokens, usage.completion_tokens
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
