from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from rag.config import Settings
from rag.types import Turn
from tests.web_fakes import FakeBackend, answer, document
from web.engine import Engine
from web.exchange import HISTORY_TURNS, Exchange, Exchanges, history
from web.handlers import Handlers, drawn
from web.page import build_page, offered, page_assets
from web.texts import EN, ZH

ASKED = Exchange("What is it?", answer("What is it?"))


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


def ask(engine: Engine, question: str, exchanges: Exchanges = (), language: str = "en") -> Any:
    return run(Handlers(engine).ask(question, exchanges, "default", language))


def changed(value: Any) -> bool:
    return not (isinstance(value, dict) and value.get("__type__") == "update" and len(value) == 1)


def test_a_question_ends_as_an_answer_in_the_conversation(
    engine: Engine, backend: FakeBackend
) -> None:
    steps = ask(engine, "  How fast?  ", (ASKED,))
    past, current, exchanges, box, *_ = steps[0]
    assert "What is it?" in past
    assert "How fast?" in current
    assert exchanges[-1] == Exchange("How fast?", problem=EN.stopped, collection="default")
    assert box["value"] == ""
    _, current, exchanges, *_ = steps[-1]
    assert exchanges == (ASKED, Exchange("How fast?", backend.scripted, collection="default"))
    assert EN.partly_grounded in current
    assert backend.asked[0][2] == (Turn("What is it?", answer().answer),)


def test_an_empty_question_is_asked_for_in_its_box(engine: Engine, backend: FakeBackend) -> None:
    ((*others, box, _, _, _),) = ask(engine, "  ", (ASKED,))
    assert box["placeholder"] == EN.empty_question
    assert not any(changed(other) for other in others)
    assert backend.asked == []


def test_the_draft_grows_and_is_called_a_draft(engine: Engine, backend: FakeBackend) -> None:
    backend.pause_s = 0.06
    drafts = [step[1] for step in ask(engine, "How fast?") if EN.draft in str(step[1])]
    assert len(drafts) > 2
    assert [len(draft) for draft in drafts] == sorted(len(draft) for draft in drafts)


def test_an_error_is_shown_in_the_conversation(engine: Engine) -> None:
    _, current, exchanges, *_ = ask(engine, "broken")[-1]
    assert exchanges == (
        Exchange("broken", problem="the question is broken: mend it", collection="default"),
    )
    assert "the question is broken" in current
    assert 'role="alert"' in current


def test_while_loading_the_page_says_so(engine: Engine) -> None:
    backend = FakeBackend()
    backend.gate.clear()
    late = Engine(backend)
    late.start()
    stages: list[str] = []

    async def watch() -> None:
        async for step in Handlers(late).ask("How fast?", (), "default", "zh"):
            stages.append(str(step[1]))
            if ZH.waiting_models in stages[-1]:
                backend.gate.set()

    status, timer = Handlers(late).tick("zh")
    assert ZH.loading_embedder in status
    assert timer["active"]
    asyncio.run(watch())
    assert any(ZH.waiting_models in stage for stage in stages)
    status, timer = Handlers(late).tick("zh")
    assert ZH.ready in status
    assert not timer["active"]
    late.close()


def test_an_unexpected_error_does_not_leave_the_page_waiting(
    engine: Engine, backend: FakeBackend, caplog: pytest.LogCaptureFixture
) -> None:
    backend.stream_error = ZeroDivisionError("a bug")
    last = ask(engine, "How fast?")[-1]
    assert EN.unexpected in last[1]
    assert last[4]["visible"]
    assert "a bug" in caplog.text


def test_history_is_what_was_answered_and_not_too_long() -> None:
    failed = Exchange("broken", problem="no")
    many = (ASKED, failed) * (HISTORY_TURNS + 2)
    assert history(many) == [Turn("What is it?", answer().answer)] * HISTORY_TURNS


def test_the_last_exchange_is_the_current_one() -> None:
    past, current = drawn((ASKED, Exchange("And?", problem="no")), EN)
    assert "What is it?" in past
    assert "And?" in current
    assert drawn((), EN) == ("", "")


def test_files_are_taken_in_with_a_receipt(
    engine: Engine, backend: FakeBackend, tmp_path: Path
) -> None:
    (good := tmp_path / "new.md").write_text("text")
    (empty := tmp_path / "empty.md").touch()
    steps = run(Handlers(engine).add([str(good), str(empty)], (), "default", "en"))
    assert EN.uploading in steps[0][0]
    assert any("new.md (1 of 2)" in str(step[0]) for step in steps)
    news, listed, tab, welcome = steps[-1]
    assert "empty.md is empty" in news
    assert "new.md" in listed
    assert tab["label"] == "Documents (2)"
    assert "2 documents" in welcome


def test_a_document_is_removed_and_a_missing_one_is_told(
    engine: Engine, backend: FakeBackend
) -> None:
    def remove(document_id: str) -> tuple[Any, ...]:
        event = gr.EventData(None, {"document": document_id})
        return asyncio.run(Handlers(engine).remove(event, (ASKED,), "default", "en"))

    news, listed, _, welcome = remove("id-travel.md")
    assert EN.removed.format(name="travel.md") in news
    assert EN.no_documents in listed
    assert not changed(welcome)
    assert "there is no document" in remove("id-travel.md")[0]


def test_a_new_conversation_forgets_the_old_one(engine: Engine, backend: FakeBackend) -> None:
    backend.held["law"] = [document("law.pdf")]
    exchanges, current, past, *_, listed, tab, news = asyncio.run(
        Handlers(engine).new_conversation("law", "zh")
    )
    assert (exchanges, past, news) == ((), "", "")
    assert ZH.empty_title in current
    assert "law.pdf" in listed
    assert tab["label"] == "文档 (1)"


def test_the_page_wires_every_handler_and_offers_none_as_an_endpoint(
    engine: Engine, settings: Settings
) -> None:
    async def build() -> gr.Blocks:
        # Gradio wants a running event loop; outside of one it leaves a new one unclosed.
        return build_page(engine, settings)

    page = asyncio.run(build())
    wired = {function.name for function in page.fns.values()}
    assert {"ask", "after_stop", "new_conversation", "add", "remove", "tick"} <= wired
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
