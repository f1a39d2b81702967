"""Compose: what was found for each part of a question becomes one answer.

A part that is not answered is named in the answer; if none is, the answer is the honest no. Knows
nothing of retrieval or models.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rag.check import Claim, write_out
from rag.clock import Clock
from rag.config import AnsweringSettings
from rag.refuse import ABSTENTION, NOTHING_SAID, Signals, confidence
from rag.text import detect_language
from rag.types import Answer, Hit, Language, Sentence

_PART_MISSING: dict[Language, str] = {
    "en": "Not in your documents: {part}",
    "zh": "您的文档中没有答案：{part}",
}


@dataclass(frozen=True, slots=True)
class SubAnswer:
    """What the model wrote for one part, checked, and what the decision to show it rests on."""

    part: str
    claims: Sequence[Claim] = ()
    signals: Signals = NOTHING_SAID

    @property
    def confidence(self) -> float:
        """In [0, 1] (`rag.refuse`)."""
        return confidence(self.signals)

    def answers(self, settings: AnsweringSettings) -> bool:
        """Whether it may be shown: sure enough, and something in it supported."""
        supported = any(claim.verdict == "supported" for claim in self.claims)
        return supported and self.confidence >= settings.min_confidence


@dataclass(frozen=True, slots=True)
class Asked:
    """The question as it was put, as it stands alone, and the passages found for it."""

    question: str
    standalone: str
    hits: Sequence[Hit]


def compose(
    asked: Asked,
    found: Sequence[SubAnswer],
    settings: AnsweringSettings,
    models: Mapping[str, str],
    clock: Clock,
) -> Answer:
    """One answer to all parts. Its confidence is that of the least sure part among those shown,
    or of the surest if none is."""
    shown = [part for part in found if part.answers(settings)]
    if not shown:
        return _abstained(asked, found, models, clock)
    kept: list[Claim] = []
    dropped: list[Claim] = []
    for part in found:
        if part.answers(settings):
            taken, left = _sift(part.claims, settings)
            kept += _after(taken, kept)
            dropped += left
        else:
            kept.append(_missing(part.part))
            dropped += [c for c in part.claims if c.verdict != "no_claim"]
    text, sentences, hits = write_out(kept, asked.hits)
    whole = len(shown) == len(found) and not dropped
    doubted = any(claim.verdict == "unsupported" for claim in kept)
    return Answer(
        question=asked.question,
        standalone_question=asked.standalone,
        answer=text,
        status="grounded" if whole and not doubted else "partly_grounded",
        sentences=sentences,
        hits=hits,
        dropped=write_out(dropped, asked.hits)[1],
        models=models,
        timings_ms=clock.timings_ms(),
        confidence=round(min(part.confidence for part in shown), 4),
    )


def _sift(claims: Sequence[Claim], settings: AnsweringSettings) -> tuple[list[Claim], list[Claim]]:
    """(kept, dropped): strict mode drops what is not supported."""
    if settings.mode == "open":
        return list(claims), []
    kept = [c for c in claims if c.verdict != "unsupported"]
    return kept, [c for c in claims if c.verdict == "unsupported"]


def _after(claims: list[Claim], before: Sequence[Claim]) -> list[Claim]:
    """The claims, the first one set apart from what stands before: by a line where that says that
    a part has no answer, else by a space."""
    if not claims or not before:
        return claims
    gap = "\n" if before[-1].verdict == "no_claim" else " "
    return [replace(claims[0], gap=gap), *claims[1:]]


def _missing(part: str) -> Claim:
    text = _PART_MISSING[detect_language(part)].format(part=part)
    return Claim(text, "\n", "no_claim", 0.0, ())


def _abstained(
    asked: Asked, found: Sequence[SubAnswer], models: Mapping[str, str], clock: Clock
) -> Answer:
    """The honest no: the fixed sentence, the nearest passages, and what was withheld."""
    text = ABSTENTION[detect_language(asked.question)]
    withheld = [c for part in found for c in part.claims if c.verdict != "no_claim"]
    return Answer(
        question=asked.question,
        standalone_question=asked.standalone,
        answer=text,
        status="abstained",
        sentences=(Sentence(text, 0, len(text), "no_claim", 0.0, ()),),
        hits=tuple(asked.hits),
        dropped=write_out(withheld, asked.hits)[1],
        models=models,
        timings_ms=clock.timings_ms(),
        confidence=round(max((part.confidence for part in found), default=0.0), 4),
    )
