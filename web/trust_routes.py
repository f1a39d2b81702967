"""What the page's script asks for under "Trust", and why something was not found."""

from __future__ import annotations

import asyncio

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from rag.config import Settings
from rag.errors import PlumbError
from web import render_trust
from web.access.identity import NotThere
from web.api_errors import status_of
from web.asker import user_of
from web.conversations import Conversations
from web.engine import Engine
from web.page_routes import BODY_LIMIT, PREFIX
from web.texts_trust import trust_texts
from web.trust import health, measured, models_used


class _Missed(BaseModel):
    """Words that an exchange (counted from 1) of one of the asker's conversations missed."""

    model_config = ConfigDict(extra="forbid")
    conversation: str = Field(max_length=100)
    number: int = Field(ge=1, le=100_000)
    expect: str = Field(min_length=1, max_length=4000)
    language: str = Field(default="en", max_length=20)


class TrustRoutes:
    """The routes over one home; `engine` is a desk."""

    def __init__(self, settings: Settings, engine: Engine, conversations: Conversations) -> None:
        self._settings = settings
        self._engine = engine
        self._conversations = conversations

    def routes(self) -> list[Route]:
        """For the application, before Gradio's own."""
        return [
            Route(f"{PREFIX}/trust", self.trust, methods=["GET"]),
            Route(f"{PREFIX}/check", self.check, methods=["GET"]),
            Route(f"{PREFIX}/explain", self.explain, methods=["POST"]),
        ]

    async def trust(self, request: Request) -> Response:
        """Models in use and the verifier's accuracy; the collection's health on demand."""
        t = trust_texts(request.query_params.get("language", "en"))
        name = request.query_params.get("collection", "")
        shown = name if name and self._engine.may("read", name) else ""
        models = await asyncio.to_thread(models_used, self._settings)
        return HTMLResponse(render_trust.trust(shown, models, measured(), t))

    async def check(self, request: Request) -> Response:
        """What is wrong with a collection."""
        t = trust_texts(request.query_params.get("language", "en"))
        name = request.query_params.get("collection", "")
        try:
            if not await self._engine.knows(name):
                raise NotThere("there is no such collection that you may read")
            found = await asyncio.to_thread(health, self._settings, name)
        except PlumbError as err:
            return PlainTextResponse(str(err), status_code=status_of(err))
        return HTMLResponse(render_trust.findings(name, found, t))

    async def explain(self, request: Request) -> Response:
        """Why some words were not found for an answered question."""
        if int(request.headers.get("content-length", BODY_LIMIT + 1)) > BODY_LIMIT:
            return PlainTextResponse("the request is too large", status_code=413)
        try:
            missed = _Missed.model_validate_json(await request.body())
            exchanges = await asyncio.to_thread(
                self._conversations.exchanges, user_of(request), missed.conversation
            )
            if missed.number > len(exchanges):
                return PlainTextResponse("there is no such answer", status_code=404)
            about = exchanges[missed.number - 1]
            asked = about.answer.standalone_question if about.answer else about.question
            report = await self._engine.explain(
                about.collection, asked, missed.expect, about.only.where()
            )
        except ValidationError as err:
            return PlainTextResponse(f"not asked so: {err.errors()[0]['msg']}", status_code=422)
        except PlumbError as err:
            return PlainTextResponse(str(err), status_code=status_of(err))
        return HTMLResponse(render_trust.explanation(report, trust_texts(missed.language)))
