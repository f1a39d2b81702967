"""Dates: whether a day is told without its month, and what tells the whole date.

A report under its own date line says "on the 10th in the morning", and so does a model that quotes
it; out of the report nobody knows the month. Seen in Chinese. Pure functions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.text import fold_width

_MONTH = re.compile(r"月|\d{1,4}[-/.]\d{1,2}")
_DAY = re.compile(r"(?<!\d)(\d{1,2})\s?[日号](?!\d)")


def names_a_bare_day(question: str, told: Sequence[str]) -> bool:
    """Whether the sentences `told` name a day and no month, and neither does the `question`."""
    said = fold_width(" ".join(told))
    dated = _MONTH.search(said) or _MONTH.search(fold_width(question))
    return not dated and bool(_DAY.search(said))


def has_the_month(told: Sequence[str], words: str) -> bool:
    """Whether `words` name one of the days of `told` with its month."""
    days = _DAY.findall(fold_width(" ".join(told)))
    whole = fold_width(words)
    return any(re.search(rf"月\s?{day}\s?[日号]", whole) for day in days)
