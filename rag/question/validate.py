"""A question as it was typed -> the question, or a clear error."""

from __future__ import annotations

from rag.errors import QuestionError


def check_question(question: str, max_chars: int) -> str:
    """The question without white space at its ends.

    Raises QuestionError if nothing is left, if it holds no letter and no digit, or if it is longer
    than `max_chars` characters.
    """
    stripped = question.strip()
    if not stripped:
        raise QuestionError("the question is empty: type what you want to know")
    if not any(character.isalnum() for character in stripped):
        raise QuestionError(f"the question {stripped[:40]!r} holds no words: type what to look for")
    if len(stripped) > max_chars:
        raise QuestionError(
            f"the question has {len(stripped):,} characters and at most {max_chars:,} are read: "
            "shorten it, or put the long text into a document and ask about it "
            "(setting answering.max_question_chars)"
        )
    return stripped
