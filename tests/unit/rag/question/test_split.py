"""Messages with several questions, taken apart by the model or left whole."""

from __future__ import annotations

import pytest

from rag.question import split_question
from rag.question.split import MOST_QUESTIONS
from tests.fakes import FakeChat

TWO = "How long is annual leave? And who signs for it?"


@pytest.mark.parametrize("question", ["How long is annual leave?", "租期多久", ""])
def test_one_sentence_is_one_question_and_the_model_is_not_asked(question: str) -> None:
    chat = FakeChat()
    assert split_question(question, chat) == (question,)
    assert chat.prompts == []


def test_without_a_model_the_message_is_asked_whole() -> None:
    assert split_question(TWO, None) == (TWO,)


@pytest.mark.parametrize(
    "listed",
    [
        "How long is annual leave?\nWho signs for annual leave?",
        "1. How long is annual leave?\n2) Who signs for annual leave?",
        "- How long is annual leave?\n\n• Who signs for annual leave?\n",
        "How long is annual leave?\nHow long is annual leave?\nWho signs for annual leave?",
    ],
)
def test_the_models_list_is_taken_without_its_marks_and_repeats(listed: str) -> None:
    assert split_question(TWO, FakeChat(replies=[listed])) == (
        "How long is annual leave?",
        "Who signs for annual leave?",
    )


def test_chinese_is_split_in_chinese() -> None:
    chat = FakeChat(replies=["1、租期多久？\n2、押金多少？"])
    assert split_question("租期多久？押金多少？", chat) == ("租期多久？", "押金多少？")
    assert "逐条列出" in chat.prompts[0][0].text


@pytest.mark.parametrize(
    "listed",
    [
        "How long is annual leave?",
        "How long is annual leave?\nWho pays the salaries?",
        "How long is annual leave?\nWhy?",
        "\n".join(f"{how} annual leave?" for how in ("Is", "How long", "Who signs", "Leave",
                                                    "Signs long")),
        "\n",
    ],
)  # fmt: skip
def test_a_list_of_one_of_too_many_or_of_new_words_is_set_aside(listed: str) -> None:
    assert split_question(TWO, FakeChat(replies=[listed])) == (TWO,)


def test_no_more_than_so_many_are_answered() -> None:
    message = " ".join(f"What is {letter}{letter}?" for letter in "abcdef")
    within = "\n".join(f"What is {letter}{letter}?" for letter in "abcd")
    beyond = f"{within}\nWhat is ee?"
    assert len(split_question(message, FakeChat(replies=[within]))) == MOST_QUESTIONS
    assert split_question(message, FakeChat(replies=[beyond])) == (message,)
