"""The page: layout and wiring of a Gradio Blocks app.

What happens is in `handlers`, what it looks like in `render` and `static/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from rag.config import Settings
from web import render, render_documents
from web.engine import Engine
from web.handlers import Exchanges, Handlers, drawn
from web.texts import EN, texts

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

CHOOSE_LANGUAGE = """
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-language]");
  if (button) {
    window.plumbline.remember(button.dataset.language);
    trigger("choose", { language: button.dataset.language });
  }
});
"""
REMOVE_DOCUMENT = """
element.addEventListener("click", (event) => {
  const button = event.target.closest(".pl-yes");
  if (button) trigger("remove", { document: button.dataset.document });
});
"""


@dataclass(frozen=True)
class Parts:
    """The page's components; `shown_language` carries the browser's choice to the server."""

    brand: gr.HTML
    status: gr.HTML
    languages: gr.HTML
    shown_language: gr.Textbox
    collection: gr.Dropdown
    ask_tab: gr.Tab
    past: gr.HTML
    current: gr.HTML
    box: gr.Textbox
    ask: gr.Button
    stop: gr.Button
    fresh: gr.Button
    documents_tab: gr.Tab
    upload: gr.UploadButton
    upload_help: gr.HTML
    news: gr.HTML
    documents: gr.HTML
    language: gr.State
    exchanges: gr.State
    timer: gr.Timer


def build_page(engine: Engine, settings: Settings) -> gr.Blocks:
    """The page over an engine. Its CSS, theme and script are given by `page_assets`."""
    with gr.Blocks(title="Plumbline", analytics_enabled=False, fill_width=True) as page:
        parts = _layout(settings)
        handlers = Handlers(engine)
        _wire_language(page, parts, handlers, engine, settings)
        _wire_asking(parts, handlers)
        _wire_documents(parts, handlers)
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
    style = (STATIC / "page.css").read_text(encoding="utf-8")
    script = (STATIC / "page.js").read_text(encoding="utf-8")
    # Gradio rewrites the selectors of its `css`, lists in media queries wrongly; `head` it keeps.
    head = f"<style>{style}</style><script>{script}</script>"
    return {"theme": theme, "head": head, "favicon_path": str(STATIC / "favicon.svg")}


def _layout(settings: Settings) -> Parts:
    t = EN
    with gr.Row(elem_classes="pl-header"):
        brand = _html(render_documents.brand(t), elem_classes="pl-header-brand")
        status = _html("", elem_classes="pl-header-status")
        collection = gr.Dropdown(
            [settings.collection],
            value=settings.collection,
            label=t.collection,
            visible=False,
            container=False,
            elem_id="pl-collection",
        )
        fresh = gr.Button(
            t.new_conversation, visible=False, scale=0, min_width=60, size="sm", elem_id="pl-fresh"
        )
        languages = _html(
            render_documents.language_switch(t),
            js_on_load=CHOOSE_LANGUAGE,
            elem_classes="pl-header-languages",
        )
    with gr.Tabs(elem_id="pl-tabs"):
        with gr.Tab(t.ask_tab, id="ask", elem_id="pl-ask-tab") as ask_tab:
            past = _html("", elem_id="pl-past", elem_classes="pl-thread")
            current = _html("", elem_id="pl-current", elem_classes="pl-thread")
            with gr.Row(elem_id="pl-composer"):
                box = gr.Textbox(
                    label=t.question_label,
                    placeholder=t.question_hint,
                    show_label=False,
                    lines=1,
                    max_lines=6,
                    autofocus=True,
                    container=False,
                    scale=1,
                    elem_id="pl-question",
                )
                ask = gr.Button(t.ask, variant="primary", scale=0, min_width=88, elem_id="pl-ask")
                stop = gr.Button(t.stop, visible=False, scale=0, min_width=88, elem_id="pl-stop")
        with gr.Tab(t.documents_tab, id="documents") as documents_tab:
            with gr.Row(elem_id="pl-drop"):
                upload = gr.UploadButton(
                    t.add_documents,
                    file_count="multiple",
                    variant="primary",
                    scale=0,
                    min_width=160,
                    elem_id="pl-upload",
                )
                upload_help = _html("", elem_id="pl-upload-help")
            news = _html("", elem_id="pl-news")
            documents = _html("", js_on_load=REMOVE_DOCUMENT, elem_id="pl-documents")
    return Parts(
        brand=brand,
        status=status,
        languages=languages,
        shown_language=gr.Textbox(visible=False),
        collection=collection,
        ask_tab=ask_tab,
        past=past,
        current=current,
        box=box,
        ask=ask,
        stop=stop,
        fresh=fresh,
        documents_tab=documents_tab,
        upload=upload,
        upload_help=upload_help,
        news=news,
        documents=documents,
        language=gr.State("en"),
        exchanges=gr.State(()),
        timer=gr.Timer(1.0),
    )


def _wire_language(
    page: gr.Blocks, parts: Parts, handlers: Handlers, engine: Engine, settings: Settings
) -> None:
    outputs = [
        parts.language,
        parts.brand,
        parts.status,
        parts.languages,
        parts.collection,
        parts.ask_tab,
        parts.past,
        parts.current,
        parts.box,
        parts.ask,
        parts.stop,
        parts.fresh,
        parts.documents_tab,
        parts.upload,
        parts.upload_help,
        parts.documents,
    ]

    async def speak(
        language: str, exchanges: Exchanges, collection: str
    ) -> dict[gr.blocks.Block, Any]:
        t = texts(language)
        collections = await engine.collections()
        if collection not in collections:
            collection = settings.collection
        documents = await engine.documents(collection)
        past, current = drawn(exchanges, t)
        return {
            parts.language: t.language,
            parts.brand: render_documents.brand(t),
            parts.status: render_documents.readiness(engine.readiness, t),
            parts.languages: render_documents.language_switch(t),
            parts.collection: gr.update(
                label=t.collection,
                choices=collections,
                value=collection,
                visible=len(collections) > 1,
            ),
            parts.ask_tab: gr.update(label=t.ask_tab),
            parts.past: past,
            parts.current: current or render.empty(len(documents), t),
            parts.box: gr.update(label=t.question_label, placeholder=t.question_hint),
            parts.ask: gr.update(value=t.ask),
            parts.stop: gr.update(value=t.stop),
            parts.fresh: gr.update(value=t.new_conversation),
            parts.documents_tab: gr.update(
                label=render_documents.documents_label(len(documents), t)
            ),
            parts.upload: gr.update(label=t.add_documents),
            parts.upload_help: render_documents.upload_help(settings.server.max_upload_mb, t),
            parts.documents: render_documents.document_list(documents, t),
        }

    async def choose(
        event: gr.EventData, exchanges: Exchanges, collection: str
    ) -> dict[gr.blocks.Block, Any]:
        return await speak(str(event._data.get("language", "en")), exchanges, collection)

    _quiet(
        page.load,
        speak,
        [parts.shown_language, parts.exchanges, parts.collection],
        outputs,
        js="(_, exchanges, collection) => [window.plumbline.language(), exchanges, collection]",
    ).then(fn=None, js="() => { window.plumbline.show(); }")
    _quiet(parts.languages.choose, choose, [parts.exchanges, parts.collection], outputs)
    _quiet(parts.timer.tick, handlers.tick, [parts.language], [parts.status, parts.timer])


def _wire_asking(parts: Parts, handlers: Handlers) -> None:
    inputs = [parts.box, parts.exchanges, parts.collection, parts.language]
    outputs = [
        parts.past,
        parts.current,
        parts.exchanges,
        parts.box,
        parts.ask,
        parts.stop,
        parts.fresh,
    ]
    running = [
        _quiet(listen, handlers.ask, inputs, outputs)
        for listen in (parts.box.submit, parts.ask.click)
    ]
    _quiet(
        parts.stop.click,
        handlers.after_stop,
        [parts.exchanges, parts.language],
        [parts.past, parts.current, parts.ask, parts.stop],
        cancels=running,
    )
    cleared = [
        parts.exchanges,
        parts.current,
        parts.past,
        parts.ask,
        parts.stop,
        parts.fresh,
        parts.documents,
        parts.documents_tab,
        parts.news,
    ]
    for listen in (parts.fresh.click, parts.collection.input):
        _quiet(
            listen,
            handlers.new_conversation,
            [parts.collection, parts.language],
            cleared,
            cancels=running,
        )


def _wire_documents(parts: Parts, handlers: Handlers) -> None:
    place = [parts.exchanges, parts.collection, parts.language]
    outputs = [parts.news, parts.documents, parts.documents_tab, parts.current]
    _quiet(parts.upload.upload, handlers.add, [parts.upload, *place], outputs)
    _quiet(parts.documents.remove, handlers.remove, place, outputs)


def _html(value: str, **more: Any) -> gr.HTML:
    """Markup that page.css alone dresses."""
    return gr.HTML(value, apply_default_css=False, **more)


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
