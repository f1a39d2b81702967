"""Errors of the HTTP interface: which status each has, and OpenAI's form for all of them."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from rag.errors import (
    CollectionBusy,
    CollectionError,
    ModelError,
    PlumbError,
)
from web.bridge import Interrupted
from web.engine import QueueFull
from web.openai_format import error_body


class ApiError(PlumbError):
    """An error with its HTTP status and OpenAI's `code` and `param`."""

    def __init__(
        self, status: int, message: str, *, code: str | None = None, param: str | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.param = param


STATUSES: tuple[tuple[type[Exception], int], ...] = (
    (QueueFull, 429),
    (CollectionBusy, 503),
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
        return JSONResponse(error_body(status, str(err), code=code, param=param), status)

    def invalid(_: Request, err: Exception) -> JSONResponse:
        assert isinstance(err, RequestValidationError)
        problem = err.errors()[0]
        place = ".".join(str(part) for part in problem["loc"] if part != "body")
        message = f"{place}: {problem['msg']}" if place else str(problem["msg"])
        return JSONResponse(error_body(400, message, param=place or None), 400)

    def http(_: Request, err: Exception) -> JSONResponse:
        assert isinstance(err, HTTPException)
        return JSONResponse(
            error_body(err.status_code, str(err.detail)), err.status_code, headers=err.headers
        )

    def unexpected(_: Request, err: Exception) -> JSONResponse:
        return JSONResponse(error_body(500, "an internal error; the server's log has it"), 500)

    api.add_exception_handler(PlumbError, known)
    api.add_exception_handler(Interrupted, known)
    api.add_exception_handler(RequestValidationError, invalid)
    api.add_exception_handler(HTTPException, http)
    api.add_exception_handler(Exception, unexpected)
