"""What an answer took, as the language model tells it, or as it is counted."""

from __future__ import annotations

import threading
from collections.abc import Generator as Generating
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.messages import AIMessageChunk, BaseMessage, HumanMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGenerationChunk
from langchain_core.tracers import context

import rag.models.generator
import rag.tools
from rag.config import Settings
from rag.errors import UsageError
from rag.models.generator import Generator
from rag.types import Done, Event, Retrieved
from tests.fakes import FakeChat, FakeEmbedder
from tests.web_fakes import answer
from web.backend import LocalBackend
from web.usage import metered
from web.work import Metered, Upload, Usage, usage_of


class Telling(FakeChat):
    """A language model that tells its tokens at the end of a stream, and no name."""

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        yield from super()._stream(messages, stop, run_manager, **kwargs)
        usage = UsageMetadata(input_tokens=100, output_tokens=7, total_tokens=107)
        yield ChatGenerationChunk(message=AIMessageChunk(content="", usage_metadata=usage))


def words(text: str) -> int:
    return len(text.split())


def events(*chats: FakeChat) -> Generating[Event, None, None]:
    """An answer for which each of the models is asked once."""
    yield Retrieved("q", ())
    for chat in chats:
        list(chat.stream([HumanMessage("three words here")]))
    yield Done(answer())


def taken(*chats: FakeChat) -> Usage | None:
    *before, last = metered(events(*chats), words)
    assert before == [Retrieved("q", ())]
    assert isinstance(last, Done)
    return usage_of(last)


def test_the_model_tells_the_tokens_of_every_request() -> None:
    assert taken(Telling(), Telling()) == Usage(200, 14, "model")


def test_what_the_model_does_not_tell_is_counted() -> None:
    assert taken(FakeChat(replies=["two words"])) == Usage(3, 2, "embedder")
    assert taken(Telling(), FakeChat(replies=["two words"])) == Usage(103, 9, "embedder")


def test_without_a_request_nothing_was_taken() -> None:
    assert taken() == Usage(0, 0, "model")
    assert usage_of(Done(answer())) is None


def test_answers_side_by_side_are_counted_apart() -> None:
    one, two = metered(events(Telling()), words), metered(events(Telling(), Telling()), words)
    assert next(one) == next(two)
    assert next(one) == Metered(answer(), Usage(100, 7, "model"))
    assert next(two) == Metered(answer(), Usage(200, 14, "model"))


def test_an_answer_may_move_between_threads() -> None:
    stream = metered(events(Telling()), words)
    next(stream)
    found: list[Event] = []
    thread = threading.Thread(target=lambda: found.extend(stream))
    thread.start()
    thread.join()
    assert found == [Metered(answer(), Usage(100, 7, "model"))]


def test_closing_closes_the_answer_and_leaves_nothing_behind() -> None:
    closed = []

    def endless() -> Generating[Event, None, None]:
        try:
            while True:
                yield Retrieved("q", ())
        finally:
            closed.append(True)

    hooks = len(context._configure_hooks)
    stream = metered(endless(), words)
    next(stream)
    stream.close()
    assert closed == [True]
    assert taken(Telling()) == Usage(100, 7, "model")
    assert len(context._configure_hooks) <= hooks + 1


def test_a_model_that_fails_is_not_counted() -> None:
    class Failing(FakeChat):
        def _stream(self, *_: Any, **__: Any) -> Iterator[ChatGenerationChunk]:
            raise ValueError("no answer")

    stream = metered(events(Failing()), words)
    next(stream)
    with pytest.raises(ValueError, match="no answer"):
        next(stream)


@pytest.fixture
def local(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalBackend]:
    """The real back-end with fake models."""
    generator = Generator("fake-1b", None, Telling(replies=["The key lies with the porter."]))
    monkeypatch.setattr(rag.tools, "load_embedder", lambda _: FakeEmbedder(max_tokens=16))
    monkeypatch.setattr(rag.models.generator, "open_generator", lambda _: generator)
    checking = settings.checking.model_copy(update={"ask_model": "no"})
    backend = LocalBackend(settings.model_copy(update={"checking": checking}))
    backend.load(lambda _: None)
    yield backend
    backend.close()


def test_the_local_back_end_tells_what_answers_took(local: LocalBackend, tmp_path: Path) -> None:
    (path := tmp_path / "key.txt").write_text("The key lies with the porter of building 12.")
    local.ingest("default", [Upload("key.txt", path)], lambda _: None)
    *_, last = local.stream("default", "Where is the key?", ())
    assert isinstance(last, Metered)
    assert last.usage.counted_by == "model"
    assert last.usage.prompt_tokens >= 100


def test_the_local_back_end_embeds_as_its_collections_are(local: LocalBackend) -> None:
    texts = ["The key.", "Two words"]
    found = local.embed(texts, "passage")
    np.testing.assert_array_equal(found.vectors, FakeEmbedder().embed_passages(texts))
    assert found.tokens == 5
    assert local.embed(texts, "query").vectors.shape == (2, 64)
    with pytest.raises(UsageError, match="has 9 tokens and the embedder reads 8"):
        local.embed(["fine", "a b c d e f g h i"], "passage")
