"""Places: whether an answer names a place, or a code, that what it quotes knows nothing of.

"The hotel limit in Tokyo is EUR 165" has every word of the row for Rotterdam but one, and Tokyo
stands in the question; nobody could look it up. Places are the names that the dictionary gives, in
either language. Pure functions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from rag.attribute import Quote, numbers_in
from rag.dictionary import chinese_words, is_common, may_be_a_place, translated_terms
from rag.mentions import tagged
from rag.sentences import CLAUSE_END
from rag.subject import codes
from rag.text import CJK, detect_language, english_stem, fold_width, simplify

_CHINA = frozenset(("中国", "大陆", "中国大陆", "全国", "我国"))
"""What a Chinese text seldom says of itself."""
_PROVINCE = re.compile(f"[{CJK}]{{2,3}}(?:省|市|自治区|县)")
"""A province, city or county, with the end that its name has in full."""
_SAME_CHARS = 4
"""What the clause has in common with the question right after the place."""
_OF_A_KIND = re.compile("(?<=..)(?:地区|群岛|省|市|县|州)$")
"""What a name may go without: 青海地区 is 青海."""
_RUN = re.compile(f"[{CJK}]+")
_CAPITALISED = re.compile(r"(?<![\w-])[A-Z][a-z]{2,}")
_PLACE, _MAYBE = ("ns",), ("nr", "n", "nt")
"""Tags that jieba gives to places, and to some that the dictionary knows for names."""
_NO_PLACES = ("币", "文", "语")
"""What currencies and languages end with."""


def of_another_place(question: str, sentence: str, quotes: Sequence[Quote]) -> bool:
    """Whether `sentence` names places, and none of them stands in any of the passages quoted, under
    their titles, in either language, but others do (a tariff for all need not name Leeds); so too
    if it names none, of those of the `question`, where what is quoted itself names others; or
    codes, where what is quoted is told of others."""
    texts = [f"{quote.above} {quote.hit.chunk.text}" for quote in quotes]
    if not texts:
        return False
    named, marked = places(sentence) or places(question), codes(sentence)
    told = any(codes(quote.text) for quote in quotes)
    if marked and told and not any(marked & codes(text) for text in texts):
        return True
    if not named:
        return False
    if _at_home(named, " ".join(quote.text for quote in quotes)):
        return False
    if not any(_stands_in(place, text) for place in named for text in texts):
        return any(map(places, texts if places(sentence) else [quote.text for quote in quotes]))
    return all(_of_another_titled(sentence, named, quote) for quote in quotes)


def _of_another_titled(sentence: str, named: set[str], quote: Quote) -> bool:
    """Whether the title above the quote tells of another place's: of the Suzhou plant, where the
    sentence speaks of the Hefei plant, and the quote of neither."""
    own = f"{quote.above} {quote.text}"
    if any(_stands_in(place, own) for place in named):
        return False
    kinds = {kind for place in named for kind in _kinds_of(place, sentence)}
    titled = places(quote.above)
    return any(kinds & _kinds_of(place, quote.above) for place in titled)


def _kinds_of(place: str, text: str) -> set[str]:
    """What in the text comes next after the place's name: the plant, the office."""
    after = re.finditer(rf"{re.escape(place)}\s*([{CJK}]{{2}}|[a-z]+)", simplify(text))
    return {match.group(1) for match in after}


def told_of_a_part(question: str, sentence: str, quotes: Sequence[str]) -> bool:
    """Whether what `sentence` adds, its numbers, stands in the quotes only in clauses that tell it
    of a province or city: of 湖南省高考报名人数, where the `question` is for 高考报名人数. Seen in
    Chinese, where the place comes right before what is asked for."""
    asked = simplify(fold_width(question))
    if _PROVINCE.search(asked) or _PROVINCE.search(simplify(sentence)):
        return False
    added = numbers_in(sentence) - numbers_in(question)
    clauses = (simplify(fold_width(part)) for text in quotes for part in CLAUSE_END.split(text))
    holding = [clause for clause in clauses if added & numbers_in(clause)]
    return bool(holding) and all(_narrows(asked, clause) for clause in holding)


def _narrows(asked: str, clause: str) -> bool:
    return any(
        clause[match.end() : match.end() + _SAME_CHARS] in asked
        for match in _PROVINCE.finditer(clause)
        if len(clause) >= match.end() + _SAME_CHARS
    )


def knows_the_places(question: str, text: str) -> bool:
    """Whether one of the places that `question` names stands in `text`, in either language; so too
    where it names none."""
    named = places(question)
    known = any(_stands_in(place, text) for place in named)
    return known or not named or _at_home(named, text)


def _at_home(named: set[str], text: str) -> bool:
    """Whether a Chinese text need not name the place: China, where it names no other."""
    return named <= _CHINA and detect_language(text) == "zh" and not places(text) - _CHINA


def places(text: str) -> set[str]:
    """The names of places in a text, as they are written, Chinese ones simplified."""
    if detect_language(text) == "zh":
        return _chinese_places(simplify(text))
    return {word for word in _CAPITALISED.findall(text) if _is_english_place(word)}


@lru_cache(maxsize=2048)
def _is_english_place(word: str) -> bool:
    """Whether the first thing that the word stands for in Chinese is a place."""
    known = chinese_words(english_stem(word.lower()))[:1]
    return any(_chinese_places(chinese) == {chinese} for chinese in known)


def _chinese_places(text: str) -> set[str]:
    runs = (pair for run in _RUN.findall(text) for pair in tagged(run))
    return {word for word, tag in runs if len(word) > 1 and _is_place(word, tag)}


def _is_place(word: str, tag: str) -> bool:
    known = tag.startswith(_PLACE) or (tag.startswith(_MAYBE) and may_be_a_place(word))
    return known and not is_common(word) and not word.endswith(_NO_PLACES)


def _stands_in(place: str, text: str) -> bool:
    name = _OF_A_KIND.sub("", place).lower()
    return name in simplify(text).lower() or bool(translated_terms(place, text))
