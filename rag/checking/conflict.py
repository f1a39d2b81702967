"""Supported claims and the hits -> what another document says otherwise, with other figures.

A small model picks one of two contradicting passages and keeps silent about the other. So after
its answer is attributed, the other documents' sentences are searched for one that speaks of the
same thing (its words are those of the cited sentence, and it fits the question as well) but gives
other numbers; it is added word for word, with its source, and nothing is averaged or decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Protocol

from rag.checking.align import Quote, numbers_in, terms_of
from rag.text import detect_language, sentence_spans
from rag.text.injection import addresses_the_model
from rag.text.rarity import Rarity
from rag.types import Hit, Language

SAME_MATTER = 0.6
"""Share of the weight of the two sentences' words that both have, for them to be on one matter."""
_SAYS: dict[Language, str] = {
    "en": "{document} says differently: “{quote}”",
    "zh": "《{document}》的说法不同：“{quote}”",
}


@dataclass(frozen=True, slots=True)
class _Account:
    quote: Quote
    words: frozenset[str]
    numbers: frozenset[str]
    about: frozenset[str]


class Quoted(Protocol):
    """What is read of a claim."""

    @property
    def text(self) -> str:
        """The claim."""

    @property
    def quotes(self) -> Sequence[Quote]:
        """Where it stands."""


def other_accounts(
    question: str, claims: Sequence[Quoted], hits: Sequence[Hit]
) -> list[tuple[str, Quote]]:
    """Sentences of documents not cited that contradict the supported `claims` in their numbers, as
    they are told, with their places: at most one a document."""
    cited = [quote for c in claims for quote in c.quotes]
    said = frozenset(n for c in claims for n in numbers_in(c.text))
    known = {quote.hit.chunk.document_id for quote in cited}
    accounts = [_account(quote) for quote in _sentences(hits)]
    rarity = Rarity.of([account.quote.text for account in accounts])
    asked = frozenset(terms_of(question))
    found: list[tuple[str, Quote]] = []
    for held in (_account(quote) for quote in cited):
        for other in accounts:
            document_id = other.quote.hit.chunk.document_id
            if document_id not in known and _contradicts(asked, said, held, other, rarity):
                known.add(document_id)
                found.append(_told(question, other.quote))
    return found


def _sentences(hits: Sequence[Hit]) -> list[Quote]:
    return [
        Quote(hit, start, end, 1.0)
        for hit in hits
        for start, end in sentence_spans(hit.chunk.text)
        if not addresses_the_model(hit.chunk.text[start:end])
    ]


def _account(quote: Quote) -> _Account:
    terms = frozenset(terms_of(quote.text))
    above = f"{PurePath(quote.hit.document).stem} {quote.hit.chunk.heading}"
    numbers = frozenset(numbers_in(quote.text))
    words = frozenset(term for term in terms if not any(c.isdigit() for c in term))
    return _Account(quote, words, numbers, terms | frozenset(terms_of(above)))


def _contradicts(
    asked: frozenset[str],
    said: frozenset[str],
    held: _Account,
    other: _Account,
    rarity: Rarity,
) -> bool:
    """Whether `other` is on the matter of `held` and the question, with numbers not yet given."""
    if not held.numbers or not other.numbers - said - held.numbers - asked:
        return False
    # A question about MT-260 or 2026 is not contradicted by what holds for MT-260S or 2024.
    specific = {term for term in asked if any(c.isdigit() for c in term)}
    if not specific <= other.about:
        return False
    shared, both = held.words & other.words, held.words | other.words
    return rarity.coverage(both, shared) >= SAME_MATTER


def _told(question: str, quote: Quote) -> tuple[str, Quote]:
    language = detect_language(question)
    words = " ".join(quote.text.split())
    return _SAYS[language].format(document=quote.hit.document, quote=words), quote
