"""A part of a document -> its sentences that say most of it, within a token budget.

A small model on two cores reads 60 to 150 tokens a second: it cannot read twenty pages within a
minute. So it is given the sentences that together cover the words which the part comes back to:
greedy maximum coverage (Filatova and Hatzivassiloglou, 2004; the gain against the cost as Lin and
Bilmes, 2010, scale it). Pure but for counting tokens; no model reads anything here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rag.evidence import Passage, Unit, is_idle, passages_of, split_units
from rag.seams import Embedder
from rag.text.rarity import content_terms
from rag.text.tables import TABLE_ROW
from rag.types import Hit

_COST_POWER = 0.5
"""How a sentence's length counts against it: 0 not at all, 1 in full."""
_FIRST = 1.5
"""What the first sentence of a chunk is worth more: authors say first what follows is about."""
_LEAST_TERMS = 3
"""A sentence of fewer content words says nothing alone."""


def salient(hits: Sequence[Hit], embedder: Embedder, budget_tokens: int) -> list[Passage]:
    """The sentences that say most, as passages in reading order, at most `budget_tokens` tokens of
    the embedder; at least one where there is any text that is fit to be shown. What addresses the
    model instead of the reader is never among them."""
    units = [unit for unit in split_units(hits, embedder) if not is_idle(unit, hits[unit.hit])]
    return passages_of(hits, units, _taken(units, budget_tokens))


def _taken(units: Sequence[Unit], budget: int) -> set[int]:
    terms = [frozenset(content_terms(unit.said)) for unit in units]
    weights = Counter(term for of_unit in terms for term in of_unit)
    firsts = {at for at, unit in enumerate(units) if at == 0 or units[at - 1].hit != unit.hit}
    left = dict(weights)
    taken: set[int] = set()
    spent = 0

    def gain(at: int) -> float:
        # A word that stands in one sentence alone is a detail.
        worth = sum(left[term] - 1 for term in terms[at] if term in left)
        cost: float = max(1, units[at].tokens) ** _COST_POWER
        return worth / cost * (_FIRST if at in firsts else 1.0)

    def fits(at: int) -> bool:
        says = len(terms[at]) >= _LEAST_TERMS and not TABLE_ROW.match(units[at].text)
        return at not in taken and says and spent + units[at].tokens <= budget

    while candidates := [at for at in range(len(units)) if fits(at)]:
        best = max(candidates, key=lambda at: (gain(at), -at))
        if taken and gain(best) <= 0.0:
            break
        taken.add(best)
        spent += units[best].tokens
        for term in terms[best]:
            left.pop(term, None)
    return taken or set(range(len(units))[:1])
