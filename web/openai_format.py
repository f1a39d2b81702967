"""The OpenAI interface's shapes: requests read, answers and errors written. Pure.

What is written follows the chat completions reference; what of a request has no meaning here is
refused when it would change the answer's form, and passed over when it only tunes a model.
"""

from __future__ import annotations

import time
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from rag.answer_json import to_json
from rag.errors import UsageError
from rag.types import Answer, Turn

MODEL = "plumbline"
"""The model id of the configured collection; `plumbline/NAME` is that of another."""


class TextPart(BaseModel):
    """A piece of a message's content."""

    type: str
    text: str = ""


class Message(BaseModel):
    """One message of a conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[TextPart] | None = None


class PlumblineOptions(BaseModel):
    """Our own options: `drafts` streams the model's words as they come, before they are checked."""

    model_config = ConfigDict(extra="forbid")
    drafts: bool = False


class ChatRequest(BaseModel):
    """A request to /v1/chat/completions; `temperature` and its like are passed over."""

    model: str = MODEL
    messages: list[Message] = Field(min_length=1)
    stream: bool = False
    n: int = 1
    tools: list[Any] | None = None
    functions: list[Any] | None = None
    response_format: dict[str, Any] | None = None
    plumbline: PlumblineOptions = PlumblineOptions()


def conversation(request: ChatRequest) -> tuple[str, list[Turn]]:
    """The question (the last message) and the earlier turns, oldest first.

    Raises UsageError for what cannot be answered: no user message at the end, several choices,
    tools, another response format than text, content that is no text.
    """
    if request.n != 1:
        raise UsageError(f"n = {request.n}: there is one answer to a question; leave n out")
    if request.tools or request.functions:
        raise UsageError("tools are not supported: leave tools and functions out")
    if request.response_format and request.response_format.get("type") != "text":
        raise UsageError("only response_format text is supported; the JSON is in 'plumbline'")
    if request.messages[-1].role != "user":
        raise UsageError("the last message must be the user's question")
    turns: list[Turn] = []
    asked: str | None = None
    for message in request.messages[:-1]:
        if message.role == "user":
            asked = _text(message)
        elif message.role == "assistant" and asked is not None:
            turns.append(Turn(asked, _text(message)))
            asked = None
    return _text(request.messages[-1]), turns


def _text(message: Message) -> str:
    if isinstance(message.content, str):
        return message.content
    for part in message.content or ():
        if part.type != "text":
            raise UsageError(f"content of type {part.type!r} is not supported: send text")
    return "".join(part.text for part in message.content or ())


def collection_of(model: str, default: str) -> str | None:
    """The collection that a model id names; None if the id is not ours."""
    if model == MODEL:
        return default
    name, slash, collection = model.partition("/")
    return collection if name == MODEL and slash and collection else None


def completion(ident: str, model: str, answer: Answer) -> dict[str, Any]:
    """A whole chat completion, with our full answer under `plumbline`."""
    message = {"role": "assistant", "content": answer.answer, "refusal": None}
    return {
        **_envelope(ident, model, "chat.completion"),
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "plumbline": to_json(answer),
    }


def chunk(
    ident: str, model: str, delta: dict[str, Any], *, finish: bool = False, **more: Any
) -> dict[str, Any]:
    """One piece of a streamed completion."""
    choice = {
        "index": 0,
        "delta": delta,
        "logprobs": None,
        "finish_reason": "stop" if finish else None,
    }
    return {**_envelope(ident, model, "chat.completion.chunk"), "choices": [choice], **more}


def _envelope(ident: str, model: str, kind: str) -> dict[str, Any]:
    return {"id": ident, "object": kind, "created": int(time.time()), "model": model}


def model_list(collections: list[str], default: str) -> dict[str, Any]:
    """The answer to /v1/models: one model for each collection."""
    ids = [MODEL, *(f"{MODEL}/{name}" for name in collections if name != default)]
    data = [{"id": i, "object": "model", "created": 0, "owned_by": MODEL} for i in ids]
    return {"object": "list", "data": data}


_TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
_CODES = {
    401: "invalid_api_key",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    429: "queue_full",
    503: "unavailable",
}


def error_body(
    status: int, message: str, *, code: str | None = None, param: str | None = None
) -> dict[str, Any]:
    """An error in OpenAI's form."""
    kind = _TYPES.get(status, "server_error" if status >= 500 else "invalid_request_error")
    error = {"message": message, "type": kind, "param": param, "code": code or _CODES.get(status)}
    return {"error": error}
