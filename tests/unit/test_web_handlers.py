from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from rag.config import Settings
from rag.errors import CollectionError
from rag.types import DocumentInfo
from tests.web_fakes import FakeBackend, document
from web.asking import Asking
from web.conversations import Conversations
from web.engine import Engine
from web.exchange import Exchange
from web.handlers import Handlers
from web.library import Library
from web.page import build_page, offered, page_assets
from web.texts import EN, ZH

TALKING = "a" * 12


@pytest.fixture
def backend() -> FakeBackend:
    return FakeBackend()


@pytest.fixture
def engine(backend: FakeBackend) -> Iterator[Engine]:
    engine = Engine(backend)
    engine.start()
    yield engine
    backend.gate.set()
    engine.close()


def run(steps: AsyncIterator[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    async def gather() -> list[tuple[Any, ...]]:
        return [step async for step in steps]

    return asyncio.run(gather())


@pytest.fixture
def handlers(engine: Engine, settings: Settings, conversations: Conversations) -> Handlers:
    return Handlers(engine, Library(settings), Asking(engine, conversations, lambda: "mara"))


@pytest.fixture
def conversations() -> Iterator[Conversations]:
    kept = Conversations(None)
    yield kept
    kept.close()


def changed(value: Any) -> bool:
    return not (isinstance(value, dict) and value.get("__type__") == "update" and len(value) == 1)


def test_files_are_taken_in_with_a_receipt(handlers: Handlers, tmp_path: Path) -> None:
    (good := tmp_path / "new.md").write_text("text")
    (empty := tmp_path / "empty.md").touch()
    steps = run(handlers.add([str(good), str(empty)], TALKING, "default", "en"))
    assert EN.uploading in steps[0][0]
    assert any("new.md (1 of 2)" in str(step[0]) for step in steps)
    news, listed, tab, welcome = steps[-1]
    assert "empty.md is empty" in news
    assert "new.md" in listed
    assert tab["label"] == "Documents (2)"
    assert "2 documents" in welcome


def test_a_document_is_removed_and_a_missing_one_is_told(
    handlers: Handlers, conversations: Conversations
) -> None:
    conversations.put("mara", TALKING, 1, Exchange("What is it?"))

    def remove(document_id: str) -> tuple[Any, ...]:
        event = gr.EventData(None, {"document": document_id})
        return asyncio.run(handlers.remove(event, TALKING, "default", "en"))

    news, listed, _, welcome = remove("id-travel.md")
    assert "Removed travel.md" in news
    assert EN.no_documents in listed
    assert not changed(welcome)
    assert "there is no document" in remove("id-travel.md")[0]


def test_a_new_conversation_begins_empty(handlers: Handlers, backend: FakeBackend) -> None:
    backend.held["law"] = [document("law.pdf")]
    past, current, *_, listed, tab, news, bar, _ = asyncio.run(
        handlers.new_conversation("law", "zh")
    )
    assert (past, news) == ("", "")
    assert ZH.empty_title in current
    assert "law.pdf" in listed
    assert tab["label"] == "文档 (1)"
    assert "<bdi>law</bdi>" in bar


def test_a_collection_that_cannot_be_opened_is_told(
    handlers: Handlers, backend: FakeBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: str) -> list[DocumentInfo]:
        raise CollectionError("made by an older Plumbline")

    monkeypatch.setattr(backend, "documents", broken)
    _, current, *_, documents, _, _, _, _ = asyncio.run(handlers.new_conversation("law", "en"))
    assert "made by an older Plumbline" in current
    assert "made by an older Plumbline" in documents


def test_collections_are_made_renamed_and_removed(handlers: Handlers, backend: FakeBackend) -> None:
    def change(action: str, name: str, to: str) -> tuple[str, str]:
        told = {"action": action, "name": name, "to": to}
        return asyncio.run(handlers.change_collection(told, "default", "en"))

    news, chosen = change("new", "", "hr")
    assert "Made the collection" in news
    assert chosen == "hr"
    news, chosen = change("new", "", "law")
    assert "already" in news
    assert chosen == "default"
    assert change("rename", "hr", "people")[1] == "people"
    assert "Removed the collection" in change("remove", "people", "")[0]
    assert sorted(backend.held) == ["default", "law"]
    assert change("explode", "law", "") == ("", "default")


def test_the_status_line_ticks_until_the_models_are_there(
    handlers: Handlers, backend: FakeBackend
) -> None:
    status, timer = handlers.tick("zh")
    assert ZH.ready in status
    assert not timer["active"]


def test_the_page_wires_every_handler_and_offers_none_as_an_endpoint(
    engine: Engine, settings: Settings, conversations: Conversations
) -> None:
    async def build() -> gr.Blocks:
        # Gradio wants a running event loop; outside of one it leaves a new one unclosed.
        return build_page(engine, settings, conversations)

    page = asyncio.run(build())
    wired = {function.name for function in page.fns.values()}
    assert {"ask", "act", "after_stop", "new_conversation", "add", "remove", "tick"} <= wired
    assert {function.api_visibility for function in page.fns.values()} == {"private"}


def test_collections_made_for_evaluation_are_not_offered() -> None:
    known = ["default", "eval-0f", "eval-1f", "law"]
    assert offered(known, "law") == ["default", "law"]
    assert offered(known, "eval-1f") == ["default", "eval-1f", "law"]


def test_style_and_script_name_nothing_beyond_this_machine() -> None:
    assets = page_assets()
    served = assets["head"] + assets["theme"]._get_theme_css()
    served = served.replace("http://www.w3.org/2000/svg", "")  # a name, nothing is fetched
    assert not re.findall(r"(?:https?:)?//[a-z][\w-]*\.\w+", served)
    assert not assets["theme"]._stylesheets
