"""Passages -> the language model's words, as they come.

A small model overlooks among five passages what it reads in one. Where the cross-encoder finds an
answer in a passage, words that may yet decline are held back, and a model that does decline is
shown the best passage alone and asked again. Knows nothing of retrieval or of how an answer is
checked.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage

from rag.evidence import Passage
from rag.generation.declining import declines, may_decline
from rag.generation.prompt import LANGUAGES, build_messages, check_opening, opening
from rag.models.endpoint import model_errors
from rag.types import Delta, Language

ANSWERS_FROM = 0.0
"""The cross-encoder's logit from which a passage is taken to hold the answer."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What the model wrote; `declined` if it says nothing but that it declines."""

    text: str
    declined: bool


def write(
    chat: BaseChatModel,
    question: str,
    passages: Sequence[Passage],
    language: Language,
    *,
    ask_again: bool = True,
    begun: Callable[[], None] = lambda: None,
) -> Generator[Delta, None, Draft]:
    """Pieces as the model writes them; returns the draft. `begun` is called at each piece.

    Raises ModelError when the model does not answer.
    """
    best = max(passages, key=lambda passage: passage.score)
    hold = may_decline if ask_again and best.score >= ANSWERS_FROM else None
    messages = build_messages(question, passages, language)
    text, shown = yield from _as_written(pieces(chat, messages), begun, hold)
    if hold is None or not declines(text):
        return Draft(text, declines(text))
    if shown:
        yield Delta("\n")
    messages = build_messages(question, [best], language, pointed=True)
    text, _ = yield from _as_written(pieces(chat, messages), begun, None)
    return Draft(text, declines(text))


def pieces(chat: BaseChatModel, messages: list[BaseMessage], **options: Any) -> Iterator[str]:
    """The model's words as they come; `options` are the model's own, for this call. Raises
    ModelError when it does not answer."""
    with model_errors():
        for chunk in chat.stream(messages, **options):
            if text := str(chunk.text):
                yield text


def read_ahead(chat: BaseChatModel) -> None:
    """Have an embedded language model read what every prompt and every check begins with, so that
    the first question of either language need not wait for it. Raises ModelError as writing does.
    """
    with model_errors():
        for language in LANGUAGES:
            for messages in (opening(language), check_opening(language)):
                with closing(chat.stream(messages)) as begun:  # type: ignore[type-var]
                    next(begun, None)


def _as_written(
    written: Iterator[str], begun: Callable[[], None], hold: Callable[[str], bool] | None
) -> Generator[Delta, None, tuple[str, bool]]:
    """Each piece as it comes; returns the whole text, and whether any was sent. What `hold` is true
    of waits until it no longer is, and is never sent if the text ends so and declines."""
    raw, sent = "", 0
    for piece in written:
        raw += piece
        if hold is not None and hold(raw):
            continue
        begun()
        yield Delta(raw[sent:])
        sent = len(raw)
    if sent < len(raw) and not declines(raw):
        begun()
        yield Delta(raw[sent:])
        sent = len(raw)
    return raw, sent > 0
