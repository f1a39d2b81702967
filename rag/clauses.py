"""Clauses: whether a figure is told of another thing, or another year, in the very same sentence.

"MT-260: at least 4 hours, MT-260S: at least 12 hours" holds every word and number of "4 hours for
the MT-260S", and does not say it. Seen only where clause by clause a code or a year stands beside a
figure. Pure functions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rag.quantities import Quantity, agree, quantities
from rag.subject import codes, without_codes, years

_CUT = re.compile(r"[;；，、。\n]|,(?!\d)|\.(?!\d)")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)\s*年?")


@dataclass(frozen=True, slots=True)
class _Clause:
    labels: set[str]
    figures: list[Quantity]


def told_of_another(sentence: str, quotes: Iterable[str]) -> bool:
    """Whether a figure of `sentence` stands in the quotes only in clauses that name other codes (or
    other years) than it does, while a clause that names its own has another figure."""
    texts = list(quotes)
    figures = _figures(sentence)
    return any(_mixed_up(labels, sentence, figures, texts) for labels in (codes, years))


def _mixed_up(
    labels: Callable[[str], set[str]],
    sentence: str,
    figures: Sequence[Quantity],
    texts: Sequence[str],
) -> bool:
    said = labels(sentence)
    if not said:
        return False
    parts = (part for text in texts for part in _CUT.split(text))
    clauses = [_Clause(labels(part), _figures(part)) for part in parts]
    if not any(clause.labels & said and clause.figures for clause in clauses):
        return False
    for figure in figures:
        holders = [c for c in clauses if any(agree(figure, held) for held in c.figures)]
        if holders and all(c.labels and not c.labels & said for c in holders):
            return True
    return False


def _figures(text: str) -> list[Quantity]:
    """The numbers of `text` that are part of no code and no year."""
    return quantities(_YEAR.sub(" ", without_codes(text)))
