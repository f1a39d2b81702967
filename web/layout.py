"""What is on the page and where: Gradio components, in English until the browser has spoken.

Knows nothing of events; `page` wires them, `static/page.css` dresses them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from web import render_documents
from web.texts import EN

CHOOSE_LANGUAGE = """
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-language]");
  if (button) {
    window.plumbline.remember(button.dataset.language);
    trigger("choose", { language: button.dataset.language });
  }
});
"""
RESUME = """
window.plumbline.resumed = () => trigger("resume", {});
"""
ACT = """
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-act]");
  if (!button) return;
  const { act, text } = button.dataset;
  const number = Number(button.closest(".pl-exchange")?.id.replace("pl-x", ""));
  const from = window.plumbline.conversation();
  if (act === "branch") window.plumbline.fresh();
  trigger("act", { act, text, number, from });
});
window.plumbline.act = (data) => trigger("act", data);
"""
CHANGE_COLLECTION = """
window.plumbline.changeCollection = (change) => {
  if (change.action !== "rename") window.plumbline.fresh();
  trigger("alter", change);
};
"""
REMOVE_DOCUMENT = """
element.addEventListener("click", (event) => {
  const button = event.target.closest(".pl-yes");
  if (button) trigger("remove", { document: button.dataset.document });
});
"""


@dataclass(frozen=True)
class Header:
    """Above the tabs. `languages` fires `choose`, and `resume`, which is not seen, `resume`."""

    resume: gr.HTML
    brand: gr.HTML
    status: gr.HTML
    collection: gr.Dropdown
    fresh: gr.Button
    languages: gr.HTML


@dataclass(frozen=True)
class Asking:
    """The tab to ask in: the finished exchanges and the current one, which fire `act`, and the
    composer."""

    tab: gr.Tab
    past: gr.HTML
    current: gr.HTML
    filters: gr.HTML
    box: gr.Textbox
    ask: gr.Button
    stop: gr.Button


@dataclass(frozen=True)
class Shelf:
    """The tab of the documents. `documents` fires `remove`, `collections` fires `alter`."""

    tab: gr.Tab
    collections: gr.HTML
    upload: gr.UploadButton
    upload_help: gr.HTML
    news: gr.HTML
    documents: gr.HTML


@dataclass(frozen=True)
class Evaluation:
    """The tab of the evaluation reports."""

    tab: gr.Tab
    reports: gr.HTML


@dataclass(frozen=True)
class Memory:
    """What is not seen: a clock, and the boxes through which the browser tells the conversation,
    the reader's language, and which documents are asked."""

    conversation: gr.Textbox
    language: gr.Textbox
    only: gr.Textbox
    timer: gr.Timer


@dataclass(frozen=True)
class Parts:
    """All of the page's components."""

    header: Header
    asking: Asking
    shelf: Shelf
    evaluation: Evaluation
    memory: Memory


def lay_out(collection: str) -> Parts:
    """Make the components, inside an open `gr.Blocks`."""
    header = _header(collection)
    with gr.Tabs(elem_id="pl-tabs"):
        asking = _asking()
        shelf = _shelf()
        evaluation = _evaluation()
    talk, language, only = (gr.Textbox(visible=False) for _ in range(3))
    memory = Memory(talk, language, only, gr.Timer(1.0))
    return Parts(header, asking, shelf, evaluation, memory)


def _header(collection: str) -> Header:
    with gr.Row(elem_classes="pl-header"):
        return Header(
            resume=_html("", js_on_load=RESUME, elem_classes="pl-bridge"),
            brand=_html(render_documents.brand(EN), elem_classes="pl-header-brand"),
            status=_html("", elem_classes="pl-header-status"),
            # Gradio would answer what is sent before the browser knows the choices with an error.
            collection=gr.Dropdown(
                [collection],
                value=collection,
                allow_custom_value=True,
                label=EN.collection,
                visible=False,
                container=False,
                elem_id="pl-collection",
            ),
            fresh=gr.Button(
                EN.new_conversation,
                scale=0,
                min_width=60,
                size="sm",
                elem_id="pl-fresh",
            ),
            languages=_html(
                render_documents.language_switch(EN),
                js_on_load=CHOOSE_LANGUAGE,
                elem_classes="pl-header-languages",
            ),
        )


def _asking() -> Asking:
    with gr.Tab(EN.ask_tab, id="ask", elem_id="pl-ask-tab") as tab:
        past = _html("", js_on_load=ACT, elem_id="pl-past")
        current = _html("", js_on_load=ACT, elem_id="pl-current")
        with gr.Row(elem_id="pl-composer"):
            filters = _html("", elem_id="pl-filters")
            box = gr.Textbox(
                label=EN.question_label,
                placeholder=EN.question_hint,
                show_label=False,
                lines=1,
                max_lines=6,
                autofocus=True,
                container=False,
                scale=1,
                elem_id="pl-question",
            )
            ask = gr.Button(EN.ask, variant="primary", scale=0, min_width=88, elem_id="pl-ask")
            stop = gr.Button(EN.stop, visible=False, scale=0, min_width=88, elem_id="pl-stop")
    return Asking(tab, past, current, filters, box, ask, stop)


def _shelf() -> Shelf:
    with gr.Tab(EN.documents_tab, id="documents") as tab:
        collections = _html("", js_on_load=CHANGE_COLLECTION, elem_id="pl-collections")
        with gr.Row(elem_id="pl-drop"):
            upload = gr.UploadButton(
                EN.add_documents,
                file_count="multiple",
                variant="primary",
                scale=0,
                min_width=160,
                elem_id="pl-upload",
            )
            upload_help = _html("", elem_id="pl-upload-help")
        news = _html("", elem_id="pl-news")
        documents = _html("", js_on_load=REMOVE_DOCUMENT, elem_id="pl-documents")
        _html('<div class="pl-watches"></div>', elem_id="pl-watches")
    return Shelf(tab, collections, upload, upload_help, news, documents)


def _evaluation() -> Evaluation:
    with gr.Tab(EN.reports_tab, id="reports") as tab:
        return Evaluation(tab, _html("", elem_id="pl-reports"))


def _html(value: str, **more: Any) -> gr.HTML:
    """Markup that page.css alone dresses."""
    return gr.HTML(value, apply_default_css=False, **more)
