"""Narrow: of the chosen passages, those worth a small model's time.

What answers far less than the best passage costs time to read and is what a small model takes wrong
answers from. The two that answer best are always left, and those with the two sentences that matter
most (`rag.units`), for the scores may be mistaken. Pure functions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rag.context import Passage
from rag.seams import AnswerabilityScorer
from rag.tables import asked_years, rows, written_out
from rag.units import under_title

_SHARE = 0.4
"""Of the best answerability, below which a passage is left out. On the examples the evidence of one
question of 77 is lost by it and 15 % of the tokens are, at 0.5 that of two (seen while developing;
no command makes these figures)."""
_LEAST = 2


def answering(
    question: str, passages: Sequence[Passage], scorer: AnswerabilityScorer | None
) -> dict[str, float]:
    """Answerability by chunk id; 1 throughout when there is nothing to judge it with. Of a passage
    with rows of a table, the better of two readings: as it stands, and with its columns' names, of
    columns for years those of the year asked for."""
    if scorer is None:
        return {p.hit.chunk.chunk_id: 1.0 for p in passages}
    bare = [p.evidence for p in passages]
    years = asked_years(question)
    told = [
        under_title(p.hit, written_out(p.hit.chunk.text, p.spans, asked=years)) for p in passages
    ]
    tabled = [i for i, p in enumerate(passages) if rows(p.text)]
    scores = scorer.score(question, [*bare, *(told[i] for i in tabled)])
    best = scores[: len(passages)]
    for i, score in zip(tabled, scores[len(passages) :], strict=True):
        best[i] = max(best[i], score)
    return {p.hit.chunk.chunk_id: s for p, s in zip(passages, best, strict=True)}


def narrowed(passages: Sequence[Passage], scores: Mapping[str, float]) -> list[Passage]:
    """The passages to be shown, in their order; `scores` is answerability by chunk id."""
    answers = [scores[p.hit.chunk.chunk_id] for p in passages]
    order = sorted(range(len(passages)), key=lambda i: (-answers[i], i))
    least = _SHARE * max(answers, default=0.0)
    return [
        p
        for i, p in enumerate(passages)
        if i in order[:_LEAST] or p.rank < _LEAST or answers[i] >= least
    ]
