"""The HTTP interface under /v1: OpenAI's chat completions, and our own. docs/api.md describes it.

Knows the engine and nothing of models, collections' insides or the page.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, File, Request, UploadFile
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict

from rag.answer_json import to_json
from rag.config import Settings
from rag.errors import CollectionError, PlumbError
from rag.types import Answer, Delta, Done, Event, Retrieved, Turn
from web.api_errors import ApiError, handle_errors, status_of
from web.bridge import Interrupted
from web.engine import Engine, Waiting
from web.openai_format import (
    ChatRequest,
    chunk,
    collection_of,
    completion,
    conversation,
    error_body,
    model_list,
)
from web.work import FileOutcome, Upload

Answering = AsyncGenerator[Event | Waiting, None]


class PastTurn(BaseModel):
    """One earlier exchange."""

    model_config = ConfigDict(extra="forbid")
    question: str
    answer: str


class AnswerRequest(BaseModel):
    """A request to /v1/answers."""

    model_config = ConfigDict(extra="forbid")
    question: str
    history: list[PastTurn] = []
    collection: str | None = None
    stream: bool = False


class ExplainRequest(BaseModel):
    """A request to /v1/explain."""

    model_config = ConfigDict(extra="forbid")
    question: str
    expect: str
    collection: str | None = None


def build_api(engine: Engine, settings: Settings) -> FastAPI:
    """The application to mount at /v1."""
    api = FastAPI(title="Plumbline", docs_url=None, redoc_url=None)
    handle_errors(api)
    routes = _Routes(engine, settings)
    router = APIRouter()
    router.get("/health")(routes.health)
    router.get("/models")(routes.models)
    router.get("/models/{model:path}")(routes.model)
    router.get("/collections")(routes.collections)
    router.post("/chat/completions", response_model=None)(routes.chat)
    router.post("/answers", response_model=None)(routes.answers)
    router.post("/explain")(routes.explain)
    router.get("/documents")(routes.documents)
    router.post("/documents")(routes.upload)
    router.delete("/documents/{document_id}")(routes.remove)
    api.include_router(router)
    return api


class _Routes:
    """The endpoints, over one engine."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine = engine
        self._settings = settings

    async def health(self) -> JSONResponse:
        """200 when questions are answered, 503 while loading or when loading failed."""
        state = self._engine.readiness
        body = {"status": state.phase, "step": state.step, "problem": state.problem or None}
        return JSONResponse(body, status_code=200 if state.phase == "ready" else 503)

    async def models(self) -> dict[str, Any]:
        """One model for each collection."""
        return model_list(await self._engine.collections(), self._settings.collection)

    async def model(self, model: str) -> dict[str, Any]:
        """One of the models."""
        listed: list[dict[str, Any]] = (await self.models())["data"]
        for entry in listed:
            if entry["id"] == model:
                return entry
        raise ApiError(404, f"there is no model {model!r}", code="model_not_found", param="model")

    async def collections(self) -> dict[str, Any]:
        """The collections' names."""
        names = await self._engine.collections()
        return {"object": "list", "data": names, "default": self._settings.collection}

    async def chat(self, body: ChatRequest, request: Request) -> JSONResponse | StreamingResponse:
        """Answer the last message of a conversation."""
        question, turns = conversation(body)
        collection = collection_of(body.model, self._settings.collection)
        if collection is None:
            message = f"there is no model {body.model!r}; GET /v1/models lists them"
            raise ApiError(404, message, code="model_not_found", param="model")
        await self._known(collection, param="model")
        events = self._engine.answer(collection, question, turns)
        ident = f"chatcmpl-{uuid.uuid4().hex}"
        if body.stream:
            first = await _first(events, request)
            lines = _chat_chunks(first, events, ident, body)
            return _event_stream(lines, events)
        return JSONResponse(completion(ident, body.model, await _whole(events, request)))

    async def answers(
        self, body: AnswerRequest, request: Request
    ) -> JSONResponse | StreamingResponse:
        """Answer a question with everything that was found out."""
        collection = body.collection or self._settings.collection
        await self._known(collection)
        turns = [Turn(turn.question, turn.answer) for turn in body.history]
        events = self._engine.answer(collection, body.question, turns)
        if body.stream:
            first = await _first(events, request)
            return _event_stream(_answer_events(first, events), events)
        return JSONResponse(to_json(await _whole(events, request)))

    async def explain(self, body: ExplainRequest) -> dict[str, Any]:
        """Say where a text that should have been found was lost."""
        name = body.collection or self._settings.collection
        await self._known(name)
        return await self._engine.explain(name, body.question, body.expect)

    async def documents(self, collection: str | None = None) -> dict[str, Any]:
        """What a collection holds."""
        name = collection or self._settings.collection
        await self._known(name)
        found = await self._engine.documents(name)
        return {"object": "list", "collection": name, "data": [asdict(info) for info in found]}

    async def upload(
        self, files: Annotated[list[UploadFile], File()], collection: str | None = None
    ) -> dict[str, Any]:
        """Take files in; the receipt says what became of each."""
        name = collection or self._settings.collection
        await self._known(name)
        with tempfile.TemporaryDirectory(prefix="plumb-upload-") as folder:
            uploads = [_spooled(file, Path(folder), n) for n, file in enumerate(files)]
            outcomes: list[FileOutcome] = []
            async with aclosing(self._engine.ingest(name, uploads)) as steps:
                async for step in steps:
                    if isinstance(step, list):
                        outcomes = step
        data = [asdict(outcome) for outcome in outcomes]
        return {"object": "list", "collection": name, "data": data}

    async def remove(self, document_id: str, collection: str | None = None) -> dict[str, Any]:
        """Take a document out."""
        name = collection or self._settings.collection
        await self._known(name)
        if all(info.document_id != document_id for info in await self._engine.documents(name)):
            message = f"there is no document {document_id!r} in the collection {name!r}"
            raise ApiError(404, message, code="document_not_found")
        try:
            gone = await self._engine.remove(name, document_id)
        except CollectionError as err:
            raise ApiError(409, str(err)) from err
        return {"id": gone.document_id, "name": gone.name, "object": "document", "deleted": True}

    async def _known(self, collection: str, param: str = "collection") -> None:
        if collection not in await self._engine.collections():
            message = f"there is no collection {collection!r}; GET /v1/collections lists them"
            raise ApiError(404, message, code=f"{param}_not_found", param=param)


def _spooled(file: UploadFile, folder: Path, number: int) -> Upload:
    # The name is the sender's: it names the document, never a place on this disk.
    path = folder / str(number)
    with path.open("wb") as out:
        shutil.copyfileobj(file.file, out)
    return Upload(file.filename or "unnamed", path)


async def _first(events: Answering, request: Request) -> Event:
    """The first event, so that what fails early still has its HTTP status."""
    async for event in events:
        if not isinstance(event, Waiting):
            return event
        if await request.is_disconnected():
            await events.aclose()
            break
    raise ApiError(499, "the client went away")


async def _whole(events: Answering, request: Request) -> Answer:
    """The answer; stops the model if the client goes away meanwhile."""
    async with aclosing(events):
        async for event in events:
            if isinstance(event, Done):
                return event.answer
            if await request.is_disconnected():
                break
    raise ApiError(499, "the client went away")


def _event_stream(lines: AsyncIterator[str], events: Answering) -> StreamingResponse:
    async def body() -> AsyncGenerator[str, None]:
        async with aclosing(events):
            async for line in lines:
                yield line

    return StreamingResponse(
        body(), media_type="text/event-stream", headers={"cache-control": "no-store"}
    )


async def _chat_chunks(
    first: Event, events: Answering, ident: str, body: ChatRequest
) -> AsyncGenerator[str, None]:
    """Server-sent events of a streamed completion.

    The content is the checked answer, a sentence at a time once it is checked; meanwhile the
    draft goes under `plumbline.draft`. With `drafts` the content is the draft itself.
    """

    def line(delta: Mapping[str, Any], **more: Any) -> str:
        return _data(chunk(ident, body.model, dict(delta), **more))

    yield line({"role": "assistant", "content": ""})
    async for event in _from(first, events):
        if isinstance(event, str):
            yield event
        elif isinstance(event, Delta):
            if body.plumbline.drafts:
                yield line({"content": event.text})
            else:
                yield line({}, plumbline={"draft": event.text})
        elif isinstance(event, Done):
            if not body.plumbline.drafts:
                for piece in _pieces(event.answer):
                    yield line({"content": piece})
            yield line({}, finish=True, plumbline=to_json(event.answer))
            yield "data: [DONE]\n\n"


async def _answer_events(first: Event, events: Answering) -> AsyncGenerator[str, None]:
    """Server-sent events named retrieved, delta, done and error."""
    async for event in _from(first, events):
        if isinstance(event, str):
            yield event
        elif isinstance(event, Retrieved):
            found = {
                "standalone_question": event.standalone_question,
                "passages": len(event.hits),
            }
            yield f"event: retrieved\n{_data(found)}"
        elif isinstance(event, Delta):
            yield f"event: delta\n{_data({'text': event.text})}"
        elif isinstance(event, Done):
            yield f"event: done\n{_data(to_json(event.answer))}"


async def _from(first: Event, events: Answering) -> AsyncGenerator[Event | str, None]:
    """The events from `first` on; a comment line while nothing happens, an error as data."""
    yield first
    try:
        async for event in events:
            yield ": waiting\n\n" if isinstance(event, Waiting) else event
    except (PlumbError, Interrupted) as err:
        yield f"event: error\n{_data(error_body(status_of(err), str(err)))}"


def _pieces(answer: Answer) -> list[str]:
    """The answer cut after each sentence; joined, they are the answer."""
    ends = [sentence.end for sentence in answer.sentences]
    cuts = [0, *ends[:-1], len(answer.answer)] if ends else [0, len(answer.answer)]
    return [answer.answer[start:end] for start, end in pairwise(cuts)]


def _data(value: Mapping[str, Any]) -> str:
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n"
