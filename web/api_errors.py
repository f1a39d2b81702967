"""Errors of the HTTP interface: which status each has, and OpenAI's form for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from rag.errors import (
    CollectionBusy,
    CollectionError,
    ModelError,
    PlumbError,
    StoreUnavailable,
)
from web.access.identity import Forbidden, NotThere
from web.bridge import Interrupted
from web.engine import QueueFull
from web.openai_format import ApiError, error_body
from web.wire import Reply

INTERNAL = "an internal error; the server's log has it"

STATUSES: tuple[tuple[type[Exception], int], ...] = (
    (QueueFull, 429),
    (Forbidden, 403),
    (NotThere, 404),
    (CollectionBusy, 503),
    (StoreUnavailable, 503),
    (CollectionError, 409),
    (ModelError, 503),
    (Interrupted, 503),
    (PlumbError, 400),
)
"""The first class that fits decides."""


def status_of(err: Exception) -> int:
    """The HTTP status of an error: the sender's fault 4xx, ours 5xx."""
    if isinstance(err, ApiError):
        return err.status
    return next((status for kind, status in STATUSES if isinstance(err, kind)), 500)


def handle_errors(api: FastAPI) -> None:
    """Answer every error of `api` in OpenAI's form."""

    def known(_: Request, err: Exception) -> JSONResponse:
        status = status_of(err)
        code = err.code if isinstance(err, ApiError) else None
        param = err.param if isinstance(err, ApiError) else None
        body = error_body(status, str(err), code=code, param=param)
        return Reply(body, status, headers=_again(err))

    def invalid(_: Request, err: Exception) -> JSONResponse:
        assert isinstance(err, RequestValidationError)
        return Reply(_explained(err.errors()[0]), 400)

    def http(request: Request, err: Exception) -> JSONResponse:
        assert isinstance(err, HTTPException)
        message = str(err.detail)
        if err.status_code in (404, 405):  # Starlette's own, which name nothing
            message = f"there is no {request.method} {request.url.path}; see GET /v1/openapi.json"
        return Reply(error_body(err.status_code, message), err.status_code, headers=err.headers)

    def unexpected(_: Request, err: Exception) -> JSONResponse:
        return Reply(error_body(500, INTERNAL), 500)

    api.add_exception_handler(PlumbError, known)
    api.add_exception_handler(Interrupted, known)
    api.add_exception_handler(RequestValidationError, invalid)
    api.add_exception_handler(HTTPException, http)
    api.add_exception_handler(Exception, unexpected)


def _again(err: Exception) -> dict[str, str]:
    """When to try again, for what may be tried again."""
    return {"retry-after": str(err.retry_after)} if isinstance(err, QueueFull) else {}


def _explained(problem: dict[str, Any]) -> dict[str, Any]:
    """What is wrong with a request, by the first problem that validation found."""
    kind, message = str(problem["type"]), str(problem["msg"])
    if kind == "json_invalid":
        return error_body(400, f"the body is no JSON: {message}", code="invalid_json")
    place = _place(problem["loc"][1:])  # before it: body, query or path
    code = "invalid_type" if kind.endswith(("_type", "_parsing")) else "invalid_value"
    if kind == "missing":
        code = "missing_required_parameter"
    message = f"{place}: {message}" if place else message
    return error_body(400, message, code=code, param=place or None)


def _place(parts: Sequence[Any]) -> str:
    """Where in the request, as `messages[0].content`; the names of a union's branches, which hold
    brackets or are types, are left out."""
    place = ""
    for part in parts:
        if isinstance(part, int):
            place += f"[{part}]"
        elif part not in _BRANCHES and "[" not in part:
            place += f".{part}" if place else part
    return place


_BRANCHES = frozenset(("str", "int", "float", "bool"))
