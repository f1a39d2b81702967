"""The things a question speaks of: names, times, places and plain noun phrases, with their spans.

Enough grammar to swap one thing for another of its kind, and no more: English by capitals, codes,
determiners and prepositions, Chinese by jieba's part-of-speech tags. Pure functions.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from rag.dictionary import is_name
from rag.rarity import content_terms
from rag.text import detect_language

Kind = Literal["time", "person", "name", "noun"]

_TIME = re.compile(
    r"(?:(?<![A-Za-z][-_/.])(?<!\d)(?:19|20)\d{2}(?!\d)\s*(?:年[底初末]?)?(?:\s*第?[一二三四1-4]季度|\s*\d{1,2}\s*月(?:\s*\d{1,2}\s*[日号])?|[上下]半年)?"
    r"|Q[1-4](?:\s+(?:19|20)\d{2})?|(?:last|this|next) (?:year|month|week|quarter)"
    r"|(?:January|February|March|April|May|June|July|August|September|October|November|December)"
    r"(?:\s+\d{1,2}(?!\d))?(?:,?\s+(?:19|20)\d{2})?|[去今明前]年|\d{1,2}\s*月份?)"
)
_QUOTED = re.compile(r"《[^》]{1,40}》|“[^”]{1,40}”|「[^」]{1,40}」|\"[^\"]{1,40}\"")
_CODE = re.compile(
    r"(?<![A-Za-z0-9])(?=[A-Za-z0-9_/-]*\d)(?=[A-Za-z0-9_/-]*[A-Za-z])"
    r"[A-Za-z0-9]+(?:[-_/][A-Za-z0-9]+)*"
)
_CAPITALS = re.compile(
    r"(?<![A-Za-z0-9])(?:(?:Dr|Mr|Mrs|Ms|Prof)\.\s+)?[A-Z][A-Za-zÀ-ÿ0-9&'-]*"
    r"(?:\s+(?:of\s+|de\s+|van\s+|von\s+)?(?:[A-Z][A-Za-zÀ-ÿ0-9&'-]*|\d+))*"
)
_LATIN_NAME = re.compile(f"{_CODE.pattern}|{_CAPITALS.pattern}")
_NOUN_PHRASE = re.compile(
    r"\b(?:the|a|an|our|your|my|each|every|for|in|at|of|to|with|by|on|about|under|do|does|did|can|"
    r"may|must|should|will|would|is|are|was|were|many|much|which|what)\s+(?=(?P<np>(?:[\w'-]+(?:\s+|(?=\W|$))){1,5}))",
    re.IGNORECASE,
)
_NP_STOP = re.compile(
    r"\b(?:is|are|was|were|be|been|do|does|did|has|have|had|can|could|will|would|should|shall|may|"
    r"might|must|get|gets|cost|costs|last|start|starts|end|ends|take|takes|need|needs|includes?|"
    r"contains?|covers?|mean|means|work|works|apply|applies|pay|pays|expire|expires|receive|earn|"
    r"allowed|entitled|required|responsible|available|valid|made|paid|located|closed|opened|in|on|"
    r"at|of|for|from|to|with|by|under|about|and|or|than|when|if|that|which|who|the|a|an|our|your|"
    r"per|after|before|during|since|until|this|there|it)\b",
    re.IGNORECASE,
)
_MONEY = re.compile(r"[A-Z]{3}\s*\d")
_PARTICIPLE = re.compile(r"\w+(?:ed|ing)", re.IGNORECASE)
_LISTED = """
who what when where why how which is are was were do does did can could will would should may must
has have had in on at for the a an and or if please tell name list give i
"""
_QUESTION_WORDS = frozenset(_LISTED.split())
_ZH_NAME = ("ns", "nt", "nz", "en")
_ZH_NOUN = ("n", "vn", "eng", "j", "l", "b", "i")


@dataclass(frozen=True, slots=True)
class Mention:
    """`text` is the source's `[start:end]`."""

    text: str
    start: int
    end: int
    kind: Kind


def mentions(text: str) -> list[Mention]:
    """The mentions in `text` in order of place, none overlapping, the most telling kept."""
    found: list[Mention] = []
    chinese = detect_language(text) == "zh"
    finders = (_times, _zh_nouns, _names) if chinese else (_times, _names, _en_nouns)
    for finder in finders:
        for mention in finder(text):
            if not any(m.start < mention.end and mention.start < m.end for m in found):
                found.append(mention)
    return sorted(found, key=lambda m: m.start)


def _times(text: str) -> list[Mention]:
    found = ((m.group().rstrip(), m.start()) for m in _TIME.finditer(text))
    return [Mention(words, start, start + len(words), "time") for words, start in found]


def _names(text: str) -> list[Mention]:
    found = [Mention(m.group(), *m.span(), "name") for m in _QUOTED.finditer(text)]
    for match in _CAPITALS.finditer(text):
        start, words = match.start(), match.group()
        while words and words.split()[0].lower() in _QUESTION_WORDS:
            head = words.split()[0]
            rest = words[len(head) :].lstrip()
            start += len(words) - len(rest)
            words = rest
        before = text[:start].rstrip()
        starts_sentence = bool(start) and (not before or before[-1] in ".?!:")
        if (
            not words
            or _MONEY.match(words)
            or (starts_sentence and " " not in words and words[1:].islower())
        ):
            continue
        kind: Kind = "person" if _looks_personal(words) else "name"
        found.append(Mention(words, start, start + len(words), kind))
    found += [Mention(m.group(), *m.span(), "name") for m in _CODE.finditer(text)]
    return found


def _looks_personal(words: str) -> bool:
    parts = words.split()
    titled = parts[0] in ("Dr.", "Mr.", "Mrs.", "Ms.", "Prof.")
    return titled or (2 <= len(parts) <= 3 and all(p[1:].islower() and p.isalpha() for p in parts))


def _en_nouns(text: str) -> list[Mention]:
    found = []
    for match in _NOUN_PHRASE.finditer(text):
        phrase = match.group("np")
        if stop := _NP_STOP.search(phrase):
            phrase = phrase[: stop.start()]
        phrase = phrase.rstrip(" ?.!,")
        if content_terms(phrase) and not _PARTICIPLE.fullmatch(phrase):
            start = match.start("np")
            found.append(Mention(phrase, start, start + len(phrase), "noun"))
    return found


def ends_noun_phrase(word: str) -> bool:
    """Whether an English word is taken for a verb or a preposition, where a noun phrase ends."""
    return _NP_STOP.fullmatch(word) is not None


def _zh_nouns(text: str) -> list[Mention]:
    """Runs of nouns and codes; a run that is a personal name is a person, one with a place or a
    code is a name."""
    found: list[Mention] = []
    run: list[tuple[str, str]] = []
    start = place = 0
    for word, flag in [*_zh_words(text), ("", "end")]:
        joins = flag.startswith(_ZH_NOUN) and word not in ("时候", "问题")
        if joins or (run and run[-1][1] == "eng" and word.isspace()):
            start = start if run else place
            run.append((word, flag))
        elif run:
            found.append(_zh_mention(run, start))
            run = []
        place += len(word)
    return [m for m in found if content_terms(m.text)]


def _zh_words(text: str) -> list[tuple[str, str]]:
    """Words with their tags, a code such as MT-260S and a name in Latin letters in one piece."""
    words: list[tuple[str, str]] = []
    end = 0
    for match in _LATIN_NAME.finditer(text):
        words += [*tagged(text[end : match.start()]), (match.group(), "eng")]
        end = match.end()
    return words + tagged(text[end:])


def narrowed(old: Mention, thing: str) -> Mention:
    """Of a Chinese run of nouns, the word that `thing` is like: of its part of speech if that is a
    name (北京办公室 and 上海), or with its ending (整机保修期 and 压缩机)."""
    flags = [flag for _, flag in _zh_words(thing)]
    place = old.start
    for word, flag in _zh_words(old.text):
        same_name = len(flags) == 1 and flag == flags[0] and flag[:2] in ("nr", "ns", "nt", "nz")
        same_ending = word[-1] == thing[-1] and not thing.endswith(word)
        if word != old.text and (same_name or same_ending):
            return Mention(word, place, place + len(word), old.kind)
        place += len(word)
    return old


def ends_like(old: Mention, thing: str) -> bool:
    """Whether some word of a Chinese run of nouns ends as `thing` does."""
    return any(word[-1] == thing[-1] for word, _ in _zh_words(old.text))


def _zh_mention(run: Sequence[tuple[str, str]], start: int) -> Mention:
    words = "".join(word for word, _ in run).rstrip()
    flags = [flag for _, flag in run]
    kind: Kind = "noun"
    if any(flag.startswith("nr") for flag in flags) and len(words) <= 4:
        kind = "person"
    elif any(flag[:2] in _ZH_NAME or is_name(word) for word, flag in run):
        kind = "name"
    return Mention(words, start, start + len(words), kind)


def tagged(text: str) -> list[tuple[str, str]]:
    """The words of a Chinese text with their parts of speech, as jieba tags them."""
    return [(pair.word, pair.flag) for pair in _tagger().cut(text)]


@cache
def _tagger() -> Any:
    """jieba's tagger, its own dictionary read from the package."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # jieba imports pkg_resources, which warns
        import jieba
        from jieba import posseg

        tokenizer = jieba.Tokenizer()
        tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
        tokenizer.initialized = True
        return posseg.POSTokenizer(tokenizer)
