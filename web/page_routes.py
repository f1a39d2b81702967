"""What the page's own script asks for, beside Gradio: sources, pictures of pages, files.

The guard lets in whoever may see the page; `web.access` says who may read which collection.
"""

from __future__ import annotations

import asyncio

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from rag.errors import CollectionError, DocumentError, PlumbError
from rag.types import Span
from web import render_collections, render_filters, render_pane
from web.api_errors import status_of
from web.engine import Engine
from web.filters import choices
from web.library import Library, Quoted
from web.streams import sent_file
from web.texts_collections import collection_texts
from web.texts_filters import filter_texts
from web.texts_source import source_texts

PREFIX = "/page"
BODY_LIMIT = 2**20
"""Bytes that a request may have: a page of quotes, and room to spare."""


class _Asked(BaseModel):
    """A place that the script asks for: `spans` and `quotes` go together."""

    model_config = ConfigDict(extra="forbid")
    collection: str = Field(max_length=100)
    document: str = Field(max_length=100)
    page: int = Field(ge=1)
    spans: list[Span] = Field(default=[], max_length=100)
    quotes: list[str] = Field(default=[], max_length=100)
    number: str = Field(default="", max_length=9)
    preview: bool = False
    language: str = Field(default="en", max_length=20)


class PageRoutes:
    """The routes over one home's collections; `engine` is a desk."""

    def __init__(self, library: Library, engine: Engine) -> None:
        self._library = library
        self._engine = engine

    def routes(self) -> list[Route]:
        """For the application, before Gradio's own."""
        return [
            Route(f"{PREFIX}/source", self.source, methods=["POST"]),
            Route(f"{PREFIX}/picture", self.picture, methods=["GET"]),
            Route(f"{PREFIX}/file", self.file, methods=["GET"]),
            Route(f"{PREFIX}/filters", self.filters, methods=["GET"]),
            Route(f"{PREFIX}/belongings", self.belongings, methods=["GET"]),
        ]

    async def source(self, request: Request) -> Response:
        """The pane for a place in a document."""
        if int(request.headers.get("content-length", BODY_LIMIT + 1)) > BODY_LIMIT:
            return PlainTextResponse("the request is too large", status_code=413)
        try:
            asked = _Asked.model_validate_json(await request.body())
        except ValidationError as err:
            return PlainTextResponse(f"not a place: {err.errors()[0]['msg']}", status_code=422)
        t = source_texts(asked.language)
        quoted = [Quoted(s, q) for s, q in zip(asked.spans, asked.quotes, strict=False)]
        try:
            found = await asyncio.to_thread(
                self._library.source, asked.collection, asked.document, asked.page, quoted
            )
        except PlumbError:
            return HTMLResponse(render_pane.gone(asked.quotes, t), status_code=404)
        if asked.preview:
            return HTMLResponse(render_pane.preview(found, asked.collection, t))
        return HTMLResponse(render_pane.pane(found, asked.collection, asked.number, t))

    async def picture(self, request: Request) -> Response:
        """A page as PNG; the header `x-marked` says where the first marked words begin, as shares
        of width and height, and is empty where none are marked."""
        get = request.query_params.get
        try:
            spans = _spans(get("spans", ""))
            page = int(get("page", "1"))
        except ValueError:
            return PlainTextResponse("page and spans are numbers", status_code=422)
        collection, document = get("collection", ""), get("document", "")
        try:
            png, at = await asyncio.to_thread(
                self._library.picture, collection, document, page, spans
            )
        except (CollectionError, DocumentError) as err:
            return PlainTextResponse(str(err), status_code=404)
        marked = "" if at is None else f"{at[0]:.4f},{at[1]:.4f}"
        headers = {"x-marked": marked, "cache-control": "private, max-age=600"}
        return Response(png, media_type="image/png", headers=headers)

    async def file(self, request: Request) -> Response:
        """A document's file, to be kept and never shown by the browser in this place."""
        get = request.query_params.get
        collection, document = get("collection", ""), get("document", "")
        try:
            info, file = await asyncio.to_thread(self._library.file, collection, document)
        except PlumbError as err:
            return PlainTextResponse(str(err), status_code=404)
        return sent_file(info, file)

    async def filters(self, request: Request) -> Response:
        """The fields by which the documents of a collection can be told apart."""
        try:
            held = await self._engine.documents(request.query_params.get("collection", ""))
        except PlumbError as err:
            return PlainTextResponse(str(err), status_code=status_of(err))
        t = filter_texts(request.query_params.get("language", "en"))
        return HTMLResponse(render_filters.fields(choices(held), t))

    async def belongings(self, request: Request) -> Response:
        """What would go with a collection, for who may remove it."""
        name = request.query_params.get("collection", "")
        try:
            held = await self._engine.belongings(name)
        except PlumbError as err:
            return PlainTextResponse(str(err), status_code=status_of(err))
        t = collection_texts(request.query_params.get("language", "en"))
        return HTMLResponse(render_collections.going(name, held, t))


def _spans(text: str) -> list[Span]:
    """Spans written as "3-8,20-25"."""
    pairs = [one.split("-") for one in text.split(",") if one]
    return [(int(start), int(end)) for start, end in pairs]
