"""A sentence of an answer -> the exact words in the documents that hold it.

Deterministic and without a language model. A claim is aligned with the sentences of the hits by
the words they share, each weighted by its rarity among those sentences. An answer mostly repeats
its question, so words that the question said count half, and the numbers that it did not say count
double: each of them must be found in a quote if any sentence has it. Likeness of meaning decides
between equals, and across languages, where a dictionary finds but some of the words, it may stand
in for them; the numbers must still agree. A claim for which nothing is found gets no quote and so
stays visibly unresolved.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from decimal import Decimal

from rag.seams import Embedder
from rag.text import CJK, detect_language, fold_width, sentence_spans
from rag.text.dictionary import translated_terms
from rag.text.injection import addresses_the_model
from rag.text.rarity import Rarity, content_terms
from rag.text.scales import spellings
from rag.types import FloatArray, Hit, Language, Span

QUESTION_DISCOUNT = 0.5
NEW_NUMBER = 2.0
"""What a number weighs that the question did not say, in rarest words."""
ENOUGH = 0.35
"""Coverage from which shared words are taken for a quote."""
ENOUGH_WITH_NUMBER = 0.2
"""Coverage from which they are if a number that the question did not say is among them."""
GAIN = 0.22
"""Coverage that a further sentence must add to be quoted as well."""
LIKENESS = 0.5
"""Coverage that being alike in meaning is worth."""
SHOWN = 0.1
"""Coverage that having been shown to the model is worth."""
MOST_QUOTES = 3
CROSS_COSINE = 0.8
"""e5's cosine from which sentences in two languages are taken to say the same; unrelated pairs
mostly stay below."""
_UNLIKE, _ALIKE = 0.78, 0.98
"""e5's cosines between which likeness is counted from 0 to 1."""
_HAN = re.compile(f"[{CJK}]")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_DECIMAL = re.compile(r"\d+\.\d+")


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
    numbers: frozenset[str]
    shown: bool


class Aligner:
    """Aligns claims with the sentences of `hits`; build one per answer. `shown` are the spans of
    each hit's text that the model was shown, none for hits of which that is not known."""

    def __init__(
        self,
        question: str,
        hits: Sequence[Hit],
        embedder: Embedder,
        shown: Sequence[Sequence[Span]] = (),
    ) -> None:
        self._asked = question
        self._question = frozenset(terms_of(question))
        self._said = numbers_in(question)
        self._embedder = embedder
        self._candidates = _candidates(hits, shown)
        self._rarity = Rarity.of([c.text for c in self._candidates])
        self._vectors: FloatArray | None = None

    def quotes(self, claim: str) -> list[Quote]:
        """The words that hold `claim`, strongest first; empty if there are none."""
        if not self._candidates or not terms_of(claim):
            return []
        sought = _Sought(claim, self._weights(claim), self._said)
        candidates = [_with_translated(candidate, claim) for candidate in self._candidates]
        likeness = self._likeness(claim)
        picked: dict[int, float] = {}
        while len(picked) < MOST_QUOTES and (best := _best(candidates, sought, likeness, picked)):
            strength, index = best
            picked[index] = strength
            sought.found(candidates[index], self._question)
        found = [
            Quote(c.hit, c.start, c.end, min(1.0, strength))
            for c, strength in ((self._candidates[i], s) for i, s in picked.items())
        ]
        return merge_adjacent(found)

    def nearest(self, claim: str) -> list[Quote]:
        """The one sentence nearest to `claim` in words and meaning, where it shares any word with
        it: for a claim that is borne out but stands nowhere in so many words."""
        sought = _Sought(claim, self._weights(claim), self._said)
        likeness = self._likeness(claim) if self._candidates else ()
        near = [
            (covered + LIKENESS * _spread(float(likeness[i])) + SHOWN * candidate.shown, -i)
            for i, candidate in enumerate(self._candidates)
            if (covered := sought.coverage(_with_translated(candidate, claim))) > 0.0
        ]
        if not near:
            return []
        strength, index = max(near)
        found = self._candidates[-index]
        return [Quote(found.hit, found.start, found.end, min(1.0, strength))]

    def _weights(self, claim: str) -> dict[str, float]:
        """What each term of the claim is worth."""
        rarest = self._rarity.weight("")
        weights = {}
        for term in terms_of(claim):
            weight = self._rarity.weight(term)
            if term in self._question:
                weight *= QUESTION_DISCOUNT
            elif _NUMBER.fullmatch(term):
                weight = NEW_NUMBER * rarest
            weights[term] = weight
        return weights

    def _likeness(self, claim: str) -> FloatArray:
        """Cosine of the claim, with the question if it is bare, with every candidate under its
        heading."""
        if self._vectors is None:
            texts = [_under_headings(c.hit, c.text) for c in self._candidates]
            self._vectors = self._embedder.embed_passages(texts)
        bare = 2 * len(claim) < len(self._asked)
        said = f"{self._asked} {claim}" if bare else claim
        cosines: FloatArray = self._vectors @ self._embedder.embed_passages([said])[0]
        return cosines


def _best(
    candidates: Sequence[_Candidate],
    sought: _Sought,
    likeness: FloatArray,
    picked: Collection[int],
) -> tuple[float, int] | None:
    """(strength, index) of the sentence to quote next, None if no other is worth it."""
    fitting = []
    in_any = any(sought.numbers & c.numbers for c in candidates)
    for i, candidate in enumerate(candidates):
        cosine = float(likeness[i])
        if i not in picked and _fits(sought, candidate, cosine, in_any, further=bool(picked)):
            score = sought.coverage(candidate) + LIKENESS * _spread(cosine)
            fitting.append((score + SHOWN * candidate.shown, -i))
    if not fitting:
        return None
    strength, index = max(fitting)
    return strength, -index


def _fits(
    sought: _Sought, candidate: _Candidate, cosine: float, in_any: bool, *, further: bool
) -> bool:
    """Whether a sentence may be quoted: as the first one, or beside others. `in_any` says whether
    a number that is sought stands in any candidate."""
    if in_any and not sought.numbers & candidate.numbers:
        return False
    covered = sought.coverage(candidate)
    if further:
        return in_any or covered >= GAIN
    if _is_foreign(candidate.text, sought.language):
        alike = covered >= ENOUGH or cosine >= CROSS_COSINE
        return alike and (in_any or sought.all_numbers <= candidate.numbers)
    return covered >= (ENOUGH_WITH_NUMBER if in_any else ENOUGH)


def _with_translated(candidate: _Candidate, claim: str) -> _Candidate:
    """The candidate with those terms of a claim in the other language that a dictionary finds in
    it."""
    translated = translated_terms(claim, candidate.text)
    return replace(candidate, terms=candidate.terms | translated) if translated else candidate


class _Sought:
    """What of a claim is yet to be found. `numbers` are those that the question did not say."""

    def __init__(self, claim: str, weights: Mapping[str, float], said: Set[str]) -> None:
        self.language = detect_language(claim)
        self.all_numbers = numbers_in(claim)
        self.numbers = self.all_numbers - said
        self._left = dict(weights)
        self._total = sum(weights.values())

    def coverage(self, candidate: _Candidate) -> float:
        """The share of the claim, in [0, 1], that the candidate has of what is left."""
        found = sum(self._left.get(term, 0.0) for term in candidate.terms)
        return found / self._total if self._total else 0.0

    def found(self, candidate: _Candidate, said: Collection[str]) -> None:
        """Take away what the candidate has, and what the question said already: no further
        sentence is quoted for that."""
        new = any(term in self._left and term not in said for term in candidate.terms)
        self.numbers -= candidate.numbers
        for term in (*candidate.terms, *(said if new else ())):
            self._left.pop(term, None)


def _is_foreign(text: str, language: Language) -> bool:
    """Whether a sentence is in another language than the claim. A Chinese sentence may be little
    more than the names and paths in it, and is Chinese still."""
    return not _HAN.search(text) if language == "zh" else detect_language(text) != language


def _spread(cosine: float) -> float:
    return min(1.0, max(0.0, (cosine - _UNLIKE) / (_ALIKE - _UNLIKE)))


def _under_headings(hit: Hit, text: str) -> str:
    return f"{hit.chunk.heading}: {text}" if hit.chunk.heading else text


def _candidates(hits: Sequence[Hit], shown: Sequence[Sequence[Span]]) -> list[_Candidate]:
    found = []
    seen: set[tuple[str, int, int]] = set()
    for index, hit in enumerate(hits):
        chunk = hit.chunk
        spans = shown[index] if index < len(shown) else ()
        for start, end in sentence_spans(chunk.text):
            text = chunk.text[start:end]
            place = (chunk.document_id, chunk.page, chunk.start + start)
            if place in seen or addresses_the_model(text):
                continue
            seen.add(place)
            terms = frozenset(terms_of(f"{chunk.heading} {text}") | spellings(text))
            within = any(left < end and start < right for left, right in spans)
            numbers = frozenset(numbers_in(text) | spellings(text))
            found.append(_Candidate(hit, start, end, text, terms, numbers, within))
    return found


def terms_of(text: str) -> set[str]:
    """Keyword terms and numbers, the numbers without their thousands separators."""
    return set(content_terms(text)) | numbers_in(text)


def numbers_in(text: str) -> set[str]:
    """The numbers written in digits, full-width ones folded, without thousands separators and
    without zeros that say nothing: 268.0 is 268."""
    return {_plain(number) for number in _NUMBER.findall(fold_width(text))}


def _plain(number: str) -> str:
    digits = re.sub(r",(?=\d{3})", "", number)
    return f"{Decimal(digits).normalize():f}" if _DECIMAL.fullmatch(digits) else digits


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
