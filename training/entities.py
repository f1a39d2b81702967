"""Find the names, numbers and dates in a sentence, each with a coarse type.

Good enough to swap like for like when making training pairs; not a named-entity recogniser.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Literal

from rag.text import detect_language

Type = Literal["person", "place", "name", "title", "year", "number", "month"]

_YEAR = re.compile(r"(?<![\d.,])(?:1[0-9]|20)\d{2}(?![\d.,]\d|\d|%)")
_NUMBER = re.compile(
    r"(?<![\w.])\d+(?:[.,]\d+)*(?![\w])|(?<![\w.])\d+(?:[.,]\d+)*(?=[^\x00-\x7f]|%|st|nd|rd|th)"
)
_HAN_NUMBER = re.compile(
    r"[一二三四五六七八九十百千两]+(?=[万亿年月日个人名次届位座所条岁天种间公米倍部级支本只大])"
)
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_MONTH = re.compile(rf"\b(?:{'|'.join(MONTHS)})\b(?= \d|,| of)")
_CAPITALISED = re.compile(
    r"\b[A-Z][\w'’&.-]*[\w](?:(?: (?:of|the|de|von|van|and|for) (?=[A-Z]))?(?: ?[A-Z][\w'’&-]*\w))*"
)
_TITLE = re.compile(r"《([^》]{1,24})》")
_DOTTED = re.compile(r"[\u4e00-\u9fff]{1,6}(?:·[\u4e00-\u9fff]{1,6})+")
_FLAGS: dict[str, Type] = {
    "nr": "person",
    "nrt": "person",
    "nrfg": "person",
    "ns": "place",
    "nt": "name",
    "nz": "name",
}
_COMMON = frozenset((
    "The", "A", "An", "In", "On", "At", "It", "This", "That", "These", "Those", "He", "She",
    "They", "We", "You", "I", "If", "When", "While", "After", "Before", "For", "From", "By",
    "As", "And", "But", "Or", "Our", "Your", "Their", "His", "Her", "Its", "To", "Of",
    "With", "However", "There", "Here", "What", "Who", "Which", "How", "Why", "Where",
    "Some", "Any", "All", "No", "Not", "Please", "Also", "May", "Such", "Other", "Each",
    "Both", "Many", "Most", "More", "Then", "Although", "Because", "Since", "During", "Between",
    "Under", "Over",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entity:
    """`text` stands at `start:end` (0-based characters) of the sentence."""

    start: int
    end: int
    text: str
    type: Type


@lru_cache(maxsize=50_000)
def find_entities(sentence: str) -> tuple[Entity, ...]:
    """Entities in order of start, none overlapping."""
    found = [
        *(Entity(*m.span(1), m.group(1), "title") for m in _TITLE.finditer(sentence)),
        *(Entity(*m.span(), m.group(), "month") for m in _MONTH.finditer(sentence)),
        *(Entity(*m.span(), m.group(), "year") for m in _YEAR.finditer(sentence)),
        *(Entity(*m.span(), m.group(), "number") for m in _NUMBER.finditer(sentence)),
    ]
    if detect_language(sentence) == "zh":
        found += _chinese_names(sentence)
    else:
        found += _latin_names(sentence)
    return _without_overlaps(found)


def _chinese_names(sentence: str) -> list[Entity]:
    words: list[tuple[int, str, str]] = []
    at = 0
    for word, flag in _tagger().cut(sentence):
        words.append((at, word, flag))
        at += len(word)
    found = [_trimmed(m, words, sentence) for m in _DOTTED.finditer(sentence)]
    found += [Entity(*m.span(), m.group(), "number") for m in _HAN_NUMBER.finditer(sentence)]
    for at, word, flag in words:
        if len(word) > 1 and (kind := _FLAGS.get(flag)):
            found.append(Entity(at, at + len(word), word, kind))
    return found


def _trimmed(match: re.Match[str], words: list[tuple[int, str, str]], sentence: str) -> Entity:
    """A dotted name without the words before and after it that its pattern took along."""
    first, last = sentence.index("·", match.start()), sentence.rindex("·", 0, match.end())
    start = max((at for at, word, _ in words if at < first), default=match.start())
    end = min((at + len(w) for at, w, _ in words if at > last), default=match.end())
    start, end = max(start, match.start()), min(max(end, last + 2), match.end())
    return Entity(start, end, sentence[start:end], "person")


def _latin_names(sentence: str) -> list[Entity]:
    found = []
    for match in _CAPITALISED.finditer(sentence):
        start, text = match.start(), match.group()
        first = text.split(" ", 1)
        if first[0] in _COMMON:
            if len(first) == 1:
                continue
            start, text = start + len(first[0]) + 1, first[1]
        if (match.start() == 0 and " " not in text and start == 0) or text in MONTHS:
            continue
        found.append(Entity(start, start + len(text), text, "name"))
    return found


def _without_overlaps(entities: list[Entity]) -> tuple[Entity, ...]:
    kept: list[Entity] = []
    for entity in entities:
        if all(entity.end <= other.start or entity.start >= other.end for other in kept):
            kept.append(entity)
    return tuple(sorted(kept, key=lambda entity: entity.start))


@cache
def _tagger() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import jieba.posseg

        jieba.setLogLevel(60)
        return jieba.posseg.POSTokenizer(jieba.Tokenizer())
