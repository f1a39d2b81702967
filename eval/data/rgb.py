"""RGB (Chen et al., AAAI 2024): news questions with passages that hold the answer and others.

Of five passages, round(5 * noise) do not hold the answer; at noise 1.0 none does and a refusal is
right (negative rejection). `answer` is a list of strings that must all occur; a nested list gives
alternatives. In the integration files, `positive` groups the passages by part of the answer, and
every part is represented. In the fact files, `positive_wrong` holds passages with a planted error.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eval.data.lines import Problems, collect, json_lines, string_list, text_field
from eval.data.own import accepted_answers
from eval.errors import DataError
from eval.types import Example
from rag.text import detect_language

PASSAGES = 5


def looks_like(row: Mapping[str, Any]) -> bool:
    """Whether a line's object is of this format."""
    return "query" in row and "positive" in row and "negative" in row


def read_examples(path: Path, noise: float, seed: int, problems: Problems) -> list[Example]:
    """The questions with five passages each at this noise ratio (0 to 1), shuffled by `seed`.

    The draw depends on the seed and the question's id alone, not on the order of the file.
    """
    if not 0.0 <= noise <= 1.0:
        raise DataError(f"--noise must lie between 0 and 1, not {noise}")
    rows = json_lines(path, problems)
    return collect(path, rows, lambda number, row: [_example(number, row, noise, seed)], problems)


def _example(number: int, row: Mapping[str, Any], noise: float, seed: int) -> Example:
    question = text_field(row, "query", "question")
    identity = str(row.get("id", number))
    rng = random.Random(f"{seed}:{identity}")
    wanted = round(PASSAGES * noise)
    negative = _draw(rng, string_list(row.get("negative"), "negative"), wanted)
    positive = _positive(rng, row.get("positive"), PASSAGES - wanted)
    if not negative and not positive:
        raise DataError("neither 'positive' nor 'negative' passages at this noise ratio")
    passages = positive + negative
    rng.shuffle(passages)
    answerable = bool(positive)
    return Example(
        id=identity,
        question=question,
        answers=_parts(row.get("answer")) if answerable else (),
        answerable=answerable,
        language=detect_language(question),
        kind=f"noise {noise:.1f}",
        passages=tuple(passages),
    )


def _parts(value: Any) -> tuple[tuple[str, ...], ...]:
    if isinstance(value, list) and not any(isinstance(v, list) for v in value):
        value = [[v] for v in value]
    parts = accepted_answers(value)
    if not parts:
        raise DataError("field 'answer' is missing or empty")
    return parts


def _draw(rng: random.Random, passages: tuple[str, ...], count: int) -> list[str]:
    return rng.sample(list(passages), min(count, len(passages)))


def _positive(rng: random.Random, value: Any, count: int) -> list[str]:
    if not isinstance(value, list):
        raise DataError("field 'positive' must be a list")
    if not any(isinstance(v, list) for v in value):
        return _draw(rng, string_list(value, "positive"), count)
    groups = [list(string_list(v if isinstance(v, list) else [v], "positive")) for v in value]
    for group in groups:
        rng.shuffle(group)
    return _round_robin(groups, count)


def _round_robin(groups: list[list[str]], count: int) -> list[str]:
    """One of each group in turn, so that every part of the answer is there while room lasts."""
    chosen: list[str] = []
    depth = max((len(g) for g in groups), default=0)
    for place in range(depth):
        chosen.extend(g[place] for g in groups if place < len(g))
    return chosen[:count]
