"""Questions and claims put word by word into the other language with a dictionary.

Word order stays, names are spelled in pinyin: no translation, and enough to teach an encoder that
has seen both languages to hold a question of one against a passage of the other (code-switching,
after CoSDA-ML, Qin et al. 2020). Real translations (`training.ask`) are few; these are without end.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from rag.dictionary import chinese_words, glosses, spellings, translations
from rag.text import CJK, detect_language, english_stem, segments

_RUN = re.compile(f"[{CJK}]+|[A-Za-z]+")
_SWITCHED = 0.96
"""This share of the words that the dictionary knows is switched."""
_ASKING = {
    "谁": "who", "什么": "what", "哪": "which", "哪个": "which", "哪一": "which",
    "多少": "how many", "几": "how many", "何时": "when", "何": "what", "为何": "why",
    "为什么": "why", "如何": "how", "怎么": "how", "哪里": "where", "何处": "where",
    "哪年": "which year", "是": "is", "的": "of", "在": "in", "和": "and", "与": "and",
    "年": "year", "吗": "", "呢": "", "了": "", "被": "was", "个": "", "位": "", "不": "not",
    "没有": "no", "为": "is", "于": "in", "由": "by", "可": "can", "会": "will", "有": "has",
}  # fmt: skip
_ASKED = {
    "who": "谁", "what": "什么", "which": "哪个", "when": "何时", "where": "哪里",
    "why": "为什么", "how": "怎么", "many": "多少", "much": "多少", "is": "是", "are": "是",
    "was": "是", "were": "是", "of": "的", "in": "在", "and": "和", "not": "不", "no": "没有",
    "the": "", "a": "", "an": "", "do": "", "does": "", "did": "", "to": "", "for": "为",
    "by": "由", "with": "与", "from": "从", "on": "在", "at": "在", "or": "或", "as": "作为",
    "that": "那", "it": "它", "its": "其", "has": "有", "have": "有", "had": "有", "be": "是",
    "been": "", "can": "可以", "may": "可以", "i": "我", "you": "你", "we": "我们", "my": "我的",
    "your": "你的", "our": "我们的", "they": "他们", "their": "他们的", "will": "会", "this": "这",
}  # fmt: skip
_CHOICES = (0.75, 0.2, 0.05)
"""How often the first, second and third translation is taken."""


def switched(text: str, rng: random.Random) -> str | None:
    """`text` with its words in the other language; None where too few are in the dictionary."""
    own = detect_language(text)
    into = _into_english if own == "zh" else _into_chinese
    said = _RUN.sub(lambda match: into(match.group(), rng), text)
    said = re.sub(r"\s+", " ", said).strip()
    if own == "en":
        said = re.sub(rf"(?<=[{CJK}]) (?=[{CJK}])", "", said)
    return said if detect_language(said) != own else None


def _into_english(run: str, rng: random.Random) -> str:
    if run.isascii():
        return run
    said: list[str] = []
    at = 0
    while at < len(run):
        word = max((w for w, start, _ in segments(run) if start == at), key=len, default=run[at])
        said.append(_english(word, rng))
        at += len(word)
    return f" {' '.join(said)} "


def _english(word: str, rng: random.Random) -> str:
    if word in _ASKING:
        return _ASKING[word]
    if rng.random() > _SWITCHED:
        return word
    fitting = [text for text in glosses(word) if len(text.split()) <= 3]
    if fitting and translations(word):
        return re.sub(r"^to ", "", _one_of(fitting, rng))
    return next(iter(spellings(word)), word).capitalize()


def _into_chinese(word: str, rng: random.Random) -> str:
    lower = word.lower()
    if lower in _ASKED:
        return _ASKED[lower]
    known = chinese_words(english_stem(lower))
    if not known or rng.random() > _SWITCHED:
        return word
    return _one_of(known, rng)


def _one_of(texts: Sequence[str], rng: random.Random) -> str:
    fitting = texts[: len(_CHOICES)]
    return rng.choices(fitting, _CHOICES[: len(fitting)])[0]
