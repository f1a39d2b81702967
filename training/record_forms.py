"""How a made-up record stands in its document: under file name and headings, as lines or sentences.

Own work.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from rag.types import Language
from training.fact_lists import VALUES as SUBJECTS
from training.sheet_forms import BEGIN
from training.sheet_lists import Both


def as_lines(rng: random.Random, lines: Sequence[tuple[str, str]]) -> str:
    """Names and values as lines of a data sheet, told or between bars."""
    if rng.random() < 0.5:
        return rng.choice((" … ", "; ", " ")).join(f"{name}: {value}" for name, value in lines)
    return " ".join(f"| {name} | {value} |" for name, value in lines)


def under(
    rng: random.Random,
    document: Both,
    section: Both,
    year: int,
    language: Language,
    *,
    titled: bool = False,
) -> str:
    """File name and headings, as `rag.units` puts them before a text; `titled`: with the year."""
    at = language == "zh"
    name = document[at]
    if rng.random() < 0.3:
        name = f"{rng.choice(SUBJECTS['company'])[at]}{'' if at else ' '}{name}"
    stem = rng.choice((document[0].replace(" ", "-"), document[1]))
    dated = titled or rng.random() < 0.7
    stem += (f"-{year}" if stem.isascii() else str(year)) if dated else ""
    if rng.random() < 0.4 and dated:
        name += rng.choice((f"（{year} 年版）", f"（{year}）")) if at else f" {year}"
    below = f" > {section[at]}" if section[0] else ""
    return f"{stem}: {name}{below}: "


def capital(text: str) -> str:
    """The text with a capital letter at its beginning, after a mark if one is there."""
    at = text.startswith(BEGIN)
    return text[:at] + text[at : at + 1].upper() + text[at + 1 :]
