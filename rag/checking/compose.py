"""The checked drafts for every part of a question -> one answer.

A part that is not answered is named in the answer; if none is, the answer is the honest no.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from rag.checking.align import Quote
from rag.checking.decide import Decision
from rag.checking.review import Checked, Claim
from rag.config import AnsweringSettings
from rag.text import detect_language
from rag.types import Answer, Citation, Hit, Language, Sentence

ABSTENTION: dict[Language, str] = {
    "en": "Not in your documents.",
    "zh": "您的文档中没有答案。",
}
"""The whole answer when Plumbline abstains."""
_PART_MISSING: dict[Language, str] = {
    "en": "Not in your documents: {part}",
    "zh": "您的文档中没有答案：{part}",
}


@dataclass(frozen=True, slots=True)
class Part:
    """What became of one part of a question."""

    question: str
    hits: Sequence[Hit]
    checked: Checked
    decision: Decision


def compose(
    question: str,
    standalone: str,
    parts: Sequence[Part],
    settings: AnsweringSettings,
    models: Mapping[str, str],
    timings_ms: Mapping[str, float],
) -> Answer:
    """One answer to all parts. Its confidence is that of the least sure part among those shown,
    or of the surest if none is."""
    shown = [part for part in parts if part.decision.shown]
    if not shown:
        return _abstained(question, standalone, parts, models, timings_ms)
    kept, dropped = _sifted(parts, settings)
    hits = merged([part.hits for part in parts])
    text, sentences, ordered = write_out(kept, hits)
    least = min(shown, key=lambda part: part.decision.confidence)
    whole = len(shown) == len(parts) and not dropped
    doubted = any(claim.verdict in ("partly", "unsupported", "unchecked") for claim in kept)
    return Answer(
        question=question,
        standalone_question=standalone,
        answer=text,
        status="grounded" if whole and not doubted else "partly_grounded",
        sentences=sentences,
        hits=ordered,
        dropped=uncited(dropped),
        models=models,
        timings_ms=timings_ms,
        confidence=round(least.decision.confidence, 4),
        signals=_signals(least),
    )


def merged(found: Sequence[Sequence[Hit]]) -> list[Hit]:
    """The hits of all parts, each once: the best of every part first, then the second best."""
    hits: dict[str, Hit] = {}
    for turn in zip_longest(*found):
        for hit in turn:
            if hit is not None:
                hits.setdefault(hit.chunk.chunk_id, hit)
    return list(hits.values())


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
        cited = claim.quotes if claim.verdict != "unsupported" else ()
        citations = tuple(_citation(quote, numbers) for quote in cited)
        score = round(claim.score, 4)
        sentences.append(
            Sentence(claim.text, start, len(text), claim.verdict, score, citations, claim.reason)
        )
    first = sorted(
        (h for h in hits if h.chunk.chunk_id in numbers), key=lambda h: numbers[h.chunk.chunk_id]
    )
    rest = [h for h in hits if h.chunk.chunk_id not in numbers]
    return text, tuple(sentences), (*first, *rest)


def cited_hits(answer: Answer) -> tuple[Hit, ...]:
    """The hits that support something, in the order of their numbers."""
    count = len({c.number for s in answer.sentences for c in s.citations})
    return answer.hits[:count]


def _sifted(parts: Sequence[Part], settings: AnsweringSettings) -> tuple[list[Claim], list[Claim]]:
    """(kept, dropped): strict mode drops what is not supported, and parts not shown are named."""
    kept: list[Claim] = []
    dropped: list[Claim] = []
    for part in parts:
        if not part.decision.shown:
            kept.append(_missing(part))
            dropped += [claim for claim in part.checked.claims if claim.verdict != "no_claim"]
            continue
        strict = settings.mode == "strict"
        taken = [c for c in part.checked.claims if c.verdict != "unsupported" or not strict]
        dropped += [c for c in part.checked.claims if c.verdict == "unsupported" and strict]
        kept += _after(taken, kept)
    return kept, dropped


def _after(claims: list[Claim], before: Sequence[Claim]) -> list[Claim]:
    """The claims, the first one on a line of its own where another part stands before."""
    return [replace(claims[0], gap="\n"), *claims[1:]] if claims and before else claims


def _missing(part: Part) -> Claim:
    text = _PART_MISSING[detect_language(part.question)].format(part=part.question)
    return Claim(text, "\n", "no_claim", 0.0, (), reason=part.decision.reason)


def _abstained(
    question: str,
    standalone: str,
    parts: Sequence[Part],
    models: Mapping[str, str],
    timings_ms: Mapping[str, float],
) -> Answer:
    """The honest no: the fixed sentence, the nearest passages, and what was withheld."""
    text = ABSTENTION[detect_language(question)]
    hits = merged([part.hits for part in parts])
    surest = max(parts, key=lambda part: part.decision.confidence)
    withheld = [c for part in parts for c in part.checked.claims if c.verdict != "no_claim"]
    return Answer(
        question=question,
        standalone_question=standalone,
        answer=text,
        status="abstained",
        sentences=(Sentence(text, 0, len(text), "no_claim", 0.0, ()),),
        hits=tuple(hits),
        dropped=uncited(withheld),
        models=models,
        timings_ms=timings_ms,
        confidence=round(surest.decision.confidence, 4),
        reason=surest.decision.reason,
        signals=_signals(surest),
    )


def uncited(claims: Sequence[Claim]) -> tuple[Sentence, ...]:
    """Sentences that are not shown: they take no citation number away from those that are."""
    return write_out([replace(claim, quotes=()) for claim in claims], ())[1]


def _signals(part: Part) -> dict[str, float]:
    signals = part.checked.signals
    return {} if signals is None else {k: round(v, 4) for k, v in signals.values().items()}


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
        unit=quote.hit.unit,
        label=quote.hit.label,
    )
