"""What the page's script asks about watched folders: how they stand, and to forget one."""

from __future__ import annotations

import asyncio

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from ingest.watch_state import forget_watched, watched
from rag.config import Settings
from rag.errors import PlumbError
from rag.store.folder import collection_folder
from web import render_watches
from web.access.identity import NotThere
from web.api_errors import status_of
from web.engine import Engine
from web.page_routes import BODY_LIMIT, PREFIX
from web.texts import texts
from web.texts_watches import watch_texts


class _Forgotten(BaseModel):
    """A watch that is to leave the list."""

    model_config = ConfigDict(extra="forbid")
    collection: str = Field(max_length=100)
    key: str = Field(pattern="^[0-9a-f]{16}$")


class WatchRoutes:
    """The routes over one home; `engine` is a desk. Paths of this machine are for those who may
    change the collection."""

    def __init__(self, settings: Settings, engine: Engine) -> None:
        self._settings = settings
        self._engine = engine

    def routes(self) -> list[Route]:
        """For the application, before Gradio's own."""
        return [
            Route(f"{PREFIX}/watches", self.listed, methods=["GET"]),
            Route(f"{PREFIX}/watches", self.forget, methods=["POST"]),
        ]

    async def listed(self, request: Request) -> Response:
        """The folders watched for a collection, as HTML; the header `x-documents` says how many
        documents it holds. Nothing for who may only read."""
        language = request.query_params.get("language", "en")
        name = request.query_params.get("collection", "")
        try:
            if not await self._allowed(name):
                return HTMLResponse("")
            folder = collection_folder(self._settings, name)
            found = await asyncio.to_thread(watched, folder)
            count = len(await self._engine.documents(name))
        except PlumbError as err:
            return PlainTextResponse(str(err), status_code=status_of(err))
        markup = render_watches.watches(name, found, watch_texts(language), texts(language))
        return HTMLResponse(markup, headers={"x-documents": str(count)})

    async def forget(self, request: Request) -> Response:
        """Take a watch that has ended off the list."""
        if int(request.headers.get("content-length", BODY_LIMIT + 1)) > BODY_LIMIT:
            return PlainTextResponse("the request is too large", status_code=413)
        try:
            asked = _Forgotten.model_validate_json(await request.body())
            if not await self._allowed(asked.collection):
                return PlainTextResponse("you may not change this collection", status_code=403)
            folder = collection_folder(self._settings, asked.collection)
            done = await asyncio.to_thread(forget_watched, folder, asked.key)
        except ValidationError as err:
            return PlainTextResponse(f"not a watch: {err.errors()[0]['msg']}", status_code=422)
        except PlumbError as err:
            return PlainTextResponse(str(err), status_code=status_of(err))
        return Response(status_code=204 if done else 404)

    async def _allowed(self, name: str) -> bool:
        """Whether the asker may change the collection. Raises NotThere where they may not read."""
        if not await self._engine.knows(name):
            raise NotThere("there is no such collection that you may read")
        return self._engine.may("write", name)
