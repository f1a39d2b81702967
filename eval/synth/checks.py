"""Is a proposed question fit to measure with? Pure where no model is asked.

A question passes when its quotes stand in their passages word for word, its answer stands in the
quotes, it does not give the answer away, searching for it brings its passages back, and the model,
shown what the search brings, gives that answer (or, for an unanswerable one, gives none).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from eval.metrics.answers import contains, token_f1
from eval.metrics.refusal import looks_like_refusal
from eval.metrics.text import normalise, squeeze
from eval.synth.prompts import Kind
from rag.text import detect_language

SHORT_QUESTION = 6
LONG_ANSWER = 160
AGREES = 0.5
"""Token F1 from which a second answer agrees with the first."""
_POINTS_AT_TEXT = re.compile(
    r"\b(?:the|this|first|second|above|given) (?:passage|text|paragraph|document|excerpt)\b"
    r"|(?:本|该|上|这|第一|第二)(?:段|文|篇)|文中|上文",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A question as the model proposed it, with the passages it was shown."""

    kind: Kind
    question: str
    answer: str
    quotes: tuple[str, ...]
    passages: tuple[str, ...]


def locate(quote: str, text: str) -> str | None:
    """The words of `text` that the quote means: the same but for white space. None if absent."""
    pieces = [re.escape(p) for p in quote.split()]
    if not pieces:
        return None
    found = re.search(r"\s*".join(pieces), text)
    return found.group() if found else None


def faults(proposal: Proposal) -> list[str]:
    """What is wrong with a proposal as seen from its own words; empty if nothing."""
    question = proposal.question.strip()
    found = []
    if len(question) < SHORT_QUESTION:
        found.append("the question is too short")
    if _POINTS_AT_TEXT.search(question):
        found.append("the question points at the text instead of its subject")
    if detect_language(question) != detect_language(proposal.passages[0]):
        found.append("the question is not in the document's language")
    if proposal.kind == "unanswerable":
        return found
    return found + _answer_faults(proposal)


def _answer_faults(proposal: Proposal) -> list[str]:
    found = []
    answer = proposal.answer.strip()
    located = [locate(q, p) for q, p in zip(proposal.quotes, proposal.passages, strict=False)]
    if None in located or len(located) < len(proposal.passages):
        found.append("a quote does not stand in its passage")
    if not normalise(answer) or len(answer) > LONG_ANSWER:
        found.append("the answer is empty or too long")
    elif squeeze(answer) in squeeze(proposal.question):
        found.append("the question gives the answer away")
    single = len(proposal.passages) == 1
    if single and not any(contains(q or "", [[answer]]) for q in located):
        found.append("the answer does not stand in the quote")
    if proposal.kind == "number" and not re.search(r"\d|[一二三四五六七八九十百千万]", answer):
        found.append("the answer holds no number")
    return found


def agrees(answer: str, again: str) -> bool:
    """Whether a second answer says the same as the first."""
    if looks_like_refusal(again):
        return False
    return contains(again, [[answer]]) == 1.0 or token_f1(again, [answer]) >= AGREES


def rank_of(passages: Sequence[str], found: Sequence[str]) -> int | None:
    """The 1-based rank by which all passages have been found; None if one is missing."""
    ranks = [found.index(p) + 1 for p in passages if p in found]
    return max(ranks) if ranks and len(ranks) == len(passages) else None
