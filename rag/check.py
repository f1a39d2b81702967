"""From the model's raw text to checked sentences: split, attribute, score, judge.

Knows nothing of retrieval, prompts or streaming. Citation numbers are given at the end, when it
is known which sentences stay.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.attribute import Aligner, Quote
from rag.cells import from_another_band, from_another_column, from_another_row
from rag.clauses import (
    told_of_a_year_compared,
    told_of_another,
    told_of_another_quarter,
    told_of_another_year,
    told_of_something_else,
    told_under_another,
)
from rag.context import Passage
from rag.hollow import rest_on_nothing
from rag.kind import says_nothing
from rag.ordinals import told_of_another_ordinal
from rag.places import of_another_place, told_of_a_part
from rag.rarity import content_terms
from rag.refuse import is_refusal
from rag.relations import told_of_another_relation
from rag.seams import Embedder, SupportScorer
from rag.subject import names_another
from rag.tables import rows
from rag.text import sentence_spans
from rag.turned import reason_of_a_no, told_of_the_predecessor
from rag.types import Answer, Citation, Hit, Sentence, Verdict
from rag.works import told_of_another_work

SUPPORTED_FROM = 0.5
"""Support score from which a sentence counts as supported; scorers are calibrated to it."""
_ELSEWHERE = 0.49
"""What is left of the score of a sentence with the figure of another row or of another product's
sheet: never enough."""
_BRACKETED_NUMBER = re.compile(r"\s*[\[【（(]\s*\d{1,2}(?:\s*[,，、]\s*\d{1,2})*\s*[\]】）)](?!\w)")
_LEAD = re.compile(r"^\s*(?:answer|答案|回答|答)\s*[:：]\s*", re.IGNORECASE)
_TELLS_ZH = re.compile(
    r"(?:^|(?<=[。！？\n]))\s*(?:(?:根据|依据|据)?(?:所给|提供的|以上|上述)?资料[中里]?"
    r"(?:提到|显示|指出|表明|记载|可知)的?[，,：:]?|(?:根据|依据|据)(?:所给|提供的|以上|上述)?资料[，,])"
    r"(?![没未无不])(?=[^，,。]*[是为有在将于了])"
)
_TELLS_EN = re.compile(
    r"(?:^|(?<=[.!?]\s)|(?<=\n))"
    r"(?:(?:according to|based on) the (?:passage|document|text)s?,\s+"
    r"|the (?:passage|document|text)s? (?:state|say|mention|indicate|note)s? that\s+)(\w+)",
    re.IGNORECASE,
)
"""What only says that it is the passages that tell: the citation says so, and where."""
_FENCE = re.compile(r"<{3}|>{3}")
_LOOP = re.compile(r"(?=[^\d]*[^\W\d])(\S.{5,79}?)\1{2,}")
"""The same words three times on end: a small model that lists without end."""
_PREAMBLE = re.compile(r"(?:passages?|documents?|资料|文档|如下)[^。.]*[:：]$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of the raw answer with what was found for it. `gap` is the white space before
    it, `score` its support in [0, 1]."""

    text: str
    gap: str
    verdict: Verdict
    score: float
    quotes: tuple[Quote, ...]


def tidy(raw: str) -> str:
    """The model's text without "Answer:", "the passage states that", fences and bracketed numbers,
    which it only invents, and with what it says over and over said once."""
    plain = _BRACKETED_NUMBER.sub("", _FENCE.sub("", _LEAD.sub("", raw))).strip()
    told = _TELLS_EN.sub(_begun_with, _TELLS_ZH.sub("", plain))
    return _LOOP.sub(r"\1", told).strip()


def _begun_with(lead: re.Match[str]) -> str:
    """The word after the lead, as a sentence begins; iPhone stays as it is."""
    word = lead.group(1)
    return word.capitalize() if word.islower() else word


def split_claims(text: str) -> list[tuple[str, str]]:
    """(white space before, sentence) for each sentence of the answer, repeats left out."""
    claims: list[tuple[str, str]] = []
    seen: set[str] = set()
    end_before = 0
    for start, end in sentence_spans(text):
        sentence = text[start:end]
        if sentence not in seen:
            claims.append((text[end_before:start], sentence))
        seen.add(sentence)
        end_before = end
    return claims


def check_claims(
    question: str,
    text: str,
    passages: Sequence[Passage],
    embedder: Embedder,
) -> list[tuple[str, str, list[Quote]]]:
    """(gap, sentence, quotes) for each sentence of `text`, aligned with the sentences of the hits
    behind `passages`."""
    shown = [passage.spans for passage in passages]
    aligner = Aligner(question, [passage.hit for passage in passages], embedder, shown)
    return [
        (gap, sentence, [] if not _claims_something(sentence) else aligner.quotes(sentence))
        for gap, sentence in split_claims(text)
    ]


def judge_claims(
    question: str,
    attributed: Sequence[tuple[str, str, list[Quote]]],
    evidence: Sequence[str],
    scorer: SupportScorer,
    told: Sequence[str] = (),
) -> list[Claim]:
    """Score every sentence that claims something against the evidence shown to the model. `told` is
    the evidence with the rows of its tables written out: of a sentence with the quote of a row the
    better of both readings counts, for a bare row does not say what its cells are.

    A sentence without a quote is unsupported whatever the scorer says: nobody could look it up. So
    is one that speaks of one row or column of a table, product, place, clause or condition with the
    figure of another.
    """
    claiming = [(said, quotes) for _, said, quotes in attributed if _claims_something(said)]
    from_rows = [said for said, quotes in claiming if told and _quotes_a_row(quotes)]
    known = dict(zip(from_rows, _scored(scorer, question, from_rows, told), strict=True))
    bare = _scored(scorer, question, [said for said, _ in claiming], evidence)
    scores = iter(
        max(score, known.get(said, 0.0)) for (said, _), score in zip(claiming, bare, strict=True)
    )
    claims = []
    for gap, sentence, quotes in attributed:
        if not _claims_something(sentence):
            claims.append(Claim(sentence, gap, "no_claim", 0.0, ()))
            continue
        score = next(scores)
        if _of_another(question, sentence, quotes, evidence):
            score *= _ELSEWHERE
        supported = bool(quotes) and score >= SUPPORTED_FROM
        verdict: Verdict = "supported" if supported else "unsupported"
        claims.append(Claim(sentence, gap, verdict, score, tuple(quotes)))
    return claims


def _scored(
    scorer: SupportScorer, question: str, sentences: Sequence[str], evidence: Sequence[str]
) -> list[float]:
    return scorer.score(question, sentences, evidence) if sentences else []


def _quotes_a_row(quotes: Sequence[Quote]) -> bool:
    return any(rows(quote.text) for quote in quotes)


def answers(question: str, claim: Claim) -> bool:
    """Whether a claim is supported and says more than the question's own words."""
    return claim.verdict == "supported" and not says_nothing(question, claim.text)


def left_out(question: str, claims: Sequence[Claim]) -> list[Claim]:
    """What is left out where the documents' own words take the place of `claims`: none of them is
    believed any more. That the model declined, or only said the question again, is then not worth
    telling."""
    said = [c for c in claims if c.verdict == "unsupported" or answers(question, c)]
    return [replace(claim, verdict="unsupported") for claim in said]


def _of_another(
    question: str, sentence: str, quotes: Sequence[Quote], evidence: Sequence[str]
) -> bool:
    """Whether what is quoted is told of something else than the sentence speaks of, or of
    nothing."""
    texts = [quote.text for quote in quotes]
    return (
        from_another_row(sentence, quotes)
        or from_another_band(question, quotes)
        or from_another_column(sentence, quotes)
        or of_another_thing(sentence, quotes)
        or rest_on_nothing(question, sentence, quotes)
        or of_another_place(question, sentence, quotes)
        or told_of_another(sentence, texts)
        or told_of_another_quarter(sentence, texts, question)
        or told_of_another_year(sentence, texts)
        or told_of_a_year_compared(sentence, texts)
        or told_of_something_else(question, sentence, texts)
        or told_under_another(question, sentence, evidence)
        or told_of_another_relation(question, sentence, texts)
        or told_of_another_ordinal(question, sentence, texts)
        or told_of_another_work(question, sentence, texts)
        or told_of_a_part(question, sentence, texts)
        or told_of_the_predecessor(question, sentence, texts)
        or reason_of_a_no(sentence, texts)
    )


def of_another_thing(sentence: str, quotes: Sequence[Quote]) -> bool:
    """Whether every quote stands under the title of another product than the sentence names."""
    return bool(quotes) and all(names_another(sentence, q.above, q.text) for q in quotes)


def _claims_something(sentence: str) -> bool:
    return (
        bool(content_terms(sentence))
        and not is_refusal(sentence)
        and not _PREAMBLE.search(sentence.strip())
    )


def write_out(
    claims: Sequence[Claim], hits: Sequence[Hit]
) -> tuple[str, tuple[Sentence, ...], tuple[Hit, ...]]:
    """The answer's text, its sentences with offsets, and `hits` with the cited ones in front.

    Citations are numbered from 1 in order of first use, one number per chunk, and number n is
    place n - 1 of the hits returned. Unsupported sentences carry no citations.
    """
    numbers: dict[str, int] = {}
    text = ""
    sentences = []
    for claim in claims:
        text += _separator(text, claim)
        start = len(text)
        text += claim.text
        cited = claim.quotes if claim.verdict == "supported" else ()
        citations = tuple(_citation(quote, numbers) for quote in cited)
        sentences.append(
            Sentence(claim.text, start, len(text), claim.verdict, round(claim.score, 4), citations)
        )
    first = sorted(
        (h for h in hits if h.chunk.chunk_id in numbers), key=lambda h: numbers[h.chunk.chunk_id]
    )
    rest = [h for h in hits if h.chunk.chunk_id not in numbers]
    return text, tuple(sentences), (*first, *rest)


def _separator(text: str, claim: Claim) -> str:
    if not text:
        return ""
    if "\n" in claim.gap:
        return "\n"
    return "" if text[-1] in "。！？；" else " "


def _citation(quote: Quote, numbers: dict[str, int]) -> Citation:
    chunk = quote.hit.chunk
    return Citation(
        number=numbers.setdefault(chunk.chunk_id, len(numbers) + 1),
        document=quote.hit.document,
        document_id=chunk.document_id,
        page=chunk.page,
        start=chunk.start + quote.start,
        end=chunk.start + quote.end,
        quote=quote.text,
        chunk_id=chunk.chunk_id,
    )


def cited_hits(answer: Answer) -> tuple[Hit, ...]:
    """The hits that support something, in the order of their numbers."""
    count = len({c.number for s in answer.sentences for c in s.citations})
    return answer.hits[:count]
