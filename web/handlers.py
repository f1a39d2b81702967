"""What happens when a person does something on the page.

Each handler takes component values and returns values for the components named in `page`; the
words shown come from `texts`, the markup from `render` and `render_documents`. Knows nothing of
layout.
"""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import gradio as gr

from rag.errors import PlumbError
from rag.types import Delta, Done, Retrieved
from web import render, render_documents
from web.engine import Engine, Waiting
from web.exchange import Exchange, Exchanges, history
from web.texts import Texts, texts
from web.work import Reading, Upload

_log = logging.getLogger(__name__)

DRAFT_EVERY_S = 0.1
"""The draft is redrawn at most this often."""

Update = Any
"""A component's new value, or what `gr.update` returns."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What the ask handler sets: past and current exchanges as HTML, the conversation so far, the
    question box, and the buttons to ask, to stop and to begin anew."""

    past: Update
    current: Update
    exchanges: Update
    box: Update
    ask: Update
    stop: Update
    fresh: Update

    def values(self) -> tuple[Update, ...]:
        """In the order of the handler's outputs."""
        return tuple(getattr(self, field.name) for field in fields(self))


class Handlers:
    """The page's event handlers over one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def ask(
        self, question: str, exchanges: Exchanges, collection: str, language: str
    ) -> AsyncGenerator[tuple[Update, ...], None]:
        """Answer a question, redrawing the current exchange as it comes."""
        t = texts(language)
        question = question.strip()
        if not question:
            asks = gr.update(value="", placeholder=t.empty_question)
            yield (*(gr.skip() for _ in range(3)), asks, *(gr.skip() for _ in range(3)))
            return
        past = render.conversation(exchanges, t)
        number = len(exchanges) + 1
        yield Asking(
            past,
            render.pending(question, number, t.searching, "", t),
            # If the person stops it, this is what stays of it.
            (*exchanges, Exchange(question, problem=t.stopped, collection=collection)),
            gr.update(value="", placeholder=t.question_hint),
            gr.update(visible=False),
            gr.update(visible=True),
            gr.update(visible=True),
        ).values()
        last = Exchange(question, problem=t.unexpected, collection=collection)
        try:
            turns = history(exchanges)
            async with aclosing(self._engine.answer(collection, question, turns)) as events:
                async for step in _steps(events, question, number, t):
                    if isinstance(step, Exchange):
                        last = replace(step, collection=collection)
                    else:
                        yield _only_current(step)
        except PlumbError as err:
            last = Exchange(question, problem=t.problem(err), collection=collection)
        except Exception:
            # Raised, it would leave an answer in the making for ever, under Gradio's own "Error".
            _log.exception("answering failed")
        yield _ended(exchanges, last, t)

    def after_stop(self, exchanges: Exchanges, language: str) -> tuple[Update, ...]:
        """Redraw after the person stopped an answer."""
        past, current = drawn(exchanges, texts(language))
        return past, current, gr.update(visible=True), gr.update(visible=False)

    async def new_conversation(self, collection: str, language: str) -> tuple[Update, ...]:
        """Forget the conversation; also what a change of collection does."""
        t = texts(language)
        documents = await self._engine.documents(collection)
        return (
            (),
            render.empty(len(documents), t),
            "",
            gr.update(visible=True),
            gr.update(visible=False),
            gr.update(visible=False),
            render_documents.document_list(documents, t),
            gr.update(label=render_documents.documents_label(len(documents), t)),
            "",
        )

    async def add(
        self, files: Sequence[str] | None, exchanges: Exchanges, collection: str, language: str
    ) -> AsyncGenerator[tuple[Update, ...], None]:
        """Take files in, with progress, then the receipt and the new list."""
        t = texts(language)
        uploads = [Upload(Path(file).name, Path(file)) for file in files or ()]
        if not uploads:
            yield (gr.skip(),) * 4
            return
        news = render_documents.in_progress(None, t)
        yield news, gr.skip(), gr.skip(), gr.skip()
        try:
            async with aclosing(self._engine.ingest(collection, uploads)) as steps:
                async for step in steps:
                    if isinstance(step, Reading):
                        news = render_documents.in_progress(step, t)
                        yield news, gr.skip(), gr.skip(), gr.skip()
                    elif step is not None:
                        news = render_documents.receipt(step, t)
        except PlumbError as err:
            news = render_documents.problem(t.problem(err))
        except Exception:
            _log.exception("reading uploads failed")
            news = render_documents.problem(t.unexpected)
        yield news, *await self._documents(exchanges, collection, t)

    async def remove(
        self, event: gr.EventData, exchanges: Exchanges, collection: str, language: str
    ) -> tuple[Update, ...]:
        """Take a document out of the collection."""
        t = texts(language)
        try:
            gone = await self._engine.remove(collection, str(event._data.get("document", "")))
            news = render_documents.notice(t.removed.format(name=gone.name))
        except PlumbError as err:
            news = render_documents.problem(t.problem(err))
        return news, *await self._documents(exchanges, collection, t)

    async def _documents(
        self, exchanges: Exchanges, collection: str, t: Texts
    ) -> tuple[Update, Update, Update]:
        """The list, the tab's label, and the welcome if no question was asked yet."""
        documents = await self._engine.documents(collection)
        welcome = gr.skip() if exchanges else render.empty(len(documents), t)
        return (
            render_documents.document_list(documents, t),
            gr.update(label=render_documents.documents_label(len(documents), t)),
            welcome,
        )

    def tick(self, language: str) -> tuple[Update, Update]:
        """The status line, and whether the timer goes on."""
        state = self._engine.readiness
        return (
            render_documents.readiness(state, texts(language)),
            gr.update(active=state.phase != "ready"),
        )


def drawn(exchanges: Exchanges, t: Texts) -> tuple[str, str]:
    """Past and current exchanges as HTML, the last one being the current."""
    if not exchanges:
        return "", ""
    return (
        render.conversation(exchanges[:-1], t),
        render.finished(exchanges[-1], len(exchanges), t),
    )


def _ended(exchanges: Exchanges, last: Exchange, t: Texts) -> tuple[Update, ...]:
    return Asking(
        gr.skip(),
        render.finished(last, len(exchanges) + 1, t),
        (*exchanges, last),
        gr.skip(),
        gr.update(visible=True),
        gr.update(visible=False),
        gr.skip(),
    ).values()


def _only_current(markup: str) -> tuple[Update, ...]:
    return (gr.skip(), markup, *(gr.skip() for _ in fields(Asking)[2:]))


async def _steps(
    events: AsyncGenerator[Any, None], question: str, number: int, t: Texts
) -> AsyncGenerator[str | Exchange, None]:
    """The current exchange as HTML after each event worth drawing, at last the exchange itself."""
    stage, draft, drawn_at = t.searching, "", 0.0
    async for event in events:
        if isinstance(event, Done):
            yield Exchange(question, event.answer)
            return
        if isinstance(event, Delta):
            draft += event.text
            if time.monotonic() - drawn_at < DRAFT_EVERY_S:
                continue
        elif isinstance(event, Retrieved):
            stage = t.reading.format(passages=len(event.hits))
        elif isinstance(event, Waiting):
            if event.loading:
                stage = t.waiting_models
            elif event.ahead:
                stage = t.waiting_queue.format(ahead=event.ahead)
            else:
                continue
        drawn_at = time.monotonic()
        yield render.pending(question, number, stage, draft, t)
