"""Hollow: whether what is quoted for a sentence states nothing of it.

A question has the words of its answer's subject, and the line with a page's date has the date that
a sentence tells of something else; neither says that it is so. Pure functions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.attribute import Quote, numbers_in, terms_of
from rag.dictionary import translated_terms
from rag.quantities import MONTHS
from rag.tables import TABLE_ROW

_ASKS = re.compile(r"[?？][\"”’」』)）\s]*$")
_WONDERS = re.compile("(?:多少|几|什么|谁|哪[里儿些个]?|怎么样?|如何)呢(?=[，,。！!])")
"""A question in the middle: 报名人数是多少呢，想必大家非常清楚。"""
_LAST_CLAUSE = re.compile(r"[^，,；;：:。！!\n]*$")
_CUT_OFF = re.compile(r"(?:\.{3}|…)[\"”’」』)）\s]*$")


def states_nothing(text: str) -> bool:
    """Whether a text is a question, or breaks off, so that it is no answer as it stands."""
    return bool(_ASKS.search(text) or _WONDERS.search(text) or _CUT_OFF.search(text))


def rest_on_nothing(question: str, sentence: str, quotes: Sequence[Quote]) -> bool:
    """Whether every quote of `sentence` is hollow: a question that has what `sentence` adds to the
    user's `question` in its last clause, or numbers and dates without a word. Rows of tables are
    let alone."""
    added = terms_of(sentence) - terms_of(question)
    return bool(quotes) and all(_is_hollow(sentence, added, quote.text) for quote in quotes)


def _is_hollow(sentence: str, added: set[str], text: str) -> bool:
    if any(TABLE_ROW.match(line) for line in text.splitlines()):
        return False
    if not _ASKS.search(text):
        return not any(map(_is_word, terms_of(text)))
    before = _LAST_CLAUSE.sub("", text)
    held, stated = (terms_of(t) | translated_terms(sentence, t) for t in (text, before))
    return bool(added & held) and not added & stated


def _is_word(term: str) -> bool:
    return not numbers_in(term) and term not in MONTHS
