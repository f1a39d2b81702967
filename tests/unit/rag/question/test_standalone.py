"""Follow-ups: one call of the model, and only where there is a conversation."""

from __future__ import annotations

import pytest

from rag.question import standalone_question
from rag.types import Turn
from tests.fakes import FakeChat

HISTORY = [Turn("When was the Leipzig plant closed?", "It was closed in 2022.")]


def test_without_a_conversation_nothing_is_asked_of_the_model() -> None:
    chat = FakeChat()
    assert standalone_question("What about it?", [], chat) == "What about it?"
    assert chat.prompts == []


@pytest.mark.parametrize(
    ("question", "proposal"),
    [
        ("Why?", "Why was the Leipzig plant closed?"),
        ("And the one in Bremen?", "When was the Bremen plant closed?"),
        ("Who decided that in 2022?", "Who decided in 2022 to close the Leipzig plant?"),
    ],
)
def test_the_models_rewriting_is_taken(question: str, proposal: str) -> None:
    chat = FakeChat(replies=[f"  {proposal}\n\nIt puts the plant in the place of that."])
    assert standalone_question(question, HISTORY, chat) == proposal
    assert len(chat.prompts) == 1
    assert chat.options[0]["max_completion_tokens"] <= 100


def test_chinese_is_rewritten_in_chinese() -> None:
    history = [Turn("销售部的差旅报销上限是多少？", "500元。")]
    chat = FakeChat(replies=["研发部的差旅报销上限是多少？"])
    rewritten = standalone_question("那研发部呢？", history, chat)
    assert rewritten == "研发部的差旅报销上限是多少？"
    system, *_, asked = chat.prompts[0]
    assert "改写" in system.text
    assert asked.text == (
        "用户：销售部的差旅报销上限是多少？\n助手：500元。\n最后一个问题：那研发部呢？"
    )


@pytest.mark.parametrize(
    "proposal",
    [
        "Why did Elon Musk buy Twitter?",
        "Why was the Leipzig plant closed in 2023?",
        "",
        "The?",
    ],
)
def test_one_that_brings_in_new_words_or_none_is_set_aside(proposal: str) -> None:
    rewritten = standalone_question("Why?", HISTORY, FakeChat(replies=[proposal or "\n"]))
    assert rewritten == "When was the Leipzig plant closed? Why?"


def test_without_a_model_the_question_before_stands_beside_this_one() -> None:
    assert standalone_question("Why?", HISTORY, None) == "When was the Leipzig plant closed? Why?"


def test_the_model_reads_the_last_turns_and_not_whole_answers() -> None:
    history = [Turn(f"Question {n}?", f"Answer {n}. " + "word " * 100) for n in range(5)]
    chat = FakeChat(replies=["Question 4?"])
    standalone_question("And then?", history, chat)
    told = chat.prompts[0][-1].text
    assert [n for n in range(5) if f"Question {n}?" in told] == [2, 3, 4]
    assert len(told) < 3 * 300


def test_a_word_said_only_before_those_turns_is_new() -> None:
    history = [Turn("Who runs Bremen?", "Anna."), *(Turn(f"Question {n}?", "Yes.") for n in "abc")]
    proposal = "Who runs Bremen?"
    asked = standalone_question("And now?", history, FakeChat(replies=[proposal]))
    assert asked == "Question c? And now?"
