"""Ordinals: whether an answer takes the second of a kind for the first.

"The second Apple store will open in New Delhi" holds every word of "the first Apple store in India
will open in New Delhi" but one. Seen only where the question counts one thing, and all that holds
what the answer adds counts another of the same kind. Pure functions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from rag.added import added_to
from rag.attribute import terms_of
from rag.rarity import content_terms
from rag.text import fold_width, sentence_spans, simplify

_WORDS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
_HAN = "一二三四五六七八九十"
_MEASURES = "家座届次艘架颗枚辆款例期轮集季批台代场"
"""Of measure words those that count things of a kind, and not ranks ("the third largest") or
holders of an office, of whom a text on one often tells of the other."""
_ZH = re.compile(
    rf"第(?P<nth>[{_HAN}]|\d{{1,2}})(?P<kind>[{_MEASURES}])|首(?P<first>[{_MEASURES}])"
)
_EN = re.compile(
    rf"\b(?:(?P<word>{'|'.join(_WORDS)})|(?P<digits>\d{{1,2}})(?:st|nd|rd|th))\s+"
    r"(?P<kind>(?:\w+\s+){0,2}\w+)",
    re.IGNORECASE,
)


def told_of_another_ordinal(question: str, sentence: str, quotes: Iterable[str]) -> bool:
    """Whether the `question` counts one thing ("the first store"), and the sentences of the quotes
    that hold what `sentence` adds to it, its numbers if it has any, all count others of that kind
    and not that one."""
    asked = ordinals(question)
    if len(asked) != 1:
        return False
    added = added_to(question, sentence)
    texts = [text[start:end] for text in quotes for start, end in sentence_spans(text)]
    holding = [ordinals(text) for text in texts if added & terms_of(text)]
    return bool(holding) and all(_counts_another(asked[0], found) for found in holding)


def ordinals(text: str) -> list[tuple[int, frozenset[str]]]:
    """What `text` counts: the number, and the words that say of what kind (in Chinese the measure
    word), in the order of the text."""
    folded = simplify(fold_width(text))
    found = [
        (1, frozenset(match["first"]))
        if match["first"]
        else (_number(match), frozenset(match["kind"]))
        for match in _ZH.finditer(folded)
    ]
    found += [
        (_number(match), frozenset(content_terms(match["kind"]))) for match in _EN.finditer(folded)
    ]
    return found


def _number(match: re.Match[str]) -> int:
    told = match.groupdict()
    nth = told.get("nth") or told.get("digits") or ""
    if nth.isdigit():
        return int(nth)
    return _HAN.index(nth) + 1 if nth else _WORDS.index(told["word"].lower()) + 1


def _counts_another(
    asked: tuple[int, frozenset[str]], found: list[tuple[int, frozenset[str]]]
) -> bool:
    number, kind = asked
    return all(other != number for other, _ in found) and any(like & kind for _, like in found)
