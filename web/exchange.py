"""A question of a conversation and what became of it, and the same as JSON.

Knows nothing of HTML, databases or Gradio.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic import TypeAdapter

from rag.types import Answer, Turn
from web.filters import Only

HISTORY_TURNS = 4
"""How many earlier turns a follow-up may look back on."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and what became of it: an answer, or a sentence saying why there is none.
    `collection` is the one that was asked, `only` says of which of its documents. Of a summary,
    `summarised` are the documents' ids and `section` the heading meant; with both an answer and a
    problem it was not finished."""

    question: str
    answer: Answer | None = None
    problem: str = ""
    collection: str = ""
    summarised: tuple[str, ...] = ()
    section: str = ""
    only: Only = field(default_factory=Only)


Exchanges = tuple[Exchange, ...]
_JSON: TypeAdapter[Exchange] = TypeAdapter(Exchange)


def to_json(exchange: Exchange) -> str:
    """The exchange with its whole answer, as one JSON object."""
    return _JSON.dump_json(exchange).decode()


def from_json(text: str) -> Exchange:
    """What `to_json` was given. Raises ValueError for anything else."""
    return _JSON.validate_json(text)


def history(exchanges: Sequence[Exchange]) -> list[Turn]:
    """The last answered turns, oldest first."""
    turns = [Turn(e.question, e.answer.answer) for e in exchanges if e.answer is not None]
    return turns[-HISTORY_TURNS:]
