"""Echo: whether a sentence says nothing but the words of the question that it answers.

A small model that finds no answer may write "The meeting is held where the meeting is held": every
word of it stands in the documents, so that it is supported, and still it answers nothing. Questions
that may be answered in their own words (yes or no, this or that) are let alone. Pure functions.
"""

from __future__ import annotations

import re

from rag.rarity import content_terms
from rag.text import CJK, detect_language, fold_width, simplify

_OPEN_EN = re.compile(r"\b(?:who|whom|whose|what|when|where|why|how|which)\b", re.IGNORECASE)
_YES_NO_EN = re.compile(
    r"^\W*(?:(?:and|but|so|then)\s+)?(?:is|are|was|were|do|does|did|can|could|may|must|shall|should|"
    r"will|would|has|have|had)\b",
    re.IGNORECASE,
)
"""Begins a question for yes or no, which may hold a "when" or "which" further on."""
_YES_NO_ZH = re.compile("吗[？?。！\\s]*$|是否|能不能|可不可以|是不是|有没有")
_CHOICE_EN = re.compile(r"\b(?:or|whether)\b|\bwhich\b.*(?:,|\band\b)", re.IGNORECASE)
_OPEN_ZH = re.compile(
    r"谁|什么|多少|几(?!乎)|何[时处地年月日人]|多[久长大高远快重]|怎么|怎样|如何|为何|哪"
)
_CHOICE_ZH = re.compile("还是|或|是否|吗|[和与及、，,].*哪|哪.*[和与及、，,]")
_SOME_ZH = re.compile("[一某][个家位种项名所部本款支座首]")
"""Says that there is one, and not which: 由一家保险公司承保."""
_SOMEBODY_ZH = re.compile("(?<![是为])[一某][名位]([^，,。；;]+)")
"""Somebody told of, and not by name: 拘留一名记者."""
WHO_ZH = "谁|哪一?位|何人"
"""Asks for a person, as a regular expression."""
_COUNTED_ZH = re.compile("几|多少")
_IS_EN = re.compile(r"\b(?:is|are|was|were)\b", re.IGNORECASE)
_NOT = re.compile(r"\b(?:not?|none|never|without|nobody|nothing)\b|n't\b|[不没沒无無未非]", re.I)
_SMALL_ZH = frozenset("的了是在和与及等也都就将把被对从到向为以于由其之而且个位名")
"""Characters that a sentence may add and still say nothing."""
_PRONOUNS = frozenset(
    ("he", "she", "it", "they", "him", "her", "them", "his", "hers", "its", "their", "theirs")
)
_HAN = re.compile(f"[{CJK}]")


def is_open(question: str) -> bool:
    """Whether a question asks who, what or how many, and may not be answered in its own words."""
    if detect_language(question) == "zh":
        return bool(_OPEN_ZH.search(question)) and not _CHOICE_ZH.search(question)
    closed = _CHOICE_EN.search(question) or _YES_NO_EN.search(question)
    return bool(_OPEN_EN.search(question)) and not closed


def wants_yes_or_no(question: str) -> bool:
    """Whether a question asks for yes or no."""
    pattern = _YES_NO_ZH if detect_language(question) == "zh" else _YES_NO_EN
    return bool(pattern.search(question))


def denies(question: str, sentence: str) -> bool:
    """Whether `sentence` has a negation and `question` none."""
    return bool(_NOT.search(sentence)) and not _NOT.search(question)


def only_repeats(question: str, sentence: str) -> bool:
    """Whether `sentence` adds no word, number or negation to an open `question`, or says of a thing
    that it is that thing ("the journalist of the paper is a journalist of the paper"), or of who is
    asked for that there is such a one."""
    if not is_open(question) or denies(question, sentence):
        return False
    if _is_circular(question, sentence) or _tells_of_somebody(question, sentence):
        return True
    if not _COUNTED_ZH.search(question):
        sentence = _SOME_ZH.sub("", sentence)
    return not words_of(sentence) - words_of(question)


def _tells_of_somebody(question: str, sentence: str) -> bool:
    somebody = _SOMEBODY_ZH.search(sentence) if re.search(WHO_ZH, question) else None
    return somebody is not None and words_of(somebody.group(1)) <= words_of(question)


def _is_circular(question: str, sentence: str) -> bool:
    """Whether what comes after the last "is" says no more than what comes before it, and the
    question."""
    subject, is_, predicate = _last_is(sentence)
    told = words_of(predicate)
    return bool(is_ and told) and told <= words_of(subject) & words_of(question)


def _last_is(sentence: str) -> tuple[str, str, str]:
    if detect_language(sentence) == "zh":
        return sentence.rpartition("是")
    *_, last = [None, *_IS_EN.finditer(sentence)]
    if last is None:
        return "", "", sentence
    return sentence[: last.start()], last.group(), sentence[last.end() :]


def words_of(text: str) -> set[str]:
    """Chinese characters one by one, for words are cut by what stands beside them; else terms but
    pronouns."""
    folded = simplify(fold_width(text))
    others = content_terms(_HAN.sub(" ", folded))
    return {c for c in folded if _HAN.match(c) and c not in _SMALL_ZH} | set(others) - _PRONOUNS
