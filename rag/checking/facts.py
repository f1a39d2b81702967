"""A claim and evidence -> typed comparisons: shared words, numbers, dates, negation.

Pure and deterministic. Each comparison is a number that is cheap to explain; they are the word
features of the support scorer and of the decision, and the reasons that a user reads.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace

from rag.checking.windows import Evidence, Piece, piece
from rag.config import CheckingSettings
from rag.text import detect_language
from rag.text.quantities import Quantity, missing

_CLAUSE = re.compile(r"[，；]|[,;](?=\s)")
_ONE_CLAUSE = 0.8
"""Share of what a sentence has of a claim from which one clause stands for the sentence."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All shares are in [0, 1]; 1 is best for coverage, 0 for what is missing.

    `window`: weight of the claim's terms found in the best window of the evidence. `numbers`:
    share of the claim's numbers and dates, those that the question says left out, that the evidence
    lacks; `numbers_window`: that the best window lacks. `negation`: 1 if just one of claim and best
    sentence (its clause that speaks of the claim) is negated, weighted by how well they match.
    `foreign`: 1 if claim and evidence are in different languages.
    """

    window: float
    numbers: float
    numbers_window: float
    negation: float
    foreign: float

    def values(self) -> dict[str, float]:
        """The comparisons by name."""
        return {field.name: float(getattr(self, field.name)) for field in fields(self)}

    def switched(self, settings: CheckingSettings) -> Facts:
        """With what the settings switch off taken to be in order."""
        facts = self
        if not settings.numbers:
            facts = replace(facts, numbers=0.0, numbers_window=0.0)
        return facts if settings.negation else replace(facts, negation=0.0)


def compare(claim: str, evidence: Evidence, question: str = "") -> Facts:
    """The comparisons of one claim, as an answer to `question`, whose words it mostly repeats. An
    empty claim or evidence compares as nothing found."""
    said, asked = piece(claim), piece(question)
    given = asked.terms
    added = missing(said.quantities, asked.quantities)

    def share_in(other: Piece) -> float:
        return evidence.share(said.terms, other.terms)

    window = max(evidence.windows, key=share_in, default=piece(""))
    sentence = max(evidence.sentences, key=share_in, default=piece(""))
    flipped = _denies(sentence, said, evidence) != said.negated
    return Facts(
        window=evidence.share(said.terms, window.terms, given),
        numbers=_missing_share(added, evidence.quantities, evidence.scales),
        numbers_window=_missing_share(added, window.quantities, evidence.scales),
        negation=share_in(sentence) if flipped else 0.0,
        foreign=float(detect_language(claim) != evidence.language),
    )


def missing_numbers(claim: str, evidence: Evidence, question: str = "") -> list[str]:
    """The numbers and dates of the claim that question and evidence lack, as written."""
    added = missing(piece(claim).quantities, piece(question).quantities)
    return [q.text for q in missing(added, evidence.quantities, evidence.scales)]


def _denies(sentence: Piece, said: Piece, evidence: Evidence) -> bool:
    """Whether the sentence is negated where it speaks of what is said: in the one clause that has
    almost all of it, if there is one, else as a whole."""
    clauses = [piece(text) for text in _CLAUSE.split(sentence.text) if text.strip()]
    whole = evidence.share(said.terms, sentence.terms)
    best = max(clauses, key=lambda c: evidence.share(said.terms, c.terms), default=sentence)
    enough = evidence.share(said.terms, best.terms) >= _ONE_CLAUSE * whole
    return best.negated if enough else sentence.negated


def _missing_share(
    claimed: Sequence[Quantity], held: Sequence[Quantity], scales: Collection[float]
) -> float:
    return len(missing(claimed, held, scales)) / len(claimed) if claimed else 0.0
