"""Our own routes about questions: answers with all that was found out, explanations, health."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Annotated, Any

from fastapi import Request
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from rag.answer_json import to_json
from rag.config import Settings
from rag.types import Delta, Done, Event, Language, Progress, Retrieved, Turn
from web.engine import Engine, Waiting
from web.openai_format import error_body
from web.openai_input import Text, Where, filter_of
from web.streams import Answering, Failure, event_stream, first, following, known, whole
from web.wire import Reply, alive, data
from web.work import Wish


class PastTurn(BaseModel):
    """One earlier exchange."""

    model_config = ConfigDict(extra="forbid")
    question: Text
    answer: Text


class AnswerRequest(BaseModel):
    """A request to /v1/answers."""

    model_config = ConfigDict(extra="forbid")
    question: Text
    history: list[PastTurn] | None = None
    collection: str | None = None
    where: Where = None
    stream: bool | None = None


class ExplainRequest(BaseModel):
    """A request to /v1/explain."""

    model_config = ConfigDict(extra="forbid")
    question: Text
    expect: Text
    collection: str | None = None
    where: Where = None


class SummaryRequest(BaseModel):
    """A request to /v1/summaries; `documents` are ids or file names."""

    model_config = ConfigDict(extra="forbid")
    documents: Annotated[list[Text], Field(min_length=1)]
    section: Text | None = None
    language: Language | None = None
    collection: str | None = None
    stream: bool | None = None


class QuestionRoutes:
    """The endpoints, over one engine."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine = engine
        self._settings = settings

    async def health(self) -> JSONResponse:
        """200 when questions are answered, 503 while loading or when loading failed."""
        state = self._engine.readiness
        body = {"status": state.phase, "step": state.step, "problem": state.problem or None}
        return Reply(body, status_code=200 if state.phase == "ready" else 503)

    async def answers(
        self, body: AnswerRequest, request: Request
    ) -> JSONResponse | StreamingResponse:
        """Answer a question with everything that was found out."""
        collection = await known(self._engine, body.collection or self._settings.collection)
        turns = [Turn(turn.question, turn.answer) for turn in body.history or []]
        where = filter_of(body.where)
        events = self._engine.answer(collection, body.question, turns, where)
        if body.stream:
            begun = await first(events, request)
            return event_stream(_answer_lines(begun, events), events)
        return Reply(to_json((await whole(events, request)).answer))

    async def summaries(
        self, body: SummaryRequest, request: Request
    ) -> JSONResponse | StreamingResponse:
        """Summarise documents, or the sections under one heading; the JSON is an answer's."""
        collection = await known(self._engine, body.collection or self._settings.collection)
        wish = Wish(tuple(body.documents), body.section or "", body.language)
        events = self._engine.summarise(collection, wish)
        if body.stream:
            begun = await first(events, request)
            return event_stream(_answer_lines(begun, events), events)
        return Reply(to_json((await whole(events, request)).answer))

    async def explain(self, body: ExplainRequest) -> dict[str, Any]:
        """Say where a text that should have been found was lost."""
        name = await known(self._engine, body.collection or self._settings.collection)
        where = filter_of(body.where)
        return await self._engine.explain(name, body.question, body.expect, where)


async def _answer_lines(begun: Event | Waiting, events: Answering) -> AsyncGenerator[str, None]:
    """Server-sent events named waiting, retrieved, progress, delta, done and error."""
    async for event in following(begun, events):
        if isinstance(event, Waiting):
            yield data({"ahead": event.ahead}, "waiting") if event.ahead else alive(0)
        elif isinstance(event, Failure):
            yield data(error_body(event.status, event.message), "error")
        elif isinstance(event, Retrieved):
            found = {
                "standalone_question": event.standalone_question,
                "passages": len(event.hits),
            }
            yield data(found, "retrieved")
        elif isinstance(event, Progress):
            summary = event.answer and to_json(event.answer)
            told = {"done": event.done, "total": event.total, "title": event.title}
            yield data({**told, "summary": summary}, "progress")
        elif isinstance(event, Delta):
            yield data({"text": event.text}, "delta")
        elif isinstance(event, Done):
            yield data(to_json(event.answer), "done")
