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
from web import render, render_documents, render_reports
from web.engine import Engine
from web.exchange import Exchanges
from web.handlers import Handlers, drawn
from web.layout import Parts, lay_out
from web.reports import Reports
from web.texts import Texts, texts

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
STYLES = ("page.css", "pane.css")
SCRIPTS = ("page.js", "pane.js")
CACHE_S = 3600
"""How long Gradio keeps copies of files, in seconds."""

Updates = dict[Any, Any]
"""New values by component."""


def build_page(engine: Engine, settings: Settings) -> gr.Blocks:
    """The page over an engine; its theme, style and script are given by `page_assets`."""
    with gr.Blocks(
        title="Plumbline",
        analytics_enabled=False,
        fill_width=True,
        delete_cache=(CACHE_S, CACHE_S),
    ) as page:
        parts = lay_out(settings.collection)
        handlers = Handlers(engine)
        reports = Reports(settings.home_dir)
        _wire_language(page, parts, _Speaker(parts, engine, settings, reports))
        _wire_asking(parts, handlers)
        _wire_documents(parts, handlers)
        _wire_reports(parts, reports)
        memory = parts.memory
        _quiet(
            memory.timer.tick, handlers.tick, [memory.language], [parts.header.status, memory.timer]
        )
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

    def __init__(self, parts: Parts, engine: Engine, settings: Settings, reports: Reports) -> None:
        self._parts = parts
        self._engine = engine
        self._settings = settings
        self._reports = reports

    @property
    def outputs(self) -> list[Any]:
        """The components that `speak` sets."""
        parts = self._parts
        rooms = (parts.header, parts.asking, parts.shelf, parts.evaluation)
        spoken = [part for room in rooms for part in _components(room)]
        return [parts.memory.language, *(part for part in spoken if part is not parts.shelf.news)]

    async def speak(self, language: str, exchanges: Exchanges, collection: str) -> Updates:
        """All of the page in `language`."""
        t = texts(language)
        if collection not in (known := await self._engine.collections()):
            collection = self._settings.collection
        collections = offered(known, collection)
        documents = await self._engine.documents(collection)
        shelf, evaluation = self._parts.shelf, self._parts.evaluation
        limit = self._settings.server.max_upload_mb
        return {
            self._parts.memory.language: t.language,
            **self._header(collections, collection, t),
            **self._asking(exchanges, len(documents), t),
            shelf.tab: gr.update(label=render_documents.documents_label(len(documents), t)),
            shelf.upload: gr.update(label=t.add_documents),
            shelf.upload_help: render_documents.upload_help(limit, t),
            shelf.documents: render_documents.document_list(documents, t),
            evaluation.tab: gr.update(label=t.reports_tab),
            evaluation.reports: await _listed(self._reports, t),
        }

    async def choose(self, event: gr.EventData, exchanges: Exchanges, collection: str) -> Updates:
        """The same, in the language whose button was pressed."""
        return await self.speak(str(event._data.get("language", "en")), exchanges, collection)

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

    def _asking(self, exchanges: Exchanges, documents: int, t: Texts) -> Updates:
        asking = self._parts.asking
        past, current = drawn(exchanges, t)
        return {
            asking.tab: gr.update(label=t.ask_tab),
            asking.past: past,
            asking.current: current or render.empty(documents, t),
            asking.box: gr.update(label=t.question_label, placeholder=t.question_hint),
            asking.ask: gr.update(value=t.ask),
            asking.stop: gr.update(value=t.stop),
        }


def _wire_language(page: gr.Blocks, parts: Parts, speaker: _Speaker) -> None:
    place = [parts.memory.exchanges, parts.header.collection]
    _quiet(
        page.load,
        speaker.speak,
        [parts.memory.told_language, *place],
        speaker.outputs,
        js="(_, exchanges, collection) => [window.plumbline.language(), exchanges, collection]",
    ).then(fn=None, js="() => { window.plumbline.show(); }")
    _quiet(parts.header.languages.choose, speaker.choose, place, speaker.outputs)


def _wire_asking(parts: Parts, handlers: Handlers) -> None:
    header, asking, shelf, memory = parts.header, parts.asking, parts.shelf, parts.memory
    inputs = [asking.box, memory.exchanges, header.collection, memory.language]
    buttons = [asking.ask, asking.stop]
    outputs = [asking.past, asking.current, memory.exchanges, asking.box, *buttons, header.fresh]
    running = [
        _quiet(listen, handlers.ask, inputs, outputs)
        for listen in (asking.box.submit, asking.ask.click)
    ]
    _quiet(
        asking.stop.click,
        handlers.after_stop,
        [memory.exchanges, memory.language],
        [asking.past, asking.current, *buttons],
        cancels=running,
    )
    cleared = [memory.exchanges, asking.current, asking.past, *buttons, header.fresh]
    for listen in (header.fresh.click, header.collection.input):
        _quiet(
            listen,
            handlers.new_conversation,
            [header.collection, memory.language],
            [*cleared, shelf.documents, shelf.tab, shelf.news],
            cancels=running,
        )


def _wire_documents(parts: Parts, handlers: Handlers) -> None:
    shelf, memory = parts.shelf, parts.memory
    place = [memory.exchanges, parts.header.collection, memory.language]
    outputs = [shelf.news, shelf.documents, shelf.tab, parts.asking.current]
    _quiet(shelf.upload.upload, handlers.add, [shelf.upload, *place], outputs)
    _quiet(shelf.documents.remove, handlers.remove, place, outputs)


def _wire_reports(parts: Parts, reports: Reports) -> None:
    async def listed(language: str) -> str:
        return await _listed(reports, texts(language))

    evaluation = parts.evaluation
    _quiet(evaluation.tab.select, listed, [parts.memory.language], [evaluation.reports])


async def _listed(reports: Reports, t: Texts) -> str:
    return render_reports.report_list(await asyncio.to_thread(reports.all), t)


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
