"""Write: the language model's words, as they come.

A small model overlooks among five passages what it reads in one. Where the answer is likely there,
words that may yet decline are held back, and a model that does decline, or only says the question
again, is shown the best passage alone and asked again. Knows nothing of retrieval or of how an
answer is checked.
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

    def pointed(self) -> list[BaseMessage]:
        """The conversation with the best passage alone, and that it holds the answer. Of those that
        answer almost alike, the one with the better sentence."""
        scores = [self.scores[p.hit.chunk.chunk_id] for p in self.passages]
        near = [p for p, s in zip(self.passages, scores, strict=True) if s >= _NEAR * max(scores)]
        best = min(near, key=lambda p: p.rank)
        return build_messages(self.question, [best], self.language, pointed=True)


def write(
    chat: BaseChatModel, asking: Asking, begun: Callable[[], None]
) -> Generator[Delta, None, str]:
    """Pieces as the model writes them; returns its whole text. `begun` is called at each piece.

    Raises ModelError when the model does not answer.
    """
    hold = may_decline if asking.likely else None
    raw, shown = yield from _as_written(_pieces(chat, asking.messages()), begun, hold)
    if asking.likely and (declines(raw) or says_nothing(asking.question, raw)):
        if shown:
            yield Delta("\n")
        raw, _ = yield from _as_written(_pieces(chat, asking.pointed()), begun, None)
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
