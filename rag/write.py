"""Write: the language model's words, as they come.

A small model overlooks among five passages what it reads in one. Where the answer is likely there,
words that may yet decline are held back, and a model that does decline, or only says the question
again, is shown the best passage alone and asked again; if what it writes then is not held, the
next that answers almost alike. Knows nothing of retrieval or of how an answer is checked.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage

from rag.context import Passage
from rag.kind import says_nothing
from rag.model_errors import model_errors
from rag.prompt import LANGUAGES, build_messages, opening
from rag.refuse import LIKELY_TO_BE_THERE, declines, may_decline
from rag.types import Delta, Language

_NEAR = 0.95
"""Of the best answerability, from which a passage answers almost alike."""
_TRIES = 2
"""How many of them are shown alone, one after the other, until something is said."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What the model is asked: `scores` is the answerability of each passage by chunk id."""

    question: str
    language: Language
    passages: Sequence[Passage]
    scores: Mapping[str, float]

    @property
    def likely(self) -> bool:
        """Whether a passage likely holds the answer."""
        return max(self.scores.values(), default=0.0) >= LIKELY_TO_BE_THERE

    def messages(self) -> list[BaseMessage]:
        """The conversation with all passages."""
        return build_messages(self.question, self.passages, self.language)

    def pointed(self) -> list[list[BaseMessage]]:
        """The conversations with one of the best passages alone, and that it holds the answer: of
        those that answer almost alike, the ones with the better sentences, the best first."""
        scores = [self.scores[p.hit.chunk.chunk_id] for p in self.passages]
        near = [p for p, s in zip(self.passages, scores, strict=True) if s >= _NEAR * max(scores)]
        return [
            build_messages(self.question, [passage], self.language, pointed=True)
            for passage in sorted(near, key=lambda p: p.rank)[:_TRIES]
        ]

    def is_idle(self, raw: str) -> bool:
        """Whether the text only declines, or says nothing."""
        return declines(raw) or says_nothing(self.question, raw)


def write(
    chat: BaseChatModel,
    asking: Asking,
    begun: Callable[[], None],
    holds: Callable[[str], bool] = lambda raw: True,
) -> Generator[Delta, None, str]:
    """Pieces as the model writes them; returns its whole text. `begun` is called at each piece.
    `holds` tells whether the passages hold what was written from one alone; if not, the next is
    tried.

    Raises ModelError when the model does not answer.
    """
    hold = may_decline if asking.likely else None
    raw, shown = yield from _as_written(_pieces(chat, asking.messages()), begun, hold)
    if not asking.likely or not asking.is_idle(raw):
        return raw
    *tries, last = asking.pointed()
    for messages in (*tries, last):
        if shown:
            yield Delta("\n")
        raw, shown = yield from _as_written(_pieces(chat, messages), begun, None)
        if messages is last or (not asking.is_idle(raw) and holds(raw)):
            break
    return raw


def read_ahead(chat: BaseChatModel) -> None:
    """Have an embedded language model read what every prompt begins with, so that the first
    question of either language need not wait for it. Raises ModelError as writing does."""
    with model_errors():
        for language in LANGUAGES:
            with closing(chat.stream(opening(language))) as pieces:  # type: ignore[type-var]
                next(pieces, None)


def _pieces(chat: BaseChatModel, messages: list[BaseMessage]) -> Iterator[str]:
    with model_errors():
        for chunk in chat.stream(messages):
            if text := str(chunk.text):
                yield text


def _as_written(
    pieces: Iterator[str], begun: Callable[[], None], hold: Callable[[str], bool] | None
) -> Generator[Delta, None, tuple[str, bool]]:
    """Each piece as it comes; returns the whole text, and whether any was sent. What `hold` is true
    of waits until it no longer is, and is never sent if the text ends so and declines."""
    raw, sent = "", 0
    for piece in pieces:
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
