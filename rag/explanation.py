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
    """What became of a chunk that holds the expected text. Ranks are 1-based, None if the searcher
    did not find it: `translated` is that by the question's translated words, which only passages in
    another language have, `reread` the place among the candidates after the first hits were read
    again (`rag.reread`), `hit` that among the hits given to the next stage; `answerable` is its
    answerability in [0, 1]; `in_prompt` whether the very words were chosen."""

    chunk_id: str
    document: str
    page: int
    whole: bool
    vectors: int | None
    keywords: int | None
    translated: int | None
    fused: int | None
    reread: int | None
    scores: dict[str, float]
    hit: int | None
    answerable: float | None
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
    """The whole way of `expect`; `verdict` says in one sentence where it ended. `asked` is the part
    of the question that came nearest to it (`rag.decompose`), mostly the question itself."""

    question: str
    asked: str
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
        if self.asked != self.question:
            lines += [f"Asked as a part of its own: {self.asked}", ""]
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
    translated = [("translated words", chunk.translated)] if chunk.translated else []
    ranks = ", ".join(
        f"{name} {rank if rank else 'not found'}"
        for name, rank in (
            ("vectors", chunk.vectors),
            ("keywords", chunk.keywords),
            *translated,
            ("fused", chunk.fused),
            ("reread", chunk.reread),
        )
    )
    used = f"hit {chunk.hit}" if chunk.hit else "not among the hits"
    answerable = "" if chunk.answerable is None else f", answerability {chunk.answerable:.2f}"
    cut = "" if chunk.whole else ", cut in two"
    prompt = "in the prompt" if chunk.in_prompt else "not in the prompt"
    return f"{chunk.document} p. {chunk.page}{cut}: {ranks}; {used}{answerable}; {prompt}"
