"""Summaries on the page: what a button means, what is shown meanwhile, what is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import gradio as gr
import pytest

from tests.web_fakes import FakeBackend, answer, document
from web.asking import Asking
from web.conversations import Conversations
from web.engine import Engine
from web.exchange import Exchange
from web.feedback import Entry, lines
from web.render_documents import document_list
from web.summarising import wish_of
from web.texts import EN
from web.texts_summary import EN as SUMMARY
from web.work import Wish

TALKING = "a" * 12


@pytest.fixture
def backend() -> FakeBackend:
    return FakeBackend()


@pytest.fixture
def asking(backend: FakeBackend) -> Iterator[Asking]:
    engine, kept = Engine(backend), Conversations(None)
    engine.start()
    yield Asking(engine, kept, lambda: "mara")
    engine.close()
    kept.close()


async def steps(asking: Asking, until: str = "", **data: Any) -> list[tuple[Any, ...]]:
    """What is drawn after a button's event, until something drawn holds `until`."""
    drawn = []
    events = asking.act(gr.EventData(None, data), TALKING, "default", "en")
    async for shown in events:
        drawn.append(shown)
        if until and until in str(shown[1]):
            break
    await events.aclose()
    return drawn


def test_a_summary_is_an_exchange_of_the_conversation(asking: Asking, backend: FakeBackend) -> None:
    backend.pause_s = 0.05
    drawn = asyncio.run(steps(asking, act="summarise", documents=["id-travel.md"]))
    assert any("Summarising part 1 of 2: Travel" in str(shown[1]) for shown in drawn)
    assert any(SUMMARY.overview in str(s[1]) and "pl-verdict" in str(s[1]) for s in drawn)
    assert EN.partly_grounded in drawn[-1][1]
    (kept,) = asking.exchanges(TALKING)
    assert (kept.question, kept.summarised) == ("Summary of travel.md", ("id-travel.md",))
    assert kept.answer is not None
    assert not kept.problem
    assert backend.wishes == [("default", Wish(("id-travel.md",), "", "en"))]


def test_asked_again_it_is_summarised_again_in_its_place(
    asking: Asking, backend: FakeBackend
) -> None:
    asyncio.run(steps(asking, act="summarise", documents=["id-travel.md"]))
    asyncio.run(steps(asking, act="again"))
    assert len(asking.exchanges(TALKING)) == 1
    asyncio.run(steps(asking, act="section", text="Hotels"))
    assert [wish.section for _, wish in backend.wishes] == ["", "", "Hotels"]
    assert asking.exchanges(TALKING)[1].question == "Summary of “Hotels” in travel.md"


def test_what_was_done_before_it_was_stopped_is_kept(
    asking: Asking, backend: FakeBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.asking.DRAFT_EVERY_S", 0.0)
    asyncio.run(steps(asking, act="summarise", documents=["id-travel.md"]))

    async def stopped() -> str:
        await steps(asking, SUMMARY.overview, act="section", text="slow end")
        _, current, *_ = await asking.after_stop(TALKING, "en")
        return str(current)

    assert SUMMARY.unfinished in asyncio.run(stopped())
    kept = asking.exchanges(TALKING)[1]
    assert kept.answer == backend.scripted


def test_a_document_that_is_not_there_any_more_is_told(asking: Asking) -> None:
    drawn = asyncio.run(steps(asking, act="summarise", documents=["gone"]))
    assert "holds no document" in drawn[-1][1]


@pytest.mark.parametrize(
    "data",
    [
        {"act": "summarise"},
        {"act": "summarise", "documents": []},
        {"act": "summarise", "documents": "id-travel.md"},
        {"act": "section", "text": "Hotels"},
        {"act": "again"},
    ],
)
def test_what_makes_no_sense_is_no_wish(data: dict[str, Any]) -> None:
    assert wish_of(data, Exchange("What is it?", answer()), "en") is None


def test_every_document_can_be_summarised_and_its_name_is_text() -> None:
    name = '<script>alert("x")</script>.md'
    listed = document_list([document(name), document()], EN, "default")
    assert listed.count("pl-summarise ") + listed.count('pl-summarise"') == 2
    assert listed.count("pl-pick") == 2
    assert "<script>" not in listed


def test_an_opinion_of_a_summary_is_no_question_for_an_evaluation() -> None:
    exchange = Exchange("Summary of a.md", answer(), summarised=("id",))
    entry = Entry("2026-01-01T00:00:00+00:00", 1, "", "", (), exchange)
    assert lines([entry], "questions") == []
    assert len(lines([entry], "sft")) == 1
