from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from typing import Any

import gradio as gr
import pytest

from rag.types import Turn
from tests.web_fakes import FakeBackend, answer
from web.asking import Asking, drawn
from web.conversations import Conversations
from web.engine import Engine
from web.exchange import HISTORY_TURNS, Exchange, Exchanges, history
from web.texts import EN, ZH
from web.texts_talk import EN as TALK

TALKING = "a" * 12
ASKED = Exchange("What is it?", answer("What is it?"), collection="default")


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


@pytest.fixture
def conversations() -> Iterator[Conversations]:
    kept = Conversations(None)
    yield kept
    kept.close()


@pytest.fixture
def asking(engine: Engine, conversations: Conversations) -> Asking:
    return Asking(engine, conversations, lambda: "mara")


def run(steps: AsyncIterator[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    async def gather() -> list[tuple[Any, ...]]:
        return [step async for step in steps]

    return asyncio.run(gather())


def ask(asking: Asking, question: str, language: str = "en") -> list[tuple[Any, ...]]:
    return run(asking.ask(question, TALKING, "default", language))


def act(asking: Asking, act: str, text: str | None = None) -> list[tuple[Any, ...]]:
    event = gr.EventData(None, {"act": act, "text": text})
    return run(asking.act(event, TALKING, "default", "en"))


def changed(value: Any) -> bool:
    return not (isinstance(value, dict) and value.get("__type__") == "update" and len(value) == 1)


def test_a_question_ends_as_an_answer_in_the_conversation(
    asking: Asking, backend: FakeBackend, conversations: Conversations
) -> None:
    conversations.put("mara", TALKING, 1, ASKED)
    steps = ask(asking, "  How fast?  ")
    past, current, box, *_ = steps[0]
    assert "What is it?" in past
    assert "How fast?" in current
    assert box["value"] == ""
    assert EN.partly_grounded in steps[-1][1]
    assert backend.asked[0][2] == (Turn("What is it?", answer().answer),)
    said = Exchange("How fast?", backend.scripted, collection="default")
    assert asking.exchanges(TALKING) == (ASKED, said)


async def until(steps: AsyncGenerator[tuple[Any, ...], None], words: str) -> None:
    """Look at an answer until it holds the words, then leave."""
    async for step in steps:
        if words in str(step[1]):
            break
    await steps.aclose()


def stopped_soon(backend: FakeBackend) -> list[str]:
    """What was stopped; the worker hears of it a moment later."""
    end = time.monotonic() + 60
    while not backend.stopped and time.monotonic() < end:
        time.sleep(0.01)
    return backend.stopped


def test_a_question_is_kept_before_it_is_answered(asking: Asking) -> None:
    asyncio.run(until(asking.ask("A slow one?", TALKING, "default", "en"), "Draft"))
    (kept,) = asking.exchanges(TALKING)
    assert (kept.question, kept.answer, kept.problem) == ("A slow one?", None, TALK.broken_off)


def test_a_stopped_answer_ends_and_says_so(asking: Asking, backend: FakeBackend) -> None:
    async def stopped() -> tuple[Any, ...]:
        await until(asking.ask("A slow one?", TALKING, "default", "en"), "Draft")
        return await asking.after_stop(TALKING, "en")

    past, current, *_ = asyncio.run(stopped())
    assert past == ""
    assert EN.stopped in current
    assert "pl-wished" in current
    assert asking.exchanges(TALKING)[0].problem == EN.stopped
    assert stopped_soon(backend) == ["A slow one?"]


def test_an_answer_goes_on_without_its_page_and_another_page_follows_it(
    asking: Asking, backend: FakeBackend
) -> None:
    backend.pause_s = 0.05

    async def come_back() -> list[tuple[Any, ...]]:
        await until(asking.ask("How fast?", TALKING, "default", "en"), "Draft")
        _, current, answering = asking.shown(TALKING, EN)
        assert answering
        assert EN.draft in current
        return [step async for step in asking.follow(TALKING, "zh")]

    steps = asyncio.run(come_back())
    assert EN.draft in steps[0][1]
    assert steps[0][4]["visible"]
    assert ZH.partly_grounded in steps[-1][1]
    assert steps[-1][3]["visible"]
    assert asking.exchanges(TALKING)[0].answer == backend.scripted
    assert backend.stopped == []
    assert not any(changed(value) for value in run(asking.follow(TALKING, "en"))[0])


def test_an_answer_that_nobody_comes_back_to_is_given_up(
    asking: Asking, backend: FakeBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.running.ALONE_S", 0.05)

    async def leave() -> None:
        await until(asking.ask("A slow one?", TALKING, "default", "en"), "Draft")
        while asking.shown(TALKING, EN)[2]:
            await asyncio.sleep(0.02)

    asyncio.run(leave())
    assert stopped_soon(backend) == ["A slow one?"]
    assert asking.exchanges(TALKING)[0].problem == TALK.broken_off


def test_two_tabs_ask_in_one_conversation(asking: Asking, backend: FakeBackend) -> None:
    backend.pause_s = 0.05

    async def both() -> list[tuple[Any, ...]]:
        await until(asking.ask("How fast?", TALKING, "default", "en"), "Draft")
        return [step async for step in asking.ask("And hotels?", TALKING, "default", "en")]

    steps = asyncio.run(both())
    assert TALK.broken_off not in steps[0][0]
    assert "And hotels?" in steps[-1][1]
    assert [one.answer is not None for one in asking.exchanges(TALKING)] == [True, True]


def test_a_question_asked_again_while_it_is_answered_is_answered_once(
    asking: Asking, backend: FakeBackend
) -> None:
    async def again() -> None:
        await until(asking.ask("A slow one?", TALKING, "default", "en"), "Draft")
        event = gr.EventData(None, {"act": "edit", "text": "How fast?"})
        async for _ in asking.act(event, TALKING, "default", "en"):
            pass

    asyncio.run(again())
    (kept,) = asking.exchanges(TALKING)
    assert (kept.question, kept.answer) == ("How fast?", backend.scripted)


def test_a_question_asked_before_the_page_is_ready_goes_to_the_default(
    asking: Asking, backend: FakeBackend
) -> None:
    run(asking.ask("How fast?", TALKING, "", "en"))
    assert [collection for collection, _, _ in backend.asked] == ["default"]


def test_an_empty_question_is_asked_for_in_its_box(asking: Asking, backend: FakeBackend) -> None:
    ((past, current, box, *others),) = ask(asking, "  ")
    assert box["placeholder"] == EN.empty_question
    assert not any(changed(other) for other in (past, current, *others))
    assert backend.asked == []


def test_the_draft_grows_and_is_called_a_draft(asking: Asking, backend: FakeBackend) -> None:
    backend.pause_s = 0.06
    drafts = [step[1] for step in ask(asking, "How fast?") if EN.draft in str(step[1])]
    assert len(drafts) > 2
    assert [len(draft) for draft in drafts] == sorted(len(draft) for draft in drafts)


def test_an_error_is_shown_in_the_conversation(asking: Asking) -> None:
    current = ask(asking, "broken")[-1][1]
    assert "the question is broken" in current
    assert 'role="alert"' in current
    assert asking.exchanges(TALKING)[0].problem == "the question is broken: mend it"


def test_an_unexpected_error_does_not_leave_the_page_waiting(
    asking: Asking, backend: FakeBackend, caplog: pytest.LogCaptureFixture
) -> None:
    backend.stream_error = ZeroDivisionError("a bug")
    last = ask(asking, "How fast?")[-1]
    assert EN.unexpected in last[1]
    assert last[3]["visible"]
    assert "a bug" in caplog.text


def test_what_is_no_conversation_is_told(asking: Asking) -> None:
    steps = run(asking.act(gr.EventData(None, {"act": "again"}), TALKING, "default", "en"))
    assert not any(changed(value) for value in steps[0])


def test_the_last_question_is_asked_again_edited_or_with_another_stand_alone_form(
    asking: Asking, backend: FakeBackend, conversations: Conversations
) -> None:
    conversations.put("mara", TALKING, 1, ASKED)
    conversations.put("mara", TALKING, 2, Exchange("And in 2024?", answer(), collection="default"))
    turns = (Turn("What is it?", answer().answer),)
    act(asking, "again")
    act(asking, "edit", " And in 2025? ")
    act(asking, "standalone", "What was it in 2025?")
    assert [(question, said) for _, question, said in backend.asked] == [
        ("And in 2024?", turns),
        ("And in 2025?", turns),
        ("What was it in 2025?", ()),
    ]
    assert [e.question for e in asking.exchanges(TALKING)] == ["What is it?", "And in 2025?"]


def test_a_suggestion_is_asked_and_nonsense_is_not(asking: Asking, backend: FakeBackend) -> None:
    act(asking, "suggest", "What does it say?")
    act(asking, "edit", "  ")
    act(asking, "nonsense", "x")
    assert [question for _, question, _ in backend.asked] == ["What does it say?"]


def test_while_loading_the_page_says_so(conversations: Conversations) -> None:
    backend = FakeBackend()
    backend.gate.clear()
    late = Engine(backend)
    late.start()
    stages: list[str] = []

    async def watch() -> None:
        asking = Asking(late, conversations, lambda: "mara")
        async for step in asking.ask("How fast?", TALKING, "default", "zh"):
            stages.append(str(step[1]))
            if ZH.waiting_models in stages[-1]:
                backend.gate.set()

    asyncio.run(watch())
    assert any(ZH.waiting_models in stage for stage in stages)
    late.close()


def test_history_is_what_was_answered_and_not_too_long() -> None:
    failed = Exchange("broken", problem="no")
    many: Exchanges = (ASKED, failed) * (HISTORY_TURNS + 2)
    assert history(many) == [Turn("What is it?", answer().answer)] * HISTORY_TURNS


def test_the_last_exchange_is_the_current_one_and_can_be_asked_again() -> None:
    past, current = drawn((ASKED, Exchange("And?", problem="no")), EN)
    assert "What is it?" in past
    assert "And?" in current
    assert 'data-act="again"' in current
    assert 'data-act="again"' not in past
    assert drawn((), EN) == ("", "")


def test_an_earlier_question_goes_on_in_a_conversation_of_its_own(
    asking: Asking, backend: FakeBackend, conversations: Conversations
) -> None:
    for number in (1, 2, 3):
        conversations.put("mara", TALKING, number, Exchange(f"Q{number}", answer()))
    told = {"act": "branch", "text": "Instead?", "from": TALKING, "number": 2}
    new = "b" * 12
    run(asking.act(gr.EventData(None, told), new, "default", "en"))
    assert [one.question for one in asking.exchanges(TALKING)] == ["Q1", "Q2", "Q3"]
    assert [one.question for one in asking.exchanges(new)] == ["Q1", "Instead?"]
    assert backend.asked[-1][2] == (Turn("Q1", answer().answer),)
    found = conversations.one("mara", new)
    assert found is not None
    assert found.title == "Instead?"
    for wrong in ({"number": 9}, {"number": None}, {"text": " "}, {"from": "c" * 12}):
        event = gr.EventData(None, told | wrong)
        assert len(run(asking.act(event, "d" * 12, "default", "en"))) == 1
    assert not asking.exchanges("d" * 12)


def test_a_filter_goes_with_the_question_and_stays_with_it(
    asking: Asking, backend: FakeBackend
) -> None:
    run(asking.ask("How fast?", TALKING, "default", "en", '{"tag": "law"}'))
    assert str(backend.filters[-1]) == "tags = law"
    (kept,) = asking.exchanges(TALKING)
    assert kept.only.tag == "law"
    assert "Tag: law" in drawn((kept,), EN)[1]
