"""What the page's script asks for about conversations: the list, renaming, deleting, and whether
the server is still the one that the page came from."""

from __future__ import annotations

import asyncio
import secrets
from datetime import UTC, datetime
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from rag.errors import PlumbError
from web import render_talk
from web.access import identity_of
from web.asker import user_of
from web.conversations import Conversations
from web.export import KINDS, exported, transcript
from web.login import account_link
from web.page_routes import BODY_LIMIT, PREFIX
from web.running import Runs
from web.texts_talk import talk_texts
from web.uploads import safe_name


class _Change(BaseModel):
    """A new title, or None to delete."""

    model_config = ConfigDict(extra="forbid")
    conversation: str = Field(max_length=100)
    title: str | None = Field(default=None, max_length=1000)


class TalkRoutes:
    """The routes over the conversations; `days` is how long they are kept after their last use: 0
    for ever, None until the process ends; `runs` are the answers under way."""

    def __init__(
        self, conversations: Conversations, days: int | None, runs: Runs | None = None
    ) -> None:
        self._conversations = conversations
        self._days = days
        self._runs = runs or Runs()
        self._process = secrets.token_hex(8)

    def routes(self) -> list[Route]:
        """For the application, before Gradio's own."""
        return [
            Route(f"{PREFIX}/alive", self.alive, methods=["GET"]),
            Route(f"{PREFIX}/drawer", self.drawer, methods=["GET"]),
            Route(f"{PREFIX}/conversations", self.listed, methods=["GET"]),
            Route(f"{PREFIX}/conversations", self.change, methods=["POST"]),
            Route(f"{PREFIX}/export", self.export, methods=["GET"]),
        ]

    async def alive(self, request: Request) -> Response:
        """A name for this process, and the words for a page that lost it. Of a conversation also
        how many questions it has, and how often the answer under way has changed, -1 where there is
        none: so a page that slept learns whether it shows what there is."""
        t = talk_texts(request.query_params.get("language", "en"))
        told: dict[str, object] = {"process": self._process, "lost": t.lost, "reload": t.reload}
        told |= {"restarted": t.restarted, "again": t.again}
        conversation = request.query_params.get("conversation", "")[:100]
        if conversation:
            key = (user_of(request), conversation)
            run = self._runs.newest(key)
            told["version"] = -1 if run is None else run.version
            told["asked"] = len(await asyncio.to_thread(self._conversations.exchanges, *key))
        return JSONResponse(told)

    async def drawer(self, request: Request) -> Response:
        """The drawer around the list."""
        language = request.query_params.get("language", "en")
        account = account_link(language, identity_of(request.scope))
        return HTMLResponse(render_talk.drawer(self._days, talk_texts(language)) + account)

    async def listed(self, request: Request) -> Response:
        """The asker's conversations, those with the words searched for."""
        t = talk_texts(request.query_params.get("language", "en"))
        words = request.query_params.get("search", "")[:200]
        try:
            found = await asyncio.to_thread(self._conversations.listed, user_of(request), words)
        except PlumbError as err:
            return PlainTextResponse(str(err), status_code=500)
        return HTMLResponse(render_talk.conversation_list(found, bool(words.strip()), t))

    async def change(self, request: Request) -> Response:
        """Rename or delete one of the asker's conversations."""
        if int(request.headers.get("content-length", BODY_LIMIT + 1)) > BODY_LIMIT:
            return PlainTextResponse("the request is too large", status_code=413)
        user = user_of(request)
        try:
            asked = _Change.model_validate_json(await request.body())
            if asked.title is None:
                done = await asyncio.to_thread(self._conversations.remove, user, asked.conversation)
            else:
                done = await asyncio.to_thread(
                    self._conversations.rename, user, asked.conversation, asked.title
                )
        except ValidationError as err:
            message = f"not a conversation: {err.errors()[0]['msg']}"
            return PlainTextResponse(message, status_code=422)
        except PlumbError as err:
            return PlainTextResponse(str(err), status_code=422)
        return Response(status_code=204 if done else 404)

    async def export(self, request: Request) -> Response:
        """One of the asker's conversations as a file."""
        get = request.query_params.get
        conversation, kind = get("conversation", ""), get("format", "md")
        if kind not in KINDS:
            return PlainTextResponse(f"format is one of {', '.join(KINDS)}", status_code=422)
        user = user_of(request)
        try:
            found = await asyncio.to_thread(self._conversations.one, user, conversation)
            exchanges = await asyncio.to_thread(self._conversations.exchanges, user, conversation)
            if found is None or not exchanges:
                return PlainTextResponse("there is no such conversation", status_code=404)
            now = datetime.now(UTC)
            language = get("language", "en")
            told = transcript(found.title, found.collection, exchanges, language, now)
            body = await asyncio.to_thread(exported, told, kind)
        except PlumbError as err:
            return PlainTextResponse(str(err), status_code=422)
        name = quote(f"{safe_name(found.title)[:60]}.{kind}")
        headers = {"content-disposition": f"attachment; filename*=UTF-8''{name}"}
        return Response(body, media_type=KINDS[kind].media_type, headers=headers)
