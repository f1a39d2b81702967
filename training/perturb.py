"""Change a sentence in one place so that its paragraph no longer supports it.

The small rest beside the natural near misses: a number becomes another, a name or a number changes
places with one of the same kind from the paragraph, a verb is negated. Pure and seeded.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from rag.text.language import CJK, detect_language
from rag.types import Span

_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*(?![\w]*[A-Za-z])")
_NAME = re.compile(r"(?<![.!?:]\s)(?<!^)\b[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)*")
_DOTTED = re.compile(f"《[^》]{{1,24}}》|[{CJK}]{{1,4}}(?:·[{CJK}]{{1,4}})+")
_AUXILIARY = re.compile(
    r"\b(?:is|are|was|were|can|could|will|would|has|have|had|may|must)\b(?! not)"
)
_VERB_ZH = re.compile(r"(?<![不没未])(?:是|有(?!时|关|效)|能够|可以|会(?!议|员)|属于|包括)")
_NEGATED_ZH = {
    "是": "不是",
    "有": "没有",
    "能够": "不能",
    "可以": "不可以",
    "会": "不会",
    "属于": "不属于",
    "包括": "不包括",
}


@dataclass(frozen=True, slots=True)
class Changed:
    """The new sentence; `span` is what is wrong in it (0-based, end exclusive)."""

    text: str
    span: Span
    kind: str


def changed(sentence: str, paragraph: str, rng: random.Random) -> Changed | None:
    """One change at random; None if none fits the sentence."""
    for change in (*rng.sample((_other_number, _other_name), 2), _negated):
        if (done := change(sentence, paragraph, rng)) is not None:
            return done
    return None


def _other_number(sentence: str, paragraph: str, rng: random.Random) -> Changed | None:
    found = list(_NUMBER.finditer(sentence))
    if not found:
        return None
    place = rng.choice(found)
    old = place.group()
    near = [m.group() for m in _NUMBER.finditer(paragraph) if len(m.group()) == len(old)]
    near = [number for number in near if number not in sentence]
    digits = [i for i, c in enumerate(old) if c.isdigit()]
    at = rng.choice(digits)
    other = str((int(old[at]) + rng.randint(1, 8)) % 10)
    new = rng.choice(near) if near and rng.random() < 0.5 else old[:at] + other + old[at + 1 :]
    return _replaced(sentence, place.span(), new, "number")


def _other_name(sentence: str, paragraph: str, rng: random.Random) -> Changed | None:
    pattern = _DOTTED if detect_language(sentence) == "zh" else _NAME
    found = list(pattern.finditer(sentence))
    others = [m.group() for m in pattern.finditer(paragraph) if m.group() not in sentence]
    if not found or not others:
        return None
    return _replaced(sentence, rng.choice(found).span(), rng.choice(others), "name")


def _negated(sentence: str, paragraph: str, rng: random.Random) -> Changed | None:
    if detect_language(sentence) == "zh":
        found = list(_VERB_ZH.finditer(sentence))
        if not found:
            return None
        place = rng.choice(found)
        return _replaced(sentence, place.span(), _NEGATED_ZH[place.group()], "negation")
    found = list(_AUXILIARY.finditer(sentence))
    if not found:
        return None
    place = rng.choice(found)
    return _replaced(sentence, place.span(), f"{place.group()} not", "negation")


def _replaced(sentence: str, span: Span, new: str, kind: str) -> Changed | None:
    start, end = span
    if sentence[start:end] == new:
        return None
    return Changed(f"{sentence[:start]}{new}{sentence[end:]}", (start, start + len(new)), kind)
