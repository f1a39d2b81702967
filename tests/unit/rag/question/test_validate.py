"""Questions that cannot be asked say why."""

from __future__ import annotations

import pytest

from rag.errors import QuestionError
from rag.question import check_question


def test_white_space_at_the_ends_is_taken_away() -> None:
    assert check_question(" \n Why? \t", 4) == "Why?"


@pytest.mark.parametrize("question", ["", "  \n", "\u3000"])
def test_an_empty_question_is_refused(question: str) -> None:
    with pytest.raises(QuestionError, match="is empty"):
        check_question(question, 100)


@pytest.mark.parametrize("question", ["?!", "……？", "\U0001f600"])
def test_one_without_words_is_refused(question: str) -> None:
    with pytest.raises(QuestionError, match="holds no words"):
        check_question(question, 100)


def test_a_long_one_is_refused_with_its_length_and_the_setting() -> None:
    with pytest.raises(QuestionError, match=r"1,001 characters.*max_question_chars"):
        check_question("x" * 1001, 1000)
