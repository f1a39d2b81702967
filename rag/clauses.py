"""Clauses: whether a figure is told of another thing, year or condition than the answer speaks of.

"MT-260: at least 4 hours, MT-260S: at least 12 hours" holds every word and number of "4 hours for
the MT-260S", and does not say it; nor is what holds "at 43 degrees" told of 32. Seen only where
clause by clause a code, a year or an amount of the condition's unit stands beside a figure. Pure
functions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from rag.quantities import MEASURES, Quantity, agree, quantities
from rag.subject import codes, without_codes, years

_CUT = re.compile(r"[;；，、。\n]|,(?!\d)|\.(?!\d)")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)\s*年?")


_Labels = Callable[[str], set[str]]
"""What tells things apart in a text: its codes, its years, its amounts of one unit."""


def told_of_another(sentence: str, quotes: Iterable[str]) -> bool:
    """Whether a figure of `sentence` stands in the quotes only in clauses that name other codes (or
    other years) than it does, while a clause that names its own has another figure."""
    texts = list(quotes)
    return any(_mixed_up(labels, figures_in, sentence, texts) for labels in (codes, years))


def told_under_another(question: str, sentence: str, shown: Iterable[str]) -> bool:
    """Whether a figure of `sentence` stands in `shown` only in clauses with another amount of what
    the question lays down and the sentence repeats ("at 32 degrees"), while a clause with that very
    amount has another figure."""
    texts = list(shown)
    laid_down = {figure.unit for figure in figures_in(question)} & MEASURES
    return any(
        _mixed_up(partial(_amounts, unit), partial(_others, unit), sentence, texts)
        for unit in laid_down
        if _amounts(unit, question) & _amounts(unit, sentence)
    )


def _mixed_up(
    labels: _Labels,
    figures_of: Callable[[str], list[Quantity]],
    sentence: str,
    texts: Sequence[str],
) -> bool:
    said = labels(sentence)
    if not said:
        return False
    parts = (part for text in texts for part in _CUT.split(text))
    clauses = [(labels(part), figures) for part in parts if (figures := figures_of(part))]
    if not any(named & said for named, _ in clauses):
        return False
    for figure in figures_of(sentence):
        holders = [named for named, held in clauses if any(agree(figure, one) for one in held)]
        if holders and all(named and not named & said for named in holders):
            return True
    return False


def figures_in(text: str) -> list[Quantity]:
    """The numbers of `text` that are part of no code and no year."""
    return quantities(_YEAR.sub(" ", without_codes(text)))


def _amounts(unit: str, text: str) -> set[str]:
    return {f"{figure.value:g}" for figure in figures_in(text) if figure.unit == unit}


def _others(unit: str, text: str) -> list[Quantity]:
    return [figure for figure in figures_in(text) if figure.unit != unit]
