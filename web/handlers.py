"""What happens when a person does something on the page beside asking.

Each handler takes component values and returns values for the components named in `page`; the
words shown come from `texts`, the markup from `render_documents`. Knows nothing of
layout.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

import gradio as gr

from rag.errors import PlumbError
from rag.types import DocumentInfo
from web import render_collections, render_documents, render_filters, render_talk
from web.asking import Asking
from web.engine import Engine
from web.library import Library
from web.shown import buttons
from web.suggest import suggestions
from web.texts import Texts, texts
from web.texts_collections import collection_texts
from web.texts_filters import filter_texts
from web.texts_shelf import shelf_texts
from web.work import Reading, Upload

_log = logging.getLogger(__name__)

Update = Any
"""A component's new value, or what `gr.update` returns."""


class Handlers:
    """The page's event handlers over one engine, but those of `asking`."""

    def __init__(self, engine: Engine, library: Library, asking: Asking) -> None:
        self._engine = engine
        self._library = library
        self._asking = asking

    async def held(self, collection: str, language: str) -> tuple[list[DocumentInfo], str]:
        """The documents; or none, and why the collection cannot be opened, as HTML: the page must
        come up to say so, and to offer the other collections."""
        try:
            return await self._engine.documents(collection), ""
        except PlumbError as err:
            return [], render_documents.problem(texts(language).problem(err))

    async def welcome(self, collection: str, language: str) -> str:
        """What a conversation shows before its first question."""
        t = texts(language)
        documents = await self._engine.documents(collection)
        return self._welcome(collection, documents, t)

    def _welcome(self, collection: str, documents: Sequence[DocumentInfo], t: Texts) -> str:
        pages = self._library.first_pages(collection, documents)
        return render_talk.welcome(len(documents), suggestions(pages, t.language), t)

    async def new_conversation(self, collection: str, language: str) -> tuple[Update, ...]:
        """Begin anew; also what a change of collection does."""
        t = texts(language)
        documents, broken = await self.held(collection, language)
        return (
            *("", broken or self._welcome(collection, documents, t), gr.skip()),
            *buttons(asking=False),
            broken or render_documents.document_list(documents, t, collection),
            gr.update(label=render_documents.documents_label(len(documents), t)),
            "",
            self.bar(collection, language),
            render_filters.filter_button(collection, filter_texts(language)),
        )

    def bar(self, collection: str, language: str) -> str:
        """The collection's name and what may be done to it."""
        return render_collections.collection_bar(
            collection,
            managed=self._engine.may("manage", collection),
            makes=self._engine.may("manage", None),
            t=collection_texts(language),
        )

    async def change_collection(
        self, change: dict[str, Any], collection: str, language: str
    ) -> tuple[str, str]:
        """Make, rename or remove a collection: the news, and the collection to show then."""
        t = collection_texts(language)
        action, name, to = (str(change.get(key, "")) for key in ("action", "name", "to"))
        try:
            if action == "new":
                await self._engine.create(to)
                news = t.made.format(name=to)
            elif action == "rename":
                await self._engine.rename(name, to)
                news = t.renamed.format(before=name, name=to)
            elif action == "remove":
                await self._engine.discard(name)
                news = t.removed.format(name=name)
            else:
                return "", collection
        except PlumbError as err:
            reason = texts(language).problem(err)
            return render_documents.problem(t.failed.format(reason=reason)), collection
        return render_documents.notice(news), to

    async def add(
        self, files: Sequence[str] | None, conversation: str, collection: str, language: str
    ) -> AsyncGenerator[tuple[Update, ...], None]:
        """Take files in, with progress, then the receipt and the new list."""
        t = texts(language)
        collection = await self._asking.chosen(collection)
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
        yield news, *await self._documents(conversation, collection, t)

    async def remove(
        self, event: gr.EventData, conversation: str, collection: str, language: str
    ) -> tuple[Update, ...]:
        """Take a document out of the collection."""
        t = texts(language)
        try:
            gone = await self._engine.remove(collection, str(event._data.get("document", "")))
            news = await self._proof(collection, gone, t)
        except PlumbError as err:
            news = render_documents.problem(t.problem(err))
        return news, *await self._documents(conversation, collection, t)

    async def _proof(self, collection: str, gone: DocumentInfo, t: Texts) -> str:
        told = shelf_texts(t.language)
        prove = self._library.prove_absent
        try:
            await asyncio.to_thread(prove, collection, gone.document_id)
        except PlumbError as err:
            return render_documents.problem(told.unproven.format(name=gone.name, reason=err))
        return render_documents.notice(told.proven.format(name=gone.name))

    async def _documents(
        self, conversation: str, collection: str, t: Texts
    ) -> tuple[Update, Update, Update]:
        """The list, the tab's label, and the welcome if no question was asked yet."""
        documents = await self._engine.documents(collection)
        talking = self._asking.exchanges(conversation)
        welcome = gr.skip() if talking else self._welcome(collection, documents, t)
        return (
            render_documents.document_list(documents, t, collection),
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
