"""Relevance: how well what would be shown answers the question, read in place of a passage.

Knows nothing of how it was written or found.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.check import Claim
from rag.echo import wants_yes_or_no
from rag.seams import AnswerabilityScorer
from rag.units import under_title


def relevance(
    question: str, shown: Sequence[Claim], cited: float, scorer: AnswerabilityScorer | None
) -> float:
    """In [0, 1]; 0 where nothing is shown. Read as it stands and under the titles of what it
    quotes, which often have the subject that it leaves out ("Singapore: SGD 220" under "Hotels");
    the best reading counts. A yes or no is not seen so, for the encoder knows questions for
    something: it answers as well as what it was taken from, `cited`."""
    if not shown or scorer is None:
        return float(bool(shown))
    text = " ".join(claim.text for claim in shown)
    titled = [under_title(quote.hit, text) for claim in shown for quote in claim.quotes[:1]]
    told = max(scorer.score(question, list(dict.fromkeys([text, *titled]))))
    return max(told, cited) if wants_yes_or_no(question) else told
