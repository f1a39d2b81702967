"""What the page's script asks for about feedback: to keep it, to list it, to download it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from rag.errors import PlumbError
from web.access.identity import may_read
from web.asker import user_of
from web.conversations import Conversations
from web.escape import esc
from web.exchange import history
from web.feedback import Entry, Feedback, Form, lines, now
from web.page_routes import BODY_LIMIT, PREFIX
from web.texts_feedback import FeedbackTexts, feedback_texts


class _Said(BaseModel):
    """An opinion of an exchange of one of the asker's conversations."""

    model_config = ConfigDict(extra="forbid")
    conversation: str = Field(max_length=100)
    number: int = Field(ge=1, le=100_000)
    rating: Literal[1, -1]
    reason: str = Field(default="", max_length=10_000)
    corrected: str = Field(default="", max_length=100_000)


class FeedbackRoutes:
    """The routes over the feedback and the conversations that it is about."""

    def __init__(self, feedback: Feedback, conversations: Conversations) -> None:
        self._feedback = feedback
        self._conversations = conversations

    def routes(self) -> list[Route]:
        """For the application, before Gradio's own."""
        return [
            Route(f"{PREFIX}/feedback", self.keep, methods=["POST"]),
            Route(f"{PREFIX}/feedback", self.listed, methods=["GET"]),
            Route(f"{PREFIX}/feedback.jsonl", self.download, methods=["GET"]),
        ]

    async def keep(self, request: Request) -> Response:
        """Keep an opinion."""
        if int(request.headers.get("content-length", BODY_LIMIT + 1)) > BODY_LIMIT:
            return PlainTextResponse("the request is too large", status_code=413)
        user = user_of(request)
        try:
            said = _Said.model_validate_json(await request.body())
            exchanges = await asyncio.to_thread(
                self._conversations.exchanges, user, said.conversation
            )
            if said.number > len(exchanges):
                return PlainTextResponse("there is no such answer", status_code=404)
            about = exchanges[said.number - 1]
            turns = tuple(history(exchanges[: said.number - 1]))
            entry = Entry(
                now(), said.rating, said.reason.strip(), said.corrected.strip(), turns, about
            )
            await asyncio.to_thread(self._feedback.put, user, said.conversation, said.number, entry)
        except ValidationError as err:
            return PlainTextResponse(f"not feedback: {err.errors()[0]['msg']}", status_code=422)
        except PlumbError as err:
            return PlainTextResponse(str(err), status_code=422)
        return Response(status_code=204)

    async def _readable(self, request: Request) -> list[Entry]:
        """The asker's feedback, as far as they may still read what it is about."""
        found = await asyncio.to_thread(self._feedback.listed, user_of(request))
        return [entry for entry in found if may_read(request, entry.exchange.collection)]

    async def listed(self, request: Request) -> Response:
        """The asker's feedback as HTML."""
        t = feedback_texts(request.query_params.get("language", "en"))
        try:
            found = await self._readable(request)
        except PlumbError as err:
            return PlainTextResponse(str(err), status_code=500)
        return HTMLResponse(feedback_list(found, t))

    async def download(self, request: Request) -> Response:
        """The asker's feedback as JSON lines in one of the forms."""
        form = request.query_params.get("form", "questions")
        if form not in get_args(Form):
            return PlainTextResponse(f"form is one of {get_args(Form)}", status_code=422)
        try:
            found = await self._readable(request)
        except PlumbError as err:
            return PlainTextResponse(str(err), status_code=500)
        kind: Form = form  # type: ignore[assignment]
        body = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines(found, kind))
        headers = {"content-disposition": f'attachment; filename="feedback-{form}.jsonl"'}
        return Response(body, media_type="application/x-ndjson", headers=headers)


def feedback_list(entries: Sequence[Entry], t: FeedbackTexts) -> str:
    """The entries with links to download them, as escaped markup."""
    title = f'<h3 class="pl-receipt-title">{esc(t.title)}</h3>'
    if not entries:
        return f'{title}<p class="pl-none">{esc(t.none)}</p>'
    links = " ".join(
        f'<a class="pl-quiet" href="{PREFIX}/feedback.jsonl?form={form}" download>'
        f"{esc(getattr(t, form))}</a>"
        for form in get_args(Form)
    )
    rows = "".join(_row(entry, t) for entry in entries)
    return f'{title}<p class="pl-help">{esc(t.help)} {links}</p><ul class="pl-opinions">{rows}</ul>'


def _row(entry: Entry, t: FeedbackTexts) -> str:
    sign, word = ("＋", t.good) if entry.rating > 0 else ("－", t.bad)
    parts = [entry.exchange.answer.answer if entry.exchange.answer else "", entry.reason]
    said = "".join(f"<p>{esc(part)}</p>" for part in parts if part)
    better = f'<p class="pl-better">{esc(entry.corrected)}</p>' if entry.corrected else ""
    return (
        f'<li><p><span class="pl-change">{sign} {esc(word)}</span> '
        f"<strong>{esc(entry.exchange.question)}</strong> "
        f'<span class="pl-small">{esc(entry.at[:10])}</span></p>{said}{better}</li>'
    )
