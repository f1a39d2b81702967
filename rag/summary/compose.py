"""The checked parts and the checked overview -> one answer: the overview, then part by part.

The record is that of an answer, so that a summary is shown, kept, cited and exported like one. Its
headings are sentences that claim nothing. Knows nothing of models.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rag.checking import Checked, Claim
from rag.checking.compose import ABSTENTION, uncited, write_out
from rag.config import AnsweringSettings
from rag.evidence import Passage
from rag.types import Answer, Hit, Language, Reason, Sentence

_REQUEST: dict[Language, str] = {"en": "Summary of {what}", "zh": "摘要：{what}"}
_SECTION: dict[Language, str] = {
    "en": "{what}, section “{section}”",
    "zh": "{what}，“{section}”一节",
}
_AND: dict[Language, str] = {"en": ", ", "zh": "、"}
_OWED = ("supported", "partly", "unsupported")


@dataclass(frozen=True, slots=True)
class Written:
    """What was written of a part called `title` from these passages, checked."""

    title: str
    passages: tuple[Passage, ...]
    checked: Checked


def request(names: Sequence[str], section: str, language: Language) -> str:
    """What a summary is of, as its `question`."""
    what = _AND[language].join(names)
    if section:
        what = _SECTION[language].format(what=what, section=section)
    return _REQUEST[language].format(what=what)


def kept(checked: Checked, settings: AnsweringSettings) -> list[Claim]:
    """The claims that are shown: in strict mode those that are not unsupported."""
    strict = settings.mode == "strict"
    return [
        claim
        for claim in checked.claims
        if claim.verdict != "no_claim" and not (strict and claim.verdict == "unsupported")
    ]


def compose(
    asked: str,
    language: Language,
    parts: Sequence[Written],
    overview: Checked | None,
    settings: AnsweringSettings,
    models: Mapping[str, str],
    timings_ms: Mapping[str, float],
) -> Answer:
    """The summary as far as it is written. A part of which nothing is left is not named. Its
    confidence is the share of the sentences written that are supported."""
    checked = [*([overview] if overview else []), *(part.checked for part in parts)]
    written = [claim for one in checked for claim in one.claims if claim.verdict in _OWED]
    shown = _lines(parts, overview, settings)
    dropped = [c for c in written if c.verdict == "unsupported" and settings.mode == "strict"]
    hits = list({p.hit.chunk.chunk_id: p.hit for one in parts for p in one.passages}.values())
    if not shown:
        return _nothing(asked, language, hits, dropped, models, timings_ms)
    text, sentences, ordered = write_out(shown, hits)
    supported = sum(claim.verdict == "supported" for claim in written)
    whole = supported == len(written) and len(written) > 0
    return Answer(
        question=asked,
        standalone_question=asked,
        answer=text,
        status="grounded" if whole else "partly_grounded",
        sentences=sentences,
        hits=ordered,
        dropped=uncited(dropped),
        models=models,
        timings_ms=timings_ms,
        confidence=round(supported / len(written), 4) if written else 0.0,
    )


def _lines(
    parts: Sequence[Written], overview: Checked | None, settings: AnsweringSettings
) -> list[Claim]:
    """Overview and parts, each on a line of its own, and each part's title above it unless there is
    but one."""
    lines = kept(overview, settings) if overview else []
    for part in parts:
        told = kept(part.checked, settings)
        if told and part.title:
            lines.append(Claim(part.title, "\n", "no_claim", 0.0, ()))
        if told:
            lines += [replace(told[0], gap="\n"), *told[1:]]
    return lines


def _nothing(
    asked: str,
    language: Language,
    hits: Sequence[Hit],
    dropped: Sequence[Claim],
    models: Mapping[str, str],
    timings_ms: Mapping[str, float],
) -> Answer:
    text = ABSTENTION[language]
    return Answer(
        question=asked,
        standalone_question=asked,
        answer=text,
        status="abstained",
        sentences=(Sentence(text, 0, len(text), "no_claim", 0.0, ()),),
        hits=tuple(hits),
        dropped=uncited(dropped),
        models=models,
        timings_ms=timings_ms,
        reason=Reason("nothing_supported" if dropped else "nothing_found"),
    )
