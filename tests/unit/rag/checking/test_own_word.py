"""The language model's own word on whether the cited passage holds the answer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import openai
import pytest
from langchain_core.messages import BaseMessage
from pydantic import Field

from rag.checking.own_word import OwnWord, own_word_of, share_of_yes
from rag.config import Settings
from rag.errors import ModelError
from rag.generation.prompt import LANGUAGES
from tests.builders import LEAVE, QUESTION, switched, whole_of
from tests.fakes import FakeChat, transport


def refused_by_the_server(status: int) -> openai.APIStatusError:
    library = transport()
    response = library.Response(status, request=library.Request("POST", "http://127.0.0.1/v1"))
    kind = openai.BadRequestError if status == 400 else openai.InternalServerError
    return kind("logprobs are not known here", response=response, body=None)


@pytest.mark.parametrize(
    ("tokens", "language", "share"),
    [
        ([("yes", 0.6), ("no", 0.2)], "en", 0.75),
        ([("Yes", 0.3), (" yes", 0.3), ("No", 0.2)], "en", 0.75),
        ([("是", 0.2), ("否", 0.5), ("不", 0.1)], "zh", 0.25),
        ([("有", 0.2), ("沒有", 0.6)], "zh", 0.25),
        ([("yes", 1.0)], "en", 1.0 - 1e-4),
        ([("Well", 0.9), ("The", 0.1)], "en", None),
        ([], "en", None),
    ],
)
def test_the_share_of_yes(
    tokens: list[tuple[str, float]], language: Any, share: float | None
) -> None:
    told = [{"token": word, "logprob": math.log(p)} for word, p in tokens]
    assert share_of_yes(told, language) == (None if share is None else pytest.approx(share))


def test_only_the_passage_given_and_the_question_are_shown() -> None:
    chat = FakeChat(tokens=[("yes", 0.9), ("no", 0.1)])
    held = OwnWord(chat).holds(QUESTION, whole_of(LEAVE), "en")
    assert held == pytest.approx(0.9)
    [[system, *_, user]] = chat.checks
    assert "yes or no" in str(system.content)
    assert "Annual leave is 30 days a year." in str(user.content)
    question, instruction = str(user.content).splitlines()[-2:]
    assert question.endswith(QUESTION)
    assert instruction.endswith("what the question asks for?")


@pytest.mark.parametrize("error", [None, refused_by_the_server(400)])
def test_an_endpoint_that_tells_no_probabilities_is_asked_once(error: Exception | None) -> None:
    chat = FakeChat(error=error)
    own = OwnWord(chat)
    for _ in range(3):
        assert own.holds(QUESTION, whole_of(LEAVE), "en") is None
    assert len(chat.checks) == 1


def test_a_server_that_fails_or_is_slow_is_asked_again() -> None:
    request = transport().Request("POST", "http://127.0.0.1:1/v1")
    empty = ValueError("No generations found in stream.")
    for error in (refused_by_the_server(500), openai.APITimeoutError(request=request), empty):
        chat = FakeChat(error=error)
        own = OwnWord(chat)
        for _ in range(2):
            assert own.holds(QUESTION, whole_of(LEAVE), "en") is None
        assert len(chat.checks) == 2


def test_a_server_that_cannot_be_reached_is_an_error() -> None:
    request = transport().Request("POST", "http://127.0.0.1:1/v1")
    chat = FakeChat(error=openai.APIConnectionError(request=request))
    with pytest.raises(ModelError, match="cannot be reached"):
        OwnWord(chat).holds(QUESTION, whole_of(LEAVE), "en")


class Telling(FakeChat):
    """Knows the first word without writing it."""

    asked: list[tuple[tuple[str, ...], ...]] = Field(default_factory=list)

    def first_word(
        self, messages: Sequence[BaseMessage], words: Sequence[Sequence[str]]
    ) -> Sequence[float]:
        self.asked.append(tuple(tuple(spellings) for spellings in words))
        return [math.log(0.6), math.log(0.2)]


def test_a_model_that_knows_its_first_word_writes_none() -> None:
    chat = Telling()
    for language in LANGUAGES:
        held = OwnWord(chat).holds(QUESTION, whole_of(LEAVE), language)
        assert held == pytest.approx(0.75)
    assert chat.prompts == chat.checks == []
    assert chat.asked == [(("Yes", "yes"), ("No", "no")), (("是",), ("否",))]


def test_the_smallest_model_is_asked_only_where_that_is_wanted(settings: Settings) -> None:
    def asked(model: str, wanted: str) -> bool:
        chosen = switched(settings, generator={"model": model}, checking={"ask_model": wanted})
        return own_word_of(FakeChat(), chosen) is not None

    small, default = "qwen2.5-coder-0.5b-instruct", settings.generator.model
    assert asked(default, "auto")
    assert not asked(default, "no")
    assert not asked(small, "auto")
    assert asked(small, "yes")
