"""Turned: whether an answer turns round what it was taken from.

"Ann took over from Bob in July" does not say that Bob is in office since July, nor "the MT-120 is
not affected, because its fan is another" why it is. Every word of such an answer stands in the
sentence. Pure functions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.claims import is_negated
from rag.sentences import CLAUSE_END, sentence_spans
from rag.text import simplify

_WORD = r"(?:[A-Z][^\W\d_]+(?:[-'’][^\W\d_]+)*|van|von|de|der|da|dos)(?![\w-])"
_NAME = rf"{_WORD}(?: {_WORD})*"
_BEFORE_EN = re.compile(
    r"\b(?:(?:took|takes?|taken|taking) over\b[^.;]*?\bfrom"
    r"|(?:succeed|follow|replac)(?:ed|s|es))"
    rf" (?P<name>{_NAME})"
)
_BEFORE_ZH = re.compile(
    r"(?:接替|取代)(?P<name>[^\W\d_]{2,6}?)(?=担任|出任|成为|任|的|为|，|。|；|（|$)"
)
_ASKS_BEFORE = re.compile(
    r"\b(?:before|former\w*|previous\w*|predecessor|until|preced\w+|succeed\w*|replac\w*|"
    r"follow\w*|used to|took over)\b"
    r"|前任|原任|之前|以前|此前|接替|取代|离任|卸任",
    re.IGNORECASE,
)
_BECAUSE = re.compile(r"\bbecause\b|因为|由于|原因", re.IGNORECASE)


def told_of_the_predecessor(question: str, sentence: str, quotes: Sequence[str]) -> bool:
    """Whether the `sentence` names somebody who stands in the quotes only as the one that another
    took over from, and the `question` does not ask for that."""
    if _ASKS_BEFORE.search(question) or _ASKS_BEFORE.search(sentence):
        return False
    said, texts = simplify(sentence), "\n".join(map(simplify, quotes))
    left = {m["name"] for p in (_BEFORE_EN, _BEFORE_ZH) for m in p.finditer(texts)}
    return any(
        name in said and name not in simplify(question) and texts.count(name) == 1 for name in left
    )


def reason_of_a_no(sentence: str, quotes: Sequence[str]) -> bool:
    """Whether the `sentence` says why something is so, and every sentence of the quotes that gives
    a reason says why something is not."""
    if not _BECAUSE.search(sentence) or is_negated(sentence):
        return False
    texts = [text[start:end] for text in quotes for start, end in sentence_spans(text)]
    giving = [(text, found) for text in texts if (found := _BECAUSE.search(text))]
    return bool(giving) and all(_denied_before(text, found) for text, found in giving)


def _denied_before(text: str, reason: re.Match[str]) -> bool:
    """Whether the clause before the reason is negated, or the last one where the reason comes
    first."""
    before = [part for part in CLAUSE_END.split(text[: reason.start()]) if part.strip()]
    after = [part for part in CLAUSE_END.split(text[reason.end() :]) if part.strip()]
    return any(is_negated(part) for part in (before or after)[-1:])
