from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from pathlib import Path

import pytest

from rag.errors import ModelError, QuestionError
from rag.types import Delta, Done, Retrieved, Turn
from tests.web_fakes import FakeBackend
from web.bridge import Interrupted, items_of
from web.engine import Engine, QueueFull, Readiness, Waiting
from web.work import Reading, Upload


@pytest.fixture
def backend() -> FakeBackend:
    return FakeBackend()


@pytest.fixture
def engine(backend: FakeBackend) -> Iterator[Engine]:
    engine = Engine(backend, queue_limit=3)
    engine.start()
    yield engine
    backend.gate.set()
    engine.close()
    assert backend.closed


async def gather(engine: Engine, question: str = "How fast?") -> list[object]:
    return [event async for event in engine.answer("default", question)]


def eventually(true: Callable[[], bool]) -> None:
    for _ in range(500):
        if true():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it never came true")


def test_the_events_of_an_answer_come_in_order(engine: Engine, backend: FakeBackend) -> None:
    events = asyncio.run(gather(engine))
    assert isinstance(events[0], Retrieved)
    assert events[-1] == Done(backend.scripted)
    deltas = [event.text for event in events if isinstance(event, Delta)]
    assert "".join(deltas).strip() == backend.scripted.answer


def test_history_and_collection_reach_the_backend(engine: Engine, backend: FakeBackend) -> None:
    async def ask() -> None:
        async for _ in engine.answer("law", "And then?", [Turn("q", "a")]):
            pass

    asyncio.run(ask())
    assert backend.asked == [("law", "And then?", (Turn("q", "a"),))]


def test_what_answering_raises_is_raised(engine: Engine) -> None:
    with pytest.raises(QuestionError, match="broken"):
        asyncio.run(gather(engine, "broken"))


def test_one_question_at_a_time(engine: Engine, backend: FakeBackend) -> None:
    async def both() -> None:
        await asyncio.gather(gather(engine, "one"), gather(engine, "two"), gather(engine, "three"))

    asyncio.run(both())
    assert backend.most_running == 1
    assert [question for _, question, _ in backend.asked] == ["one", "two", "three"]


def test_a_question_asked_while_loading_waits_and_is_answered() -> None:
    async def ask() -> list[object]:
        events: list[object] = []
        async for event in late.answer("default", "early?"):
            if isinstance(event, Waiting):
                assert event == Waiting(0, loading=True)
                slow.gate.set()
            events.append(event)
        return events

    slow = FakeBackend()
    slow.gate.clear()
    late = Engine(slow)
    late.start()
    assert late.readiness == Readiness("loading", "embedder")
    events = asyncio.run(ask())
    assert isinstance(events[0], Waiting)
    assert events[-1] == Done(slow.scripted)
    assert late.readiness == Readiness("ready", "generator")
    late.close()


def test_closing_the_iterator_stops_the_model_and_frees_the_line(
    engine: Engine, backend: FakeBackend
) -> None:
    async def leave() -> None:
        async with aclosing(engine.answer("default", "slow")) as events:
            async for event in events:
                if isinstance(event, Delta):
                    return

    asyncio.run(leave())
    eventually(lambda: backend.stopped == ["slow"])
    assert isinstance(asyncio.run(gather(engine))[-1], Done)


def test_a_question_taken_out_of_the_line_is_never_asked(
    engine: Engine, backend: FakeBackend
) -> None:
    async def scene() -> None:
        async with aclosing(engine.answer("default", "slow")) as first:
            await anext(first)
            waiting = engine.answer("default", "second")
            assert await anext(waiting) == Waiting(1, loading=False)
            await waiting.aclose()

    asyncio.run(scene())
    eventually(lambda: backend.stopped == ["slow"])
    assert [question for _, question, _ in backend.asked] == ["slow"]


def test_a_full_line_turns_questions_away(engine: Engine) -> None:
    async def scene() -> None:
        line = [engine.answer("default", "slow") for _ in range(3)]
        for events in line:
            await anext(events)
        with pytest.raises(QueueFull, match="3 questions"):
            await anext(engine.answer("default", "one too many"))
        for events in line:
            await events.aclose()

    asyncio.run(scene())


def test_failed_loading_is_told_and_tried_again_at_the_next_question() -> None:
    backend = FakeBackend(load_error=ModelError("no model: pull it"))
    engine = Engine(backend)
    engine.start()
    eventually(lambda: engine.readiness.phase == "failed")
    assert engine.readiness.problem == "no model: pull it"
    assert engine.readiness.step == "generator"
    with pytest.raises(ModelError, match="pull it"):
        asyncio.run(gather(engine))
    backend.load_error = None
    eventually(lambda: engine.readiness.phase == "failed")
    assert isinstance(asyncio.run(gather(engine))[-1], Done)
    engine.close()


def test_ingestion_reports_and_ends_with_the_receipt(engine: Engine, tmp_path: Path) -> None:
    async def take() -> list[object]:
        uploads = [Upload("a.md", good), Upload("empty.md", empty)]
        return [step async for step in engine.ingest("default", uploads)]

    good, empty = tmp_path / "1", tmp_path / "2"
    good.write_text("text")
    empty.touch()
    steps = asyncio.run(take())
    receipt = steps[-1]
    assert isinstance(receipt, list)
    assert [(o.name, o.change) for o in receipt] == [("a.md", "added"), ("empty.md", "failed")]
    assert Reading("empty.md", 1, 2, 0.5) in steps


def test_a_search_waits_for_the_models_and_not_for_an_answer() -> None:
    backend = FakeBackend()
    backend.gate.clear()
    engine = Engine(backend)
    engine.start()

    async def search() -> int:
        asking = asyncio.create_task(gather(engine, "a slow one"))
        searching = asyncio.create_task(engine.search("default", "hotels", 1))
        await asyncio.sleep(0.1)
        assert not searching.done()
        backend.gate.set()
        found = await searching
        assert not asking.done()
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        return len(found)

    assert asyncio.run(search()) == 1
    engine.close()


def test_a_search_tells_why_the_models_cannot_be_loaded() -> None:
    backend = FakeBackend(load_error=ModelError("no weights"))
    engine = Engine(backend)
    engine.start()
    with pytest.raises(ModelError, match="no weights"):
        asyncio.run(engine.search("default", "hotels", 1))
    engine.close()


def test_a_question_does_not_wait_for_documents(engine: Engine, backend: FakeBackend) -> None:
    async def scene() -> None:
        files = [Upload(f"{n}.md", Path("/nonexistent")) for n in range(2)]
        ingesting = engine.ingest("default", files)
        assert isinstance(await anext(ingesting), Reading)
        assert isinstance((await gather(engine))[-1], Done)
        await ingesting.aclose()

    backend.pause_s = 0.1
    asyncio.run(scene())


def test_the_bridge_says_that_nothing_happens() -> None:
    def produce(emit: Callable[[int], None], stopped: threading.Event) -> None:
        go.wait()
        emit(7)

    async def listen() -> list[int | None]:
        heard = []
        async for item in items_of(executor, produce, tick_s=0.01):
            heard.append(item)
            go.set()
        return heard

    go = threading.Event()
    with ThreadPoolExecutor(1) as executor:
        heard = asyncio.run(listen())
    assert heard[0] is None
    assert heard[-1] == 7
    with pytest.raises(Interrupted):
        asyncio.run(listen())


def test_a_listener_can_always_be_cancelled() -> None:
    def produce(emit: Callable[[int], None], stopped: threading.Event) -> None:
        while not (stopped.is_set() or over.is_set()):
            emit(1)
            stopped.wait(0.0005)

    async def listen() -> None:
        async with aclosing(items_of(executor, produce, tick_s=10)) as items:
            async for _ in items:
                pass

    async def scene() -> None:
        for _ in range(100):
            listener = asyncio.create_task(listen())
            await asyncio.sleep(0.003)
            listener.cancel()
            done, _ = await asyncio.wait({listener}, timeout=1)
            assert listener in done
            assert listener.cancelled()

    over = threading.Event()
    with ThreadPoolExecutor(1) as executor:
        try:
            asyncio.run(scene())
        finally:
            over.set()
