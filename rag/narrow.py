"""Narrow: of the chosen passages, those worth a small model's time.

What answers far less than the best passage costs time to read and is what a small model takes wrong
answers from. The scores may be mistaken, so the two that answer best are left, and those with the
two sentences that matter most (`rag.units`), unless the passage with the very best sentence surely
answers; then only those are left that answer, or have a sentence as good as the very best. Where
none answers for certain, the room that the others took is filled again from what is left.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from rag.context import Choice, Passage
from rag.refuse import SURE_TO_BE_THERE
from rag.seams import AnswerabilityScorer
from rag.tables import asked_years, written_out
from rag.units import under_title

_SHARE = 0.4
"""Of the best answerability, below which a passage is left out. On the examples the evidence of one
question of 77 is lost by it and 15 % of the tokens are, at 0.5 that of two (seen while developing;
no command makes these figures)."""
_SHARE_BESIDE_SURE = 0.5
"""The same where the passage with the best sentence surely answers. On the examples no
evidence was lost by it from 0.4 to 0.6 (seen while developing; no command makes that figure)."""
_LEAST = 2
_AS_GOOD = 0.3
"""Standard deviations of the sentences' scores, up to which one is as good as the best. On the 41
example questions with one part no more is shown for it, on 150 questions of RGB the evidence of two
more (at 1.5 the same two; seen while developing, no command)."""
FIRST = 2 / 3
"""Of the budget, what is chosen from all hits; the rest may be filled from what is left of them."""
_CERTAIN = 0.85
"""Answerability from which nothing is filled in. Filling below it shows the answer to two more of
RGB's 150 questions, always filling to three (`benchmarks/choosing.py`); but among more sentences a
small model reads less rightly: always filling, in whatever language, lost six of the examples'
right answers for two."""


def to_show(
    question: str, choice: Choice, budget_tokens: int, scorer: AnswerabilityScorer | None
) -> tuple[list[Passage], dict[str, float]]:
    """The passages to be shown, within `budget_tokens` of the embedder, in the order of the hits,
    and answerability by chunk id of all that came into question."""
    first = choice.within(round(FIRST * budget_tokens))
    scores = answering(question, first, scorer)
    passages = narrowed(first, scores)
    if max(scores.values(), default=0.0) < _CERTAIN:
        passages = choice.filled(passages, budget_tokens)
    return passages, scores


def answering(
    question: str, passages: Sequence[Passage], scorer: AnswerabilityScorer | None
) -> dict[str, float]:
    """Answerability by chunk id; 1 throughout when there is nothing to judge it with. The best of
    several readings of a passage: as it stands, its best sentence alone, and rows of a table with
    their columns' names, of columns for years those of the year asked for."""
    if scorer is None:
        return {p.hit.chunk.chunk_id: 1.0 for p in passages}
    years = asked_years(question)
    readings = [
        [p.evidence, *_best_alone(p, years), *filter(None, [p.told(question)])] for p in passages
    ]
    scores = iter(scorer.score(question, [text for texts in readings for text in texts]))
    return {
        p.hit.chunk.chunk_id: max(next(scores) for _ in texts)
        for p, texts in zip(passages, readings, strict=True)
    }


def _best_alone(passage: Passage, years: Collection[str]) -> list[str]:
    if passage.best is None or passage.spans == (passage.best,):
        return []
    text = written_out(passage.hit.chunk.text, [passage.best], asked=years)
    return [under_title(passage.hit, text)]


def narrowed(passages: Sequence[Passage], scores: Mapping[str, float]) -> list[Passage]:
    """The passages to be shown, in their order; `scores` is answerability by chunk id."""
    answers = [scores[p.hit.chunk.chunk_id] for p in passages]
    order = sorted(range(len(passages)), key=lambda i: (-answers[i], i))
    most = max(answers, default=0.0)
    if any(p.rank == 0 and a >= SURE_TO_BE_THERE for p, a in zip(passages, answers, strict=True)):
        least, held = _SHARE_BESIDE_SURE * most, set()
    else:
        least, held = _SHARE * most, {*order[:_LEAST], *_with_best(passages)}
    return [
        p
        for i, p in enumerate(passages)
        if i in held or p.behind <= _AS_GOOD or answers[i] >= least
    ]


def _with_best(passages: Sequence[Passage]) -> set[int]:
    return {i for i, passage in enumerate(passages) if passage.rank < _LEAST}
