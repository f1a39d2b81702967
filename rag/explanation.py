"""Explanation: what became of a text that should have been found, as records and for a terminal.

`rag.explain` makes it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

_SHOWN = 8
"""Sentences listed in the text form, best first."""


@dataclass(frozen=True, slots=True)
class Place:
    """An occurrence of the expected text: `start:end` are offsets in the page's text."""

    document: str
    document_id: str
    page: int
    start: int
    end: int
    around: str


@dataclass(frozen=True, slots=True)
class ChunkFate:
    """What became of a chunk that holds the expected text. `ranks` are its 1-based places by each
    searcher that found it, fused and by the cross-encoder ("read"), `scores` what these gave;
    `position` is its place among all candidates in the end, `hit` that among the hits given to the
    next stage, None if it is not there; `in_prompt` whether the very words were chosen."""

    chunk_id: str
    document: str
    page: int
    whole: bool
    ranks: dict[str, int]
    scores: dict[str, float]
    position: int | None
    hit: int | None
    in_prompt: bool


@dataclass(frozen=True, slots=True)
class SentenceFate:
    """How a sentence of the hits was scored, and whether the model gets to read it; `start:end`
    are offsets in the page's text, `expected` says that it holds some of the expected words."""

    text: str
    document: str
    document_id: str
    page: int
    start: int
    end: int
    score: float | None
    tokens: int
    chosen: bool
    expected: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """The whole way of `expect`; `verdict` says in one sentence where it ended."""

    question: str
    expect: str
    verdict: str
    places: tuple[Place, ...]
    chunks: tuple[ChunkFate, ...]
    sentences: tuple[SentenceFate, ...]
    budget_tokens: int

    def to_json(self) -> dict[str, Any]:
        """Plain dicts, lists, strings and numbers."""
        return asdict(self)

    def text(self) -> str:
        """For a terminal."""
        lines = [self.verdict, ""]
        lines += [f"In the parsed text: {len(self.places)} place(s)"]
        lines += [f"  {p.document} p. {p.page} [{p.start}:{p.end}] {p.around}" for p in self.places]
        lines += ["", "Chunks that hold it:"]
        lines += [f"  {_chunk_line(c)}" for c in self.chunks] or ["  none"]
        lines += ["", f"Sentences of the hits, best first (budget {self.budget_tokens} tokens):"]
        for s in self.sentences[:_SHOWN]:
            mark = ("+" if s.chosen else "-") + ("*" if s.expected else " ")
            score = "  never" if s.score is None else f"{s.score:7.3f}"
            lines.append(f"  {mark} {score} {s.document} p. {s.page}: {s.text[:100]}")
        return "\n".join(lines)


def _chunk_line(chunk: ChunkFate) -> str:
    ranks = ", ".join(f"{name} {rank}" for name, rank in chunk.ranks.items()) or "found by none"
    used = f"hit {chunk.hit}" if chunk.hit else "not among the hits"
    cut = "" if chunk.whole else ", cut in two"
    prompt = "in the prompt" if chunk.in_prompt else "not in the prompt"
    return f"{chunk.document} p. {chunk.page}{cut}: {ranks}; {used}; {prompt}"
