"""Review: from what the model wrote to claims, and what the decision to show them rests on.

Each sentence is attributed and judged; the documents' own words take the place of what they do not
hold. Knows nothing of retrieval, prompts or streaming.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rag.attribute import Quote
from rag.check import Claim, answers, check_claims, judge_claims, left_out, tidy
from rag.clock import Clock
from rag.conflict import other_accounts
from rag.context import Passage
from rag.dates import has_the_month, names_a_bare_day
from rag.kind import says_nothing
from rag.opinion import Opinion
from rag.quoting import best_words, is_cited, outstanding, says_the_same
from rag.refuse import Signals
from rag.relevance import relevance
from rag.seams import AnswerabilityScorer, Embedder, SupportScorer
from rag.tables import without_other_rows
from rag.text import detect_language


@dataclass(frozen=True, slots=True)
class Shown:
    """What the model answered: the question, the passages shown, and their answerability by chunk
    id."""

    question: str
    passages: Sequence[Passage]
    scores: Mapping[str, float]

    @property
    def best(self) -> float:
        """The best answerability of any passage."""
        return max(self.scores.values(), default=0.0)


class Reviewer:
    """Without `answerability` no words are quoted in place of the model's; without `opinion` the
    model is not asked whether what it cites holds the answer."""

    def __init__(
        self,
        embedder: Embedder,
        scorer: SupportScorer,
        answerability: AnswerabilityScorer | None,
        opinion: Opinion | None,
    ) -> None:
        self._embedder = embedder
        self._scorer = scorer
        self._answerability = answerability
        self._opinion = opinion

    def holds(self, shown: Shown, raw: str) -> bool:
        """Whether something of the text `raw` is supported and answers."""
        return bool(_answering(shown, self._judged(shown, self._attributed(shown, tidy(raw)))))

    def review(self, shown: Shown, raw: str, clock: Clock) -> tuple[list[Claim], Signals]:
        """The claims of the text `raw`, what is told in its place and other accounts with them, and
        the signals."""
        with clock.stage("attribute"):
            attributed = self._attributed(shown, tidy(raw))
        with clock.stage("verify"):
            claims = self._judged(shown, attributed)
            told = self._told(shown, _answering(shown, claims))
            quoted = self._quoted(shown, told) if told else []
            if quoted:
                claims = [*quoted, *left_out(shown.question, claims)]
            signals = self._signals(shown, claims)
            hits = [passage.hit for passage in shown.passages]
            claims += other_accounts(shown.question, claims, hits)
        return claims, signals

    def _attributed(self, shown: Shown, text: str) -> list[tuple[str, str, list[Quote]]]:
        return check_claims(shown.question, text, shown.passages, self._embedder)

    def _judged(
        self, shown: Shown, attributed: Sequence[tuple[str, str, list[Quote]]]
    ) -> list[Claim]:
        asked, passages = shown.question, shown.passages
        evidence = [passage.evidence for passage in passages]
        told = [passage.told(asked) or passage.evidence for passage in passages]
        return judge_claims(asked, attributed, evidence, self._scorer, told)

    def _told(self, shown: Shown, claims: Sequence[Claim]) -> str:
        """What is told in the documents' own words instead of the `claims` that answer: the
        sentence that stands out and is neither cited nor said, or, where there are none, or a day
        without its month, what surely answers."""
        asked, passages = shown.question, shown.passages
        cited = [quote for claim in claims for quote in claim.quotes]
        best = outstanding(asked, passages, self._answerability, cited)
        if best and not any(
            is_cited(best[0], claim.quotes) or says_the_same(asked, claim.text, best[1])
            for claim in claims
        ):
            return best[1]
        said = [claim.text for claim in claims]
        if said and not names_a_bare_day(asked, said):
            return ""
        return best_words(
            asked,
            passages,
            shown.scores,
            self._answerability,
            lambda words: not said or has_the_month(said, words),
        )

    def _quoted(self, shown: Shown, told: str) -> list[Claim]:
        """Words of a passage as claims, if they are supported as a claim must be."""
        claims = self._judged(shown, self._attributed(shown, told))
        return claims if all(claim.verdict == "supported" for claim in claims) else []

    def _signals(self, shown: Shown, claims: Sequence[Claim]) -> Signals:
        asked = shown.question
        said = [c for c in claims if c.verdict != "no_claim" and not says_nothing(asked, c.text)]
        cited = [shown.scores.get(q.hit.chunk.chunk_id, 0.0) for c in said for q in c.quotes]
        answering = _answering(shown, claims)
        return Signals(
            answerable=shown.best,
            cited=max(cited, default=0.0),
            relevant=relevance(asked, answering, max(cited, default=0.0), self._answerability),
            support=max((c.score for c in said), default=0.0),
            refused=not said,
            held=self._held(shown, answering),
        )

    def _held(self, shown: Shown, claims: Sequence[Claim]) -> float | None:
        """Whether the passage that the claims were taken from holds the answer, by the model's own
        word; of several, the one that answers best. Of its tables' rows the model sees those cited:
        it overlooks among ten what it reads in one."""
        places = defaultdict(list)
        for quote in (quote for claim in claims for quote in claim.quotes):
            places[quote.hit.chunk.chunk_id].append((quote.start, quote.end))
        cited = [p for p in shown.passages if p.hit.chunk.chunk_id in places]
        if self._opinion is None or not cited:
            return None
        best = max(cited, key=lambda p: shown.scores.get(p.hit.chunk.chunk_id, 0.0))
        chunk = best.hit.chunk
        spans = without_other_rows(chunk.text, best.spans, places[chunk.chunk_id])
        read = replace(best, spans=spans)
        return self._opinion.holds(shown.question, read, detect_language(shown.question))


def _answering(shown: Shown, claims: Sequence[Claim]) -> list[Claim]:
    return [claim for claim in claims if answers(shown.question, claim)]
