"""The page: which event calls which handler, and the style and script that go with it.

What happens is in `handlers`, what there is in `layout`, what it looks like in `render` and
`static/`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from eval.systems.collection import PREFIX
from rag.config import Settings
from web import render_documents, render_filters, render_reports
from web.access.desk import page_asker
from web.asker import page_user
from web.asking import Asking
from web.conversations import Conversations
from web.engine import Engine
from web.escape import esc
from web.handlers import Handlers
from web.layout import Parts, lay_out
from web.library import Library
from web.reports import Reports
from web.running import Runs
from web.texts import Texts, texts
from web.texts_filters import filter_texts

STATIC = Path(__file__).parent / "static"
SYSTEM_FONTS = (
    "system-ui",
    "-apple-system",
    "Segoe UI",
    "PingFang SC",
    "Microsoft YaHei",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "sans-serif",
)
MONO_FONTS = ("ui-monospace", "SFMono-Regular", "Consolas", "monospace")
STYLES = ("page.css", "pane.css", "talk.css", "shelf.css")
SCRIPTS = (
    "page.js",
    "pane.js",
    "talk.js",
    "shelf.js",
    "collections.js",
    "watches.js",
    "said.js",
    "filters.js",
    "trust.js",
    "feedback.js",
)
CACHE_S = 3600
"""How long Gradio keeps copies of files, in seconds."""

Updates = dict[Any, Any]
"""New values by component."""
_LANGUAGE = "() => [window.plumbline.language()]"
_TALK = "() => [window.plumbline.conversation(), window.plumbline.language()]"
_FRESH = "(collection) => [collection, window.plumbline.fresh()]"
_PLACE = "(_, collection) => window.plumbline.place(collection)"
_ASKED = "(_, collection) => [...window.plumbline.place(collection), window.plumbline.only()]"
_ASKED_AFTER = (
    "(first, _, collection) => "
    "[first, ...window.plumbline.place(collection), window.plumbline.only()]"
)
_PLACE_AFTER = "(first, _, collection) => [first, ...window.plumbline.place(collection)]"
"""What the browser adds to an event: which conversation this is, and the reader's language. The
server keeps neither, so that a page outlives a restart."""


def build_page(
    engine: Engine,
    settings: Settings,
    conversations: Conversations,
    library: Library | None = None,
    runs: Runs | None = None,
) -> gr.Blocks:
    """The page over an engine and a library, the home's if none is given, and the answers under
    way; its theme, style and script are given by `page_assets`."""
    with gr.Blocks(
        title="Plumbline",
        analytics_enabled=False,
        fill_width=True,
        delete_cache=(CACHE_S, CACHE_S),
    ) as page:
        # Before anyone has said who they are, no collection is named.
        parts = lay_out("")
        asking = Asking(engine, conversations, page_user, settings.collection, runs)
        handlers = Handlers(engine, library or Library(settings), asking)
        reports = Reports(settings.home_dir, page_asker)
        speaker = _Speaker(parts, engine, settings, reports, handlers, asking)
        spoken = _wire_language(page, parts, speaker)
        _wire_asking(parts, handlers, asking, spoken)
        _wire_documents(parts, handlers)
        _wire_reports(parts, reports)
        memory = parts.memory
        status = [parts.header.status, memory.timer]
        _quiet(memory.timer.tick, handlers.tick, [memory.language], status, js=_LANGUAGE)
    # The engine queues; Gradio must not queue a second time.
    page.queue(default_concurrency_limit=None, api_open=False)
    return page  # type: ignore[no-any-return]


def page_assets() -> dict[str, Any]:
    """Theme, style and script, as `gr.mount_gradio_app` takes them. Nothing in them is remote."""
    theme = gr.themes.Base(
        primary_hue=gr.themes.colors.teal,
        neutral_hue=gr.themes.colors.slate,
        font=SYSTEM_FONTS,
        font_mono=MONO_FONTS,
    )
    style = _joined(STYLES)
    script = _joined(SCRIPTS)
    # Gradio rewrites the selectors of its `css`, lists in media queries wrongly; `head` it keeps.
    head = f"<style>{style}</style><script>{script}</script>"
    return {"theme": theme, "head": head, "favicon_path": str(STATIC / "favicon.svg")}


def _joined(names: Sequence[str]) -> str:
    return "\n".join((STATIC / name).read_text(encoding="utf-8") for name in names)


def offered(known: Sequence[str], chosen: str) -> list[str]:
    """The collections to choose from: those that evaluation runs made are left out, unless one is
    chosen already."""
    return [name for name in known if name == chosen or not name.startswith(PREFIX)]


class _Speaker:
    """Says everything on the page in one language, and brings it up to date on the way."""

    def __init__(
        self,
        parts: Parts,
        engine: Engine,
        settings: Settings,
        reports: Reports,
        handlers: Handlers,
        asking: Asking,
    ) -> None:
        self._parts = parts
        self._engine = engine
        self._settings = settings
        self._reports = reports
        self._handlers = handlers
        self._asking = asking

    @property
    def outputs(self) -> list[Any]:
        """The components that `speak` sets."""
        parts = self._parts
        rooms = (parts.header, parts.asking, parts.shelf, parts.evaluation)
        spoken = [part for room in rooms for part in _components(room)]
        silent = (parts.shelf.news, parts.header.resume)
        return [part for part in spoken if part not in silent]

    async def speak(self, conversation: str, collection: str, language: str) -> Updates:
        """All of the page in `language`, with the conversation and the collection it is about."""
        t = texts(language)
        exchanges = self._asking.exchanges(conversation)
        if exchanges:
            collection = exchanges[-1].collection or collection
        known = await self._engine.collections()
        if collection not in known:
            collection = next((n for n in [self._settings.collection, *known] if n in known), "")
        collections = offered(known, collection) or [""]
        documents, broken = await self._handlers.held(collection, language)
        shelf, evaluation = self._parts.shelf, self._parts.evaluation
        limit = self._settings.server.max_upload_mb
        past, current, answering = self._asking.shown(conversation, t)
        welcome = broken
        if not (current or broken):
            welcome = await self._handlers.welcome(collection, language)
        return {
            **self._header(collections, collection, t),
            **self._ask(past, current or welcome, collection, t, answering=answering),
            shelf.tab: gr.update(label=render_documents.documents_label(len(documents), t)),
            shelf.collections: self._handlers.bar(collection, language),
            shelf.upload: gr.update(label=t.add_documents),
            shelf.upload_help: render_documents.upload_help(limit, t),
            shelf.documents: broken or render_documents.document_list(documents, t, collection),
            evaluation.tab: gr.update(label=t.reports_tab),
            evaluation.reports: await _listed(self._reports, collection, t),
        }

    async def alter(
        self, event: gr.EventData, conversation: str, collection: str, language: str
    ) -> Updates:
        """Make, rename or remove a collection, then all of the page anew."""
        told, chosen = await self._handlers.change_collection(event._data, collection, language)
        return {
            **await self.speak(conversation, chosen, language),
            self._parts.shelf.news: told,
        }

    def _header(self, collections: list[str], collection: str, t: Texts) -> Updates:
        header = self._parts.header
        return {
            header.brand: render_documents.brand(t),
            header.status: render_documents.readiness(self._engine.readiness, t),
            header.languages: render_documents.language_switch(t),
            header.fresh: gr.update(value=t.new_conversation),
            header.collection: gr.update(
                label=t.collection,
                choices=collections,
                value=collection,
                visible=len(collections) > 1,
            ),
        }

    def _ask(
        self, past: str, current: str, collection: str, t: Texts, *, answering: bool
    ) -> Updates:
        asking = self._parts.asking
        return {
            asking.tab: gr.update(label=t.ask_tab),
            asking.past: past,
            asking.current: current,
            asking.filters: render_filters.filter_button(collection, filter_texts(t.language)),
            asking.box: gr.update(label=t.question_label, placeholder=t.question_hint),
            asking.ask: gr.update(value=t.ask, visible=not answering),
            asking.stop: gr.update(value=t.stop, visible=answering),
        }


def _wire_language(page: gr.Blocks, parts: Parts, speaker: _Speaker) -> list[Any]:
    """The events after which the whole page is drawn."""
    header, memory = parts.header, parts.memory
    place = [memory.conversation, header.collection, memory.language]
    shown = "() => { window.plumbline.show(); }"
    loaded = _quiet(page.load, speaker.speak, place, speaker.outputs, js=_PLACE)
    loaded.then(fn=None, js=shown)
    spoken = [
        _quiet(listen, speaker.speak, place, speaker.outputs, js=_PLACE)
        for listen in (header.languages.choose, header.resume.resume)
    ]
    outputs = [*speaker.outputs, parts.shelf.news]
    _quiet(parts.shelf.collections.alter, speaker.alter, place, outputs, js=_PLACE)
    return [loaded, *spoken]


def _wire_asking(parts: Parts, handlers: Handlers, asking: Asking, spoken: Sequence[Any]) -> None:
    header, shelf, memory = parts.header, parts.shelf, parts.memory
    asked = parts.asking
    place = [memory.conversation, header.collection, memory.language, memory.only]
    buttons = [asked.ask, asked.stop]
    outputs = [asked.past, asked.current, asked.box, *buttons]
    running = [
        _quiet(listen, asking.ask, [asked.box, *place], outputs, js=_ASKED_AFTER)
        for listen in (asked.box.submit, asked.ask.click)
    ]
    running += [
        _quiet(part.act, asking.act, place, outputs, js=_ASKED)
        for part in (asked.past, asked.current)
    ]
    talk = [memory.conversation, memory.language]
    running += [_quiet(one.then, asking.follow, talk, outputs, js=_TALK) for one in spoken]
    # A stopped answer ends by itself, and is drawn as it ended by those that follow it.
    _quiet(asked.stop.click, asking.after_stop, talk, outputs, js=_TALK)
    for listen in (header.fresh.click, header.collection.input):
        # Gradio cancels after the handler of the same listener: what a person asked meanwhile
        # would go with it.
        listen(None, cancels=running)
        _quiet(
            listen,
            handlers.new_conversation,
            [header.collection, memory.language],
            [*outputs, shelf.documents, shelf.tab, shelf.news, shelf.collections, asked.filters],
            js=_FRESH,
        )


def _wire_documents(parts: Parts, handlers: Handlers) -> None:
    shelf, memory = parts.shelf, parts.memory
    place = [memory.conversation, parts.header.collection, memory.language]
    outputs = [shelf.news, shelf.documents, shelf.tab, parts.asking.current]
    _quiet(shelf.upload.upload, handlers.add, [shelf.upload, *place], outputs, js=_PLACE_AFTER)
    _quiet(shelf.documents.remove, handlers.remove, place, outputs, js=_PLACE)


def _wire_reports(parts: Parts, reports: Reports) -> None:
    async def listed(_: str, collection: str, language: str) -> str:
        return await _listed(reports, collection, texts(language))

    evaluation, memory = parts.evaluation, parts.memory
    place = [memory.conversation, parts.header.collection, memory.language]
    _quiet(evaluation.tab.select, listed, place, [evaluation.reports], js=_PLACE)


async def _listed(reports: Reports, collection: str, t: Texts) -> str:
    listed = render_reports.report_list(await asyncio.to_thread(reports.all), t)
    return (
        f'<div class="pl-trust" data-collection="{esc(collection)}"></div>{listed}'
        '<div class="pl-feedback"></div>'
    )


def _components(part: Any) -> list[Any]:
    return [getattr(part, name) for name in part.__dataclass_fields__]


def _quiet(listen: Any, handler: Any, inputs: list[Any], outputs: list[Any], **more: Any) -> Any:
    """Wire without Gradio's spinner, and without a public endpoint."""
    return listen(
        handler,
        inputs,
        outputs,
        show_progress="hidden",
        api_visibility="private",
        **more,
    )
