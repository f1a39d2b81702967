"""The baseline that needs no model: how many of the claim's words stand in the evidence.

What any better judge has to beat. It sees neither order nor polarity.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from eval.metrics.facts import numbers
from eval.metrics.text import is_chinese, tokens
from eval.types import Judgement

VERSION = 1
THRESHOLD = 0.75
WRONG_NUMBER = 0.5
"""Factor for a claim with a number that the evidence lacks."""


class Overlap:
    """Share of the claim's tokens that the evidence holds; Han characters count in pairs."""

    name = "overlap"
    threshold = THRESHOLD

    @property
    def fingerprint(self) -> Mapping[str, Any]:
        """The constants."""
        return {"judge": "overlap", "version": VERSION, "threshold": THRESHOLD}

    def judge(
        self, question: str, claims: Sequence[str], evidence: Sequence[str]
    ) -> list[Judgement]:
        """A claim without any word is unscored."""
        there = {unit for text in evidence for unit in _units(text)}
        known_numbers = set().union(*(numbers(text) for text in evidence))
        return [self._one(claim, there, known_numbers) for claim in claims]

    def close(self) -> None:
        """Nothing is held."""

    def _one(self, claim: str, there: set[str], known_numbers: set[str]) -> Judgement:
        units = _units(claim)
        if not units:
            return Judgement.unscored("the claim holds no word")
        share = sum(u in there for u in units) / len(units)
        if numbers(claim) - known_numbers:
            share *= WRONG_NUMBER
        return Judgement.at(share, THRESHOLD)


def _units(text: str) -> list[str]:
    """Words, and pairs of neighbouring Han characters (a lone one stands for itself)."""
    units: list[str] = []
    run: list[str] = []
    for token in [*tokens(text), ""]:
        if token and is_chinese(token):
            run.append(token)
            continue
        units.extend(a + b for a, b in itertools.pairwise(run))
        units.extend(run if len(run) == 1 else [])
        units.extend([token] if token else [])
        run = []
    return units
