"""OpenAI's interface: what all its routes share. Model names, errors, usage, answers in pieces.

Pure: knows nothing of HTTP or the engine.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from rag.answer_json import to_json
from rag.errors import PlumbError
from rag.types import Answer
from web.work import Usage

MODEL = "plumbline"
"""The model id of the configured collection; `plumbline/NAME` is that of another."""


class ApiError(PlumbError):
    """An error with its HTTP status and OpenAI's `code` and `param`."""

    def __init__(
        self, status: int, message: str, *, code: str | None = None, param: str | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.param = param


def collection_of(model: str | None, default: str) -> str:
    """The collection that a model id names: `plumbline/NAME`, or the bare name. None and
    `plumbline` name the configured one."""
    if model is None or model == MODEL:
        return default
    return model.removeprefix(f"{MODEL}/")


def model_list(collections: list[str], default: str) -> dict[str, Any]:
    """The answer to /v1/models: one model for each collection, the configured one first."""
    own = [MODEL] if default in collections else []
    ids = [*own, *(f"{MODEL}/{name}" for name in collections if name != default)]
    data = [{"id": i, "object": "model", "created": 0, "owned_by": MODEL} for i in ids]
    return {"object": "list", "data": data}


def full_answer(answer: Answer, ignored: list[str], usage: Usage | None) -> dict[str, Any]:
    """Our extra field: the whole answer, what of the request was ignored, and who counted the
    tokens."""
    counted = usage.counted_by if usage is not None else None
    return {**to_json(answer), "ignored": ignored, "usage_counted_by": counted}


def pieces(answer: Answer) -> list[str]:
    """The answer cut after each sentence; joined, they are the answer."""
    ends = [sentence.end for sentence in answer.sentences]
    cuts = [0, *ends[:-1], len(answer.answer)] if ends else [0, len(answer.answer)]
    return [answer.answer[start:end] for start, end in pairwise(cuts)]


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
