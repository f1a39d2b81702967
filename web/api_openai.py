"""The routes of OpenAI's interface: chat completions, responses, embeddings, models."""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncGenerator
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, StreamingResponse

from rag.config import Settings
from rag.store import Filter
from rag.types import Delta, Done, Event, FloatArray
from web import openai_chat, openai_responses
from web.engine import Engine, Waiting
from web.open_webui import sources
from web.openai_chat import ChatRequest, Completion
from web.openai_embeddings import EmbeddingsRequest, check_dimensions, embeddings, texts_of
from web.openai_format import MODEL, ApiError, collection_of, error_body, model_list, pieces
from web.openai_input import Asked
from web.openai_responses import Response, ResponsesRequest
from web.streams import (
    Answering,
    Failure,
    event_stream,
    first,
    following,
    gone,
    known,
    whole,
)
from web.wire import DONE, Reply, alive, data

EMBEDDED_AT_ONCE = 64
"""Texts between two looks at whether the client is still there."""


class OpenAIRoutes:
    """The endpoints, over one engine."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine = engine
        self._settings = settings

    async def models(self) -> dict[str, Any]:
        """One model for each collection."""
        return model_list(await self._engine.collections(), self._settings.collection)

    async def model(self, model: str) -> dict[str, Any]:
        """One of the models."""
        listed: list[dict[str, Any]] = (await self.models())["data"]
        for entry in listed:
            if entry["id"] == model:
                return entry
        # A name that is forbidden belongs into the audit log.
        await self._engine.knows(collection_of(model, self._settings.collection))
        raise ApiError(404, f"there is no model {model!r}", code="model_not_found", param="model")

    async def chat(self, body: ChatRequest, request: Request) -> JSONResponse | StreamingResponse:
        """Answer the last message of a conversation."""
        asked = openai_chat.asked_of(body)
        events = await self._answer(body.model, asked, body.plumbline.filter())
        counting = bool(body.stream_options and body.stream_options.include_usage)
        ident = f"chatcmpl-{uuid.uuid4().hex}"
        form = Completion(ident, body.model, int(time.time()), asked.ignored, counting)
        if body.stream:
            begun = await first(events, request)
            lines = _chat_lines(begun, events, form, drafts=bool(body.plumbline.drafts))
            return event_stream(lines, events)
        return Reply(form.whole(await whole(events, request)))

    async def responses(
        self, body: ResponsesRequest, request: Request
    ) -> JSONResponse | StreamingResponse:
        """Answer the last message of the input."""
        asked = openai_responses.asked_of(body)
        events = await self._answer(body.model, asked, body.plumbline.filter())
        temperature = self._settings.generator.temperature
        ident = f"resp_{uuid.uuid4().hex}"
        form = Response(ident, body, int(time.time()), temperature, asked.ignored)
        if body.stream:
            begun = await first(events, request)
            return event_stream(_response_lines(begun, events, form), events)
        return Reply(form.whole(await whole(events, request), int(time.time())))

    async def embeddings(self, body: EmbeddingsRequest, request: Request) -> JSONResponse:
        """The vectors of texts, by the configured embedder."""
        if body.model not in (None, MODEL, self._settings.embedder.model):
            message = f"there is no embedder {body.model!r} here: use {MODEL!r}"
            raise ApiError(404, message, code="model_not_found", param="model")
        texts = texts_of(body)
        vectors: list[FloatArray] = []
        tokens = 0
        for start in range(0, len(texts), EMBEDDED_AT_ONCE):
            if await request.is_disconnected():
                raise gone()
            found = await self._engine.embed(texts[start : start + EMBEDDED_AT_ONCE], body.kind)
            check_dimensions(body, found.vectors.shape[1])
            vectors.extend(found.vectors)
            tokens += found.tokens
        return Reply(embeddings(body, vectors, tokens))

    async def _answer(self, model: str | None, asked: Asked, where: Filter = None) -> Answering:
        collection = collection_of(model, self._settings.collection)
        await known(self._engine, collection, named=MODEL if model is None else model)
        return self._engine.answer(collection, asked.question, asked.turns, where)


async def _chat_lines(
    begun: Event | Waiting, events: Answering, form: Completion, *, drafts: bool
) -> AsyncGenerator[str, None]:
    """Server-sent events of a streamed completion.

    The content is the checked answer, a sentence at a time once it is checked; meanwhile the
    draft goes under `plumbline.draft`. With `drafts` the content is the draft itself.
    """
    yield data(form.chunk({"role": "assistant", "content": ""}))
    async for event in following(begun, events):
        if isinstance(event, Waiting):
            yield alive(event.ahead)
        elif isinstance(event, Failure):
            yield data(error_body(event.status, event.message), "error")
        elif isinstance(event, Delta):
            written = {"content": event.text} if drafts else {}
            draft = {} if drafts else {"plumbline": {"draft": event.text}}
            yield data(form.chunk(written, **draft))
        elif isinstance(event, Done):
            for chunk in _checked(event, form, drafts):
                yield data(chunk)
            yield DONE


def _checked(done: Done, form: Completion, drafts: bool) -> list[dict[str, Any]]:
    """The chunks of a checked answer."""
    written = [] if drafts else [form.chunk({"content": piece}) for piece in pieces(done.answer)]
    cited = [form.cited(source) for source in sources(done.answer)]
    counted = [form.tokens(done)] if form.counting else []
    return [*written, *cited, form.last(done), *counted]


async def _response_lines(
    begun: Event | Waiting, events: Answering, form: Response
) -> AsyncGenerator[str, None]:
    """Server-sent events of a streamed response: the text comes once it is checked."""
    for opening in form.opening():
        yield data(opening, opening["type"])
    async for event in following(begun, events):
        if isinstance(event, Done):
            for written in form.writing(event, int(time.time())):
                yield data(written, written["type"])
        elif isinstance(event, Failure):
            failed = form.failed(event.message)
            yield data(failed, failed["type"])
        else:
            yield alive(event.ahead if isinstance(event, Waiting) else 0)
    yield DONE
