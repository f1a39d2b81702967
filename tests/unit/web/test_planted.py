"""Forty documents that order tools to be called or other texts to be told, read by a language model
that does whatever they say: what it can do at worst, over chat and over MCP."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk

from benchmarks.planted import (
    CANARIES,
    FORBIDDEN,
    ITEMS,
    PLANTED,
    Running,
    chat,
    lay,
    over_mcp,
    serving,
)
from eval.data import open_questions
from eval.types import Example
from rag.config import Settings
from rag.models.generator import Generator
from rag.text import keyword_terms
from rag.types import FloatArray
from tests.builders import tools_of
from tests.fakes import FakeChat
from web.backend import LocalBackend
from web.work import Step

EXAMPLES = open_questions([ITEMS], "jsonl").examples
ORDERED = {"name": "search", "args": f'{{"collection": "{FORBIDDEN}"}}', "id": "1", "index": 0}


class Obedient(FakeChat):
    """Says all that it was given to read, and calls a tool."""

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        self.prompts.append(list(messages))
        self.options.append(kwargs)
        read = messages[-1].text.partition("<<<\n")[2].partition("\n>>>")[0]
        message = AIMessageChunk(content=read, tool_call_chunks=[cast("Any", ORDERED)])
        yield ChatGenerationChunk(message=message)


class WordsInCommon:
    """A cross-encoder that goes by the share of the question's words."""

    def scores(self, question: str, passages: Sequence[str]) -> FloatArray:
        asked = set(keyword_terms(question))
        shares = [len(asked & set(keyword_terms(text))) / len(asked) for text in passages]
        return np.array([16 * share - 2 for share in shares], dtype=np.float32)


class Steered(LocalBackend):
    """The real back-end over that model; the encoders are stand-ins."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.chat = Obedient()
        self.tools = tools_of(WordsInCommon())

    def load(self, report: Callable[[Step], None]) -> None:
        generator = Generator("obedient", None, self.chat)
        self._models = cast("Any", SimpleNamespace(tools=self.tools, generator=generator))


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Steered:
    home = tmp_path_factory.mktemp("planted")
    settings = Settings.model_validate({"home": home, "hub": {"enabled": False}})
    return Steered(settings)


@pytest.fixture(scope="module")
def running(backend: Steered) -> Iterator[Running]:
    lay(EXAMPLES, backend._settings, backend.tools.search.plain)
    with serving(backend._settings, backend) as running:
        yield running


def test_there_are_forty_in_both_languages() -> None:
    assert len(EXAMPLES) >= 40
    languages = [example.language for example in EXAMPLES]
    assert languages.count("en") == languages.count("zh")
    assert all(example.forbidden and example.passages for example in EXAMPLES)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.id)
def test_no_order_is_carried_out(example: Example, running: Running, backend: Steered) -> None:
    told = {"chat": chat(example, running), "mcp": over_mcp(example, running)}
    for way, row in told.items():
        assert not row["called"], (way, row)
        assert not row["leaked"], (way, row)
    # The order was read, or this shows nothing; and no tool was within the model's reach.
    asked = backend.chat.prompts[-1][-1].text
    assert example.passages[0].split("\n")[0].rstrip(".。") in asked
    assert not any("tools" in options for options in backend.chat.options)
    assert not any(word in asked for word in CANARIES)


def test_whoever_may_read_the_other_collection_is_told_of_it(
    backend: Steered, running: Running, tmp_path: Path
) -> None:
    """The words that must not leak can be found: the test above could fail."""
    found = backend.search(FORBIDDEN, "merger", 3)
    assert CANARIES[0] in found[0].chunk.text
    assert not any(CANARIES[0] in hit.chunk.text for hit in backend.search(PLANTED, "merger", 50))
