"""Reciprocal rank fusion of several orders into one, and near copies left out. Pure functions.

Reciprocal rank fusion: Cormack, Clarke and Büttcher, "Reciprocal rank fusion outperforms Condorcet
and individual rank learning methods", SIGIR 2009.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def reciprocal_ranks(orders: Iterable[Sequence[Key]], k: float) -> dict[Key, float]:
    """The sum of 1 / (k + rank) over the `orders` that have the key (ranks from 1), best first.

    Equal sums keep the order in which the keys were first met.
    """
    sums: dict[Key, float] = {}
    for order in orders:
        for rank, key in enumerate(order, start=1):
            sums[key] = sums.get(key, 0.0) + 1.0 / (k + rank)
    return dict(sorted(sums.items(), key=lambda pair: -pair[1]))


def distinct(texts: Iterable[Sequence[str]], limit: int) -> list[int]:
    """The 0-based indices of the first `limit` passages that say something which no earlier says.

    `texts` are passages in order of rank, as words, or as characters where no blanks stand between
    them. A passage repeats an earlier one if that has all its words and nine tenths of its runs of
    four words: the same text laid out or spelt otherwise, a cut of it, a copy in another file. A
    text in which only a number, a year or a name is another stays, since there lies what tells two
    versions apart.
    """
    kept: list[int] = []
    seen: list[tuple[set[str], set[tuple[str, ...]]]] = []
    for index, terms in enumerate(texts):
        if len(kept) == limit:
            break
        words, runs = set(terms), _runs(terms)
        if any(words <= w and len(runs & r) >= 0.9 * len(runs) for w, r in seen):
            continue
        kept.append(index)
        seen.append((words, runs))
    return kept


def _runs(terms: Sequence[str], length: int = 4) -> set[tuple[str, ...]]:
    return {tuple(terms[i : i + length]) for i in range(max(1, len(terms) - length + 1))}
