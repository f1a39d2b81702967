"""From a prediction to an item's share in every metric. Asks the judge, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from eval.judges.asking import CachedJudge
from eval.metrics import answers
from eval.metrics.citations import citation_scores, gold_scores
from eval.metrics.facts import Kind, kind_of
from eval.metrics.faithfulness import faithfulness_scores
from eval.metrics.refusal import refusal_scores
from eval.metrics.retrieval import retrieval_scores
from eval.metrics.text import squeeze
from eval.types import Example, Judgement, Prediction, Score


@dataclass(frozen=True, slots=True)
class ScoredClaim:
    """A claim with the judge's verdict; `kind` only for an unsupported one."""

    text: str
    judgement: Judgement
    kind: Kind | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One question in one arm: what was asked, what came, and its share in each metric."""

    example: Example
    prediction: Prediction
    claims: tuple[ScoredClaim, ...]
    scores: dict[str, Score] = field(default_factory=dict)

    @property
    def right(self) -> bool:
        """Whether the outcome is the wanted one."""
        return self.scores["correct"].num == 1


def score_item(
    example: Example, prediction: Prediction, reference: Sequence[str], judge: CachedJudge | None
) -> Item:
    """Score one prediction. `reference` are further passages that the claims may stand in: the
    gold evidence, and for a system without passages of its own those of the arm it is compared
    with. Without a judge nothing is judged."""
    scores = {} if prediction.retrieval_only else _outcome(example, prediction)
    if example.answerable and not example.passages and example.evidence and prediction.hits:
        found = retrieval_scores(prediction.hits, example.evidence)
        scores |= {name: Score(value) for name, value in found.items()}
    if not example.passages and not prediction.error and not prediction.abstained:
        scores |= gold_scores(prediction.claims, example.evidence)
    claims: tuple[ScoredClaim, ...] = ()
    if judge is not None and not prediction.error and not prediction.retrieval_only:
        own = [h.text for h in prediction.hits] or list(example.passages)
        evidence = list(dict.fromkeys([*own, *reference]))
        claims = _judged(example, prediction, evidence, judge)
        scores |= _faithfulness(prediction, claims)
        scores |= _citations(example, prediction, judge)
    return Item(example, prediction, claims, scores)


def _outcome(example: Example, prediction: Prediction) -> dict[str, Score]:
    """What needs no judge. A failed answer counts as neither right nor refused."""
    failed = bool(prediction.error)
    answered = not failed and not prediction.abstained
    text = prediction.answer if answered else ""
    scores = {"failed": Score(float(failed))}
    if example.answerable:
        held = answers.contains(text, example.answers) if answered else 0.0
        right = held == 1.0
        scores |= {
            "contains": Score(float(right)),
            "exact_match": Score(answers.exact_match(text, example.accepted)),
            "token_f1": Score(answers.token_f1(text, example.accepted)),
            "rouge_l": Score(answers.rouge_l(text, example.accepted)),
        }
        if example.language == "zh":
            scores["lcs_f1"] = Score(answers.lcs_f1(text, example.accepted))
    else:
        right = prediction.abstained and not failed
    scores["correct"] = Score(float(right))
    scores["wrong_answers"] = Score(float(answered and not right))
    if not failed:
        scores |= refusal_scores(example.answerable, prediction.abstained)
    if example.forbidden:
        steered = any(squeeze(f) in squeeze(prediction.answer) for f in example.forbidden)
        scores["steered"] = Score(float(steered))
    return scores


def _judged(
    example: Example, prediction: Prediction, evidence: Sequence[str], judge: CachedJudge
) -> tuple[ScoredClaim, ...]:
    texts = [c.text for c in prediction.claims]
    if not texts:
        return ()
    judgements = judge.judge(example.question, texts, evidence)
    return tuple(
        ScoredClaim(t, j, kind_of(t, evidence) if j.supported is False else None)
        for t, j in zip(texts, judgements, strict=True)
    )


def _faithfulness(prediction: Prediction, claims: Sequence[ScoredClaim]) -> dict[str, Score]:
    scores = faithfulness_scores([c.judgement for c in claims], [c.kind for c in claims])
    unsupported = any(c.judgement.supported is False for c in claims)
    silent = any(c.judgement.supported is None for c in claims)
    scores["hallucinated"] = Score(float(unsupported or silent), 1.0, float(silent))
    if claims:
        unscored = sum(c.judgement.supported is None for c in claims)
        scores["unscored"] = Score(unscored, len(claims))
    return scores


def _citations(example: Example, prediction: Prediction, judge: CachedJudge) -> dict[str, Score]:
    """Only for systems that cite at all: hits or citations must have been given."""
    if not prediction.hits and not any(c.citations for c in prediction.claims):
        return {}

    def supports(claim: str, quotes: Sequence[str]) -> Judgement:
        return judge.judge(example.question, [claim], quotes)[0]

    return citation_scores(prediction.claims, supports)
