"""Attribute: find for every sentence of an answer the exact words in the documents that hold it.

Deterministic and without a language model. A claim is aligned with the sentences of the hits by
the words they share, each weighted by its rarity among those sentences and counted half if the
question already said it, since an answer mostly repeats the question and only its new words tell
the passages apart. Where claim and sentence are in different languages the embedder's cosine
stands in for shared words, and the numbers must still agree. A claim for which nothing is found
gets no quote and so stays visibly unresolved.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.injection import addresses_the_model
from rag.rarity import Rarity, content_terms
from rag.seams import Embedder
from rag.text import detect_language, fold_width, sentence_spans
from rag.types import FloatArray, Hit

QUESTION_DISCOUNT = 0.5
ENOUGH = 0.35
"""Coverage from which shared words are taken for a quote."""
GAIN = 0.22
"""Coverage that a further sentence must add to be quoted as well."""
MOST_QUOTES = 3
CROSS_COSINE = 0.82
"""e5's cosine from which sentences in two languages are taken to say the same; unrelated pairs
stay below about 0.80."""
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class Quote:
    """Words that hold a claim: `text` is `hit.chunk.text[start:end]`; `strength` in [0, 1]."""

    hit: Hit
    start: int
    end: int
    strength: float

    @property
    def text(self) -> str:
        """The quoted words."""
        return self.hit.chunk.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class _Candidate:
    hit: Hit
    start: int
    end: int
    text: str
    terms: frozenset[str]


class Aligner:
    """Aligns claims with the sentences of `hits`; build one per answer."""

    def __init__(self, question: str, hits: Sequence[Hit], embedder: Embedder) -> None:
        self._question = frozenset(terms_of(question))
        self._embedder = embedder
        self._candidates = _candidates(hits)
        self._rarity = Rarity.of([c.text for c in self._candidates])
        self._vectors: FloatArray | None = None

    def quotes(self, claim: str) -> list[Quote]:
        """The words that hold `claim`, strongest first; empty if there are none."""
        if not self._candidates:
            return []
        picked = self._by_words(claim)
        if not picked or picked[0][1] < ENOUGH:
            picked = self._across_languages(claim)
        quotes = [
            Quote(c.hit, c.start, c.end, min(1.0, strength))
            for c, strength in ((self._candidates[i], s) for i, s in picked)
        ]
        return merge_adjacent(quotes)

    def _by_words(self, claim: str) -> list[tuple[int, float]]:
        weights = {t: self._weight(t) for t in terms_of(claim)}
        total = sum(weights.values())
        if not total:
            return []
        left = dict(weights)
        picked: list[tuple[int, float]] = []
        while len(picked) < MOST_QUOTES:
            gains = [sum(left.get(t, 0.0) for t in c.terms) / total for c in self._candidates]
            best = max(range(len(gains)), key=lambda i: (gains[i], -i))
            if gains[best] < (GAIN if picked else ENOUGH):
                break
            picked.append((best, gains[best]))
            for term in self._candidates[best].terms:
                left.pop(term, None)
        return picked

    def _weight(self, term: str) -> float:
        weight = self._rarity.weight(term)
        return weight * QUESTION_DISCOUNT if term in self._question else weight

    def _across_languages(self, claim: str) -> list[tuple[int, float]]:
        language = detect_language(claim)
        numbers = numbers_in(claim)
        others = [
            i
            for i, c in enumerate(self._candidates)
            if detect_language(c.text) != language and numbers <= numbers_in(c.text)
        ]
        if not others:
            return []
        if self._vectors is None:
            texts = [c.text for c in self._candidates]
            self._vectors = self._embedder.embed_passages(texts)
        cosines = self._vectors @ self._embedder.embed_passages([claim])[0]
        best = max(others, key=lambda i: float(cosines[i]))
        return [(best, float(cosines[best]))] if cosines[best] >= CROSS_COSINE else []


def _candidates(hits: Sequence[Hit]) -> list[_Candidate]:
    found = []
    seen: set[tuple[str, int, int]] = set()
    for hit in hits:
        chunk = hit.chunk
        for start, end in sentence_spans(chunk.text):
            text = chunk.text[start:end]
            place = (chunk.document_id, chunk.page, chunk.start + start)
            if place in seen or addresses_the_model(text):
                continue
            seen.add(place)
            terms = frozenset(terms_of(f"{chunk.heading} {text}"))
            found.append(_Candidate(hit, start, end, text, terms))
    return found


def terms_of(text: str) -> set[str]:
    """Keyword terms and numbers, the numbers without their thousands separators."""
    return set(content_terms(text)) | numbers_in(text)


def numbers_in(text: str) -> set[str]:
    """The numbers written in digits, full-width ones folded, thousands separators removed."""
    return {re.sub(r",(?=\d{3})", "", n) for n in _NUMBER.findall(fold_width(text))}


def merge_adjacent(quotes: Sequence[Quote]) -> list[Quote]:
    """Quotes of one chunk with only white space between them become one; strongest first."""
    merged: list[Quote] = []
    for quote in sorted(quotes, key=lambda q: (q.hit.chunk.chunk_id, q.start)):
        last = merged[-1] if merged else None
        if last and last.hit.chunk.chunk_id == quote.hit.chunk.chunk_id:
            between = quote.hit.chunk.text[last.end : quote.start]
            if not between.strip():
                strength = min(1.0, last.strength + quote.strength)
                merged[-1] = Quote(last.hit, last.start, quote.end, strength)
                continue
        merged.append(quote)
    return sorted(merged, key=lambda q: -q.strength)
