"""A draft and the passages shown -> checked sentences, and the signals that the decision rests on.

Each sentence gets a quote (`align`), a support score (`support`) and a verdict, and where it is not
supported a reason (`reasons`). Knows nothing of retrieval, prompts or streaming.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.checking.align import Aligner, Quote
from rag.checking.conflict import other_accounts
from rag.checking.decide import Signals
from rag.checking.facts import Facts, compare
from rag.checking.own_word import OwnWord
from rag.checking.reasons import why_unsupported
from rag.checking.support import SUPPORTED_FROM
from rag.checking.windows import Evidence
from rag.config import CheckingSettings
from rag.evidence import Passage
from rag.generation import Draft, is_refusal
from rag.seams import Embedder, Reranker, SupportScorer
from rag.text import detect_language, sentence_spans
from rag.text.rarity import content_terms
from rag.text.scales import restated
from rag.types import Reason, Verdict

_BRACKETED_NUMBER = re.compile(r"\s*[\[【（(]\s*\d{1,2}(?:\s*[,，、]\s*\d{1,2})*\s*[\]】）)](?!\w)")
_LEAD = re.compile(r"^\s*(?:answer|答案|回答|答)\s*[:：]\s*", re.IGNORECASE)
_FENCE = re.compile(r"<{3}|>{3}")
_LOOP = re.compile(r"(?=[^\d]*[^\W\d])(\S.{5,79}?)\1{2,}")
"""The same words three times on end: a small model that lists without end."""
PARTLY_FROM = 0.1
"""Support score below which a sentence with a quote is unsupported all the same: it says something
else with the same words."""
_UNREAD = 0.0
"""The cross-encoder's logit where there is no cross-encoder: it knows nothing."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of the draft with what was found for it. `gap` is the white space before it,
    `score` its support in [0, 1]."""

    text: str
    gap: str
    verdict: Verdict
    score: float
    quotes: tuple[Quote, ...]
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """The claims of one draft; `signals` is None where none has any ground in the passages."""

    claims: tuple[Claim, ...]
    signals: Signals | None


@dataclass(frozen=True, slots=True)
class Reviewer:
    """What checking needs: without `reader` the cross-encoder's signals are 0, without `own_word`
    the language model is not asked."""

    embedder: Embedder
    scorer: SupportScorer
    reader: Reranker | None
    own_word: OwnWord | None
    settings: CheckingSettings

    def review(self, question: str, passages: Sequence[Passage], draft: Draft) -> Checked:
        """The draft's sentences, checked. With `checking.verify` off they stay as they are."""
        shown = [passage.spans for passage in passages]
        aligner = Aligner(question, [passage.hit for passage in passages], self.embedder, shown)
        found = _aligned(aligner, tidy(draft.text))
        if not self.settings.verify:
            return Checked(tuple(_unchecked(*one) for one in found), None)
        claims = self._judged(question, passages, found, aligner)
        kept = [claim for claim in claims if claim.verdict in ("supported", "partly")]
        signals = self._signals(question, passages, kept) if kept else None
        if kept and self.settings.conflicts:
            hits = [passage.hit for passage in passages]
            claims += [
                Claim(text, " ", "supported", 1.0, (quote,))
                for text, quote in other_accounts(question, kept, hits)
            ]
        return Checked(tuple(claims), signals)

    def _judged(
        self,
        question: str,
        passages: Sequence[Passage],
        found: Sequence[tuple[str, str, list[Quote]]],
        aligner: Aligner,
    ) -> list[Claim]:
        """A sentence that is borne out without words that hold it is shown beside the nearest ones:
        what cannot be looked up anywhere is unsupported whatever the scorer says."""
        language = detect_language(question)
        texts = [restated(passage.told, language) for passage in passages]
        evidence = Evidence(texts)
        said = [sentence for _, sentence, _ in found if claims_something(sentence)]
        scores = iter(self.scorer.score(question, said, texts) if said else [])
        claims = []
        for gap, sentence, quotes in found:
            if not claims_something(sentence):
                claims.append(Claim(sentence, gap, "no_claim", 0.0, ()))
                continue
            score = next(scores)
            facts = compare(sentence, evidence, question).switched(self.settings)
            quoted = bool(quotes)
            if not quoted and score >= SUPPORTED_FROM:
                quotes = aligner.nearest(sentence)
            verdict = _verdict(facts, quoted, bool(quotes), score)
            reason = (
                None
                if verdict == "supported"
                else why_unsupported(sentence, facts, evidence, quoted, question)
            )
            claims.append(Claim(sentence, gap, verdict, score, tuple(quotes), reason))
        return claims

    def _signals(
        self, question: str, passages: Sequence[Passage], kept: Sequence[Claim]
    ) -> Signals:
        cited = _cited(passages, kept)
        language = detect_language(question)
        own = None
        if self.own_word is not None:
            own = self.own_word.holds(question, cited, language)
        if self.reader is None:
            return Signals(own, _UNREAD, _UNREAD, language == "zh")
        read = float(self.reader.scores(question, [cited.evidence])[0])
        best = max(passage.score for passage in passages)
        return Signals(own, max(read, cited.score), best, language == "zh")


def tidy(raw: str) -> str:
    """The model's text without "Answer:", fences and bracketed numbers, which it only invents, and
    with what it says over and over said once."""
    plain = _BRACKETED_NUMBER.sub("", _FENCE.sub("", _LEAD.sub("", raw))).strip()
    return _LOOP.sub(r"\1", plain).strip()


def split_claims(text: str) -> list[tuple[str, str]]:
    """(white space before, sentence) for each sentence of the answer, repeats left out."""
    claims: list[tuple[str, str]] = []
    seen: set[str] = set()
    before = 0
    for start, end in sentence_spans(text):
        sentence = text[start:end]
        if sentence not in seen:
            claims.append((text[before:start], sentence))
        seen.add(sentence)
        before = end
    return claims


def claims_something(sentence: str) -> bool:
    """Whether a sentence states something: it has content words, does not only decline, and is no
    heading of a list that follows."""
    leads_on = sentence.rstrip().endswith((":", "："))
    return bool(content_terms(sentence)) and not is_refusal(sentence) and not leads_on


def _unchecked(gap: str, sentence: str, quotes: Sequence[Quote]) -> Claim:
    return Claim(sentence, gap, "unchecked", 0.0, tuple(quotes))


def _aligned(aligner: Aligner, text: str) -> list[tuple[str, str, list[Quote]]]:
    """(gap, sentence, quotes) for each sentence of the text."""
    return [
        (gap, said, aligner.quotes(said) if claims_something(said) else [])
        for gap, said in split_claims(text)
    ]


def _verdict(facts: Facts, quoted: bool, near: bool, score: float) -> Verdict:
    """`quoted`: words hold the claim; `near`: some are at least near it. `facts` have what the
    settings leave of the comparisons."""
    if quoted and score >= SUPPORTED_FROM:
        return "supported"
    partly = near and score >= PARTLY_FROM and not facts.numbers
    return "partly" if partly else "unsupported"


def _cited(passages: Sequence[Passage], kept: Sequence[Claim]) -> Passage:
    """Of the passages that the claims quote, the one that answers best."""
    ids = {quote.hit.chunk.chunk_id for claim in kept for quote in claim.quotes}
    quoted = [passage for passage in passages if passage.hit.chunk.chunk_id in ids]
    return max(quoted, key=lambda passage: passage.score)
