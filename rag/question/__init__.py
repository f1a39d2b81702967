"""A turn and the conversation before it -> the questions to search for, each standing alone."""

from rag.question.split import split_question
from rag.question.standalone import standalone_question
from rag.question.validate import check_question

__all__ = ["check_question", "split_question", "standalone_question"]
