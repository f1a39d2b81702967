"""The engine's events for a request: awaited to the end, or followed one by one, errors included.

Knows nothing of the forms in which they are written.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import StreamingResponse
from starlette.background import BackgroundTask

from rag.errors import PlumbError
from rag.types import DocumentInfo, Done, Event
from web.api_errors import INTERNAL, status_of
from web.bridge import Interrupted
from web.engine import Engine, Waiting
from web.openai_format import ApiError

Answering = AsyncGenerator[Event | Waiting, None]
_log = logging.getLogger(__name__)
_PIECE = 2**18


@dataclass(frozen=True, slots=True)
class Failure:
    """What ended a stream before its answer."""

    status: int
    message: str


async def known(engine: Engine, collection: str, named: str | None = None) -> str:
    """The collection, if there is one of that name; `named` is the model id that meant it. Raises
    ApiError else."""
    if await engine.knows(collection):
        return collection
    kind = "collection" if named is None else "model"
    name = collection if named is None else named
    message = f"there is no {kind} {name!r}; GET /v1/{kind}s lists them"
    raise ApiError(404, message, code=f"{kind}_not_found", param=kind)


async def first(events: Answering, request: Request) -> Event | Waiting:
    """The first event, so that what fails early still has its HTTP status; or the place in the
    line, for who has to wait there."""
    async for event in events:
        if not isinstance(event, Waiting) or event.ahead:
            return event
        if await request.is_disconnected():
            await events.aclose()
            break
    raise gone()


async def whole(events: Answering, request: Request) -> Done:
    """The last event; stops the model if the client goes away meanwhile."""
    async with aclosing(events):
        async for event in events:
            if isinstance(event, Done):
                return event
            if await request.is_disconnected():
                break
    raise gone()


def sent_file(info: DocumentInfo, file: BinaryIO) -> StreamingResponse:
    """A document's file, to be kept and never shown by a browser in this place."""
    return StreamingResponse(
        iter(partial(file.read, _PIECE), b""),
        media_type="application/octet-stream",
        headers={
            "content-disposition": f"attachment; filename*=UTF-8''{quote(info.name)}",
            "content-length": str(info.bytes),
        },
        background=BackgroundTask(file.close),
    )


def gone() -> ApiError:
    """The error that nobody is there to read."""
    return ApiError(499, "the client went away")


async def following(
    first: Event | Waiting, events: Answering
) -> AsyncGenerator[Event | Waiting | Failure, None]:
    """The events from `first` on; an error as the last one."""
    yield first
    try:
        async for event in events:
            yield event
    except (PlumbError, Interrupted) as err:
        yield Failure(status_of(err), str(err))
    except Exception:
        # The status has been sent: the client is told in the stream, the log has the rest.
        _log.exception("an answer broke off")
        yield Failure(500, INTERNAL)


def event_stream(lines: AsyncIterator[str], events: Answering) -> StreamingResponse:
    """The response that sends `lines`, and closes `events` at the end or when nobody listens."""

    async def body() -> AsyncGenerator[str, None]:
        async with aclosing(events):
            async for line in lines:
                yield line

    return StreamingResponse(
        body(), media_type="text/event-stream", headers={"cache-control": "no-store"}
    )
