"""The language model's own word on whether the cited passage holds the answer."""

from __future__ import annotations

import math
from typing import Any

import openai
import pytest
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import Field

from rag.config import Settings
from rag.errors import ModelError
from rag.checking.own_word import Opinion, opinion_of, share_of_yes
from rag.pipeline import Answerer
from rag.checking.decide import ABSTENTION
from tests.builders import FixedFinder, OverlapScorer, hit, whole_of
from tests.fakes import FakeChat, FakeEmbedder, transport

LEAVE = hit("Annual leave is 30 days a year. The canteen opens at noon.", "leave.md", score=0.9)
SICK = hit("Sick pay lasts six weeks. Ask Anna Weber.", "sick.md", score=0.8)
QUESTION = "How long is annual leave?"
THIRD = math.exp(-2.0) / 3
QUARTER_IN_CHINESE = THIRD / (1 + THIRD)
"""A quarter, less what the model's readiness to say yes in Chinese adds to it."""


class SayingChat(FakeChat):
    """Answers from its replies, and with `tokens` where it is asked for probabilities."""

    tokens: list[tuple[str, float]] = Field(default_factory=list)
    error: Exception | None = None

    def _generate(self, messages: Any, *args: Any, **options: Any) -> ChatResult:
        if not options.get("logprobs"):
            return super()._generate(messages, *args, **options)
        self.prompts.append(list(messages))
        if self.error is not None:
            raise self.error
        assert options["max_completion_tokens"] == 1
        top = [{"token": word, "logprob": math.log(share)} for word, share in self.tokens]
        told = {"logprobs": {"content": [{"top_logprobs": top}]}} if top else {}
        message = AIMessage(content="yes", response_metadata=told)
        return ChatResult(generations=[ChatGeneration(message=message)])


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
        ([("是", 0.2), ("否", 0.5), ("不", 0.1)], "zh", QUARTER_IN_CHINESE),
        ([("有", 0.2), ("沒有", 0.6)], "zh", QUARTER_IN_CHINESE),
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
    chat = SayingChat(tokens=[("yes", 0.9), ("no", 0.1)])
    held = Opinion(chat).holds(QUESTION, whole_of(LEAVE), "en")
    assert held == pytest.approx(0.9)
    [[system, user]] = chat.prompts
    assert "yes or no" in str(system.content)
    assert "Annual leave is 30 days a year." in str(user.content)
    question, instruction = str(user.content).splitlines()[-2:]
    assert question.endswith(QUESTION)
    assert instruction.endswith("what the question asks for?")


@pytest.mark.parametrize("error", [None, refused_by_the_server(400)])
def test_an_endpoint_that_tells_no_probabilities_is_asked_once(error: Exception | None) -> None:
    chat = SayingChat(error=error)
    opinion = Opinion(chat)
    for _ in range(3):
        assert opinion.holds(QUESTION, whole_of(LEAVE), "en") is None
    assert len(chat.prompts) == 1


def test_a_server_that_fails_costs_no_answer_and_is_asked_again(settings: Settings) -> None:
    chat = SayingChat(replies=["Annual leave is 30 days."], error=refused_by_the_server(500))
    asker = asking(settings, chat)
    for _ in range(2):
        assert asker.answer(QUESTION).answer == "Annual leave is 30 days."
    assert len(chat.prompts) == 4


def test_a_server_that_cannot_be_reached_is_an_error() -> None:
    request = transport().Request("POST", "http://127.0.0.1:1/v1")
    chat = SayingChat(error=openai.APIConnectionError(request=request))
    with pytest.raises(ModelError, match="cannot be reached"):
        Opinion(chat).holds(QUESTION, whole_of(LEAVE), "en")


def test_an_answer_is_not_lost_to_a_slow_moment(settings: Settings) -> None:
    request = transport().Request("POST", "http://127.0.0.1:1/v1")
    chat = SayingChat(
        replies=["Annual leave is 30 days a year."], error=openai.APITimeoutError(request=request)
    )
    assert asking(settings, chat).answer(QUESTION).answer == "Annual leave is 30 days a year."
    asked = len(chat.prompts)
    assert Opinion(chat).holds(QUESTION, whole_of(LEAVE), "en") is None
    assert len(chat.prompts) == asked + 1


def asking(settings: Settings, chat: FakeChat) -> Answerer:
    return Answerer(
        FixedFinder(SICK, LEAVE),
        chat,
        settings,
        OverlapScorer(),
        {},
        embedder=FakeEmbedder(),
        opinion=Opinion(chat),
    )


def test_the_model_is_shown_what_it_cited_and_its_no_weighs(settings: Settings) -> None:
    replies = ["Annual leave is 30 days."]
    sure = SayingChat(replies=replies, tokens=[("yes", 0.999), ("no", 0.001)])
    unsure = SayingChat(replies=replies, tokens=[("yes", 0.05), ("no", 0.95)])
    yes, no = (asking(settings, chat).answer(QUESTION) for chat in (sure, unsure))
    assert yes.answer == "Annual leave is 30 days."
    assert no.answer == ABSTENTION["en"]
    assert no.confidence < 0.5 < yes.confidence
    _, asked = sure.prompts
    assert "Annual leave" in str(asked[-1].content)
    assert "Sick pay" not in str(asked[-1].content)


def test_of_several_passages_cited_one_is_shown(settings: Settings) -> None:
    chat = SayingChat(
        replies=["Annual leave is 30 days a year. Sick pay lasts six weeks."],
        tokens=[("yes", 0.9), ("no", 0.1)],
    )
    asking(settings, chat).answer("How long are annual leave and sick pay?")
    checks = [asked for asked in chat.prompts if "yes or no" in str(asked[0].content)]
    assert checks
    assert all("[1] (" in str(m[-1].content) and "[2] (" not in str(m[-1].content) for m in checks)


def test_where_nothing_is_shown_the_model_is_not_asked(settings: Settings) -> None:
    chat = SayingChat(replies=["The moon is made of cheese."], tokens=[("yes", 1.0)])
    assert asking(settings, chat).answer(QUESTION).status == "abstained"
    assert not [asked for asked in chat.prompts if "yes or no" in str(asked[0].content)]


def test_the_smallest_model_is_asked_only_where_that_is_wanted(settings: Settings) -> None:
    def asked(model: str, wanted: str) -> bool:
        generator = settings.generator.model_copy(update={"model": model})
        answering = settings.answering.model_copy(update={"ask_model": wanted})
        chosen = settings.model_copy(update={"generator": generator, "answering": answering})
        return opinion_of(FakeChat(), chosen) is not None

    small, default = "qwen2.5-coder-0.5b-instruct", settings.generator.model
    assert asked(default, "auto")
    assert not asked(default, "no")
    assert not asked(small, "auto")
    assert asked(small, "yes")


def test_of_a_table_the_model_is_shown_the_row_that_it_cited(settings: Settings) -> None:
    table = hit(
        "| Leave | Days |\n|---|---|\n| Annual leave | 30 days |\n| Study leave | 12 days |",
        "table.md",
    )
    chat = SayingChat(replies=["Annual leave is 30 days."], tokens=[("yes", 0.999), ("no", 0.001)])
    asker = Answerer(
        FixedFinder(table),
        chat,
        settings,
        OverlapScorer(),
        {},
        embedder=FakeEmbedder(),
        opinion=Opinion(chat),
    )
    asker.answer(QUESTION)
    shown, checked = (str(prompt[-1].content) for prompt in chat.prompts)
    assert "12 days" in shown
    assert "30 days" in checked
    assert "12 days" not in checked
