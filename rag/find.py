"""Find: the passages for every part of a question (`rag.decompose`), and for the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Protocol, runtime_checkable

from rag.config import AnsweringSettings
from rag.decompose import decompose
from rag.mentions import mentions
from rag.rarity import content_terms
from rag.types import Hit

_SHARE = 0.6
_LEAST_BUDGET = 150
_NAMED = ("name", "person")


@runtime_checkable
class Finder(Protocol):
    """What the answerer needs of a retriever."""

    def retrieve(self, question: str, k: int | None = None) -> list[Hit]:
        """The best hits for the question, best first."""


@dataclass(frozen=True, slots=True)
class Given:
    """A finder that has but the hits it was given, whatever is asked."""

    hits: Sequence[Hit]

    def retrieve(self, question: str, k: int | None = None) -> list[Hit]:
        """All of them, or the first `k`."""
        return list(self.hits[:k])


@dataclass(frozen=True, slots=True)
class SubQuestion:
    """A question to be answered on its own, with the passages to answer it from; if `leans`, once
    the one before it is answered."""

    question: str
    hits: Sequence[Hit]
    leans: bool = False


def find_all(finder: Finder, question: str, k: int | None = None) -> list[SubQuestion]:
    """The parts of a stand-alone question, each with its best hits, at most `k`; for a part that
    leans on another they are those of the whole question, until that is answered."""
    parts = decompose(question)
    sought = [question if part.leans else part.text for part in parts]
    return [
        SubQuestion(part.text, finder.retrieve(text, k), part.leans)
        for part, text in zip(parts, sought, strict=True)
    ]


def with_answer(question: str, asked: str, answer: str) -> str:
    """`question`, which leans on the `answer` to `asked`, with what that names, or all of it."""
    known = asked.lower()
    named = [m.text for m in mentions(answer) if m.kind in _NAMED and content_terms(m.text)]
    told = [name for name in named if name.lower() not in known]
    if not told:
        return f"{answer} {question}"
    return f"{question.rstrip('?？')} ({', '.join(dict.fromkeys(told))}){question[-1:]}"


def merged(found: Sequence[SubQuestion]) -> list[Hit]:
    """The hits of all parts, each once: the best of every part first, then the second best."""
    hits: dict[str, Hit] = {}
    for turn in zip_longest(*(part.hits for part in found)):
        for hit in turn:
            if hit is not None:
                hits.setdefault(hit.chunk.chunk_id, hit)
    return list(hits.values())


def budget_each(settings: AnsweringSettings, count: int) -> int:
    """Tokens of passages for each of `count` parts: a part needs fewer than a whole question, and
    all together should not take twice as long."""
    if count == 1:
        return settings.budget_tokens
    return min(settings.budget_tokens, max(_LEAST_BUDGET, round(_SHARE * settings.budget_tokens)))
