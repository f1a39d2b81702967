"""Named signals about an answer -> the probability that it is right and in the documents.

One logistic function, fitted by `training.decide` on answers that this pipeline gave, and
calibrated on others; docs/grounding.md has its reliability diagram. Whether an answer is shown is
the user's `min_confidence`. Nothing else decides.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from rag.checking.reasons import why_refused
from rag.config import Settings
from rag.models.logistic import load_logistic
from rag.types import Reason


@dataclass(frozen=True, slots=True)
class Signals:
    """What the stages know about one answer.

    `own`: the probability that the language model gives to the cited passage holding the answer;
    None where it was not asked or cannot tell. `read`: the cross-encoder's logit for the cited
    passage, `best`: for the best passage shown. `chinese`: the question is Chinese.

    Support and typed comparisons judge each sentence (`rag.checking.review`). As signals here they
    gained nothing on held-out answers and lost on documents of other kinds (docs/grounding.md).
    """

    own: float | None
    read: float
    best: float
    chinese: bool = False

    def values(self) -> dict[str, float]:
        """The inputs of the logistic function by name; the probability as log-odds."""
        return {
            "own": _log_odds(0.5 if self.own is None else self.own),
            "read": self.read,
            "best": self.best,
            "chinese": float(self.chinese),
        }


def confidence(signals: Signals) -> float:
    """The calibrated probability, in [0, 1], that the answer is right and in the documents."""
    kind = "decision-unasked" if signals.own is None else "decision"
    return load_logistic(kind).probability(signals.values())


@dataclass(frozen=True, slots=True)
class Decision:
    """`confidence` in [0, 1]; `reason` says why the answer is not shown, None where it is."""

    confidence: float
    reason: Reason | None

    @property
    def shown(self) -> bool:
        """Whether the answer is shown."""
        return self.reason is None


def decide(signals: Signals | None, settings: Settings, *, found: bool, declined: bool) -> Decision:
    """Show or abstain. `signals` is None where no sentence has any ground in the passages, `found`
    says whether there were passages, `declined` whether the model only declined. With
    `checking.verify` off the model's own refusal alone decides."""
    needed = settings.answering.min_confidence
    sure = confidence(signals) if signals is not None else 0.0
    if not settings.checking.verify and found and not declined:
        return Decision(sure, None)
    if signals is not None and sure >= needed:
        return Decision(sure, None)
    return Decision(sure, why_refused(found, declined, signals is not None, sure, needed))


def _log_odds(probability: float) -> float:
    kept = min(max(probability, 1e-4), 1.0 - 1e-4)
    return math.log(kept / (1.0 - kept))
