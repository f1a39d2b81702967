"""What the page's script asks about the tags and fields of a document: the form, and to keep it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from rag.errors import PlumbError
from web import render_said
from web.api_errors import status_of
from web.engine import Engine
from web.page_routes import BODY_LIMIT, PREFIX
from web.said import from_form
from web.texts import texts
from web.texts_said import said_texts


class _Said(BaseModel):
    """What a form says of a document."""

    model_config = ConfigDict(extra="forbid")
    collection: str = Field(max_length=100)
    document: str = Field(max_length=100)
    tags: str = Field(default="", max_length=10_000)
    date: str = Field(default="", max_length=20)
    fields: str = Field(default="", max_length=20_000)
    language: str = Field(default="en", max_length=20)


class SaidRoutes:
    """The routes over one engine, which is a desk."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def routes(self) -> list[Route]:
        """For the application, before Gradio's own."""
        return [
            Route(f"{PREFIX}/said", self.form, methods=["GET"]),
            Route(f"{PREFIX}/said", self.keep, methods=["POST"]),
        ]

    async def form(self, request: Request) -> Response:
        """The form for one document, filled."""
        get = request.query_params.get
        try:
            held = await self._engine.documents(get("collection", ""))
        except PlumbError as err:
            return PlainTextResponse(str(err), status_code=status_of(err))
        asked = get("document", "")
        info = next((one for one in held if one.document_id == asked), None)
        if info is None:
            return PlainTextResponse("there is no such document any more", status_code=404)
        return HTMLResponse(render_said.form(info, said_texts(get("language", "en"))))

    async def keep(self, request: Request) -> Response:
        """Keep what the form says; the reply to what cannot be kept says why."""
        if int(request.headers.get("content-length", BODY_LIMIT + 1)) > BODY_LIMIT:
            return PlainTextResponse("the request is too large", status_code=413)
        try:
            asked = _Said.model_validate_json(await request.body())
        except ValidationError as err:
            return PlainTextResponse(f"not kept: {err.errors()[0]['msg']}", status_code=422)
        try:
            said = from_form(asked.tags, asked.date, asked.fields)
            await self._engine.describe(asked.collection, asked.document, said)
        except PlumbError as err:
            told = texts(asked.language).problem(err)
            return PlainTextResponse(told, status_code=status_of(err))
        return Response(status_code=204)
