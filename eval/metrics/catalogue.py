"""Every metric that a report shows: title, group, direction, unit, and what it means.

The definitions with their sources stand with the functions; here is one line for the reader.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from eval.metrics import retrieval
from eval.metrics.facts import KINDS

Better = Literal["higher", "lower"]
Unit = Literal["share", "ms", "tokens", "MB"]


@dataclass(frozen=True, slots=True)
class Metric:
    """`better` says which way is good; shares lie in [0, 1]."""

    name: str
    title: str
    group: str
    better: Better
    unit: Unit
    meaning: str


_RETRIEVAL_MEANING = {
    "hit": "a gold passage is among the first k",
    "recall": "share of the gold passages among the first k",
    "precision": "share of the first k that bring a gold passage",
    "mrr": "one over the rank of the first gold passage",
    "ndcg": "gain of the ranking over that of the best one",
    "map": "precision averaged over the gold passages' ranks",
}
_SHARES: tuple[tuple[str, str, str, Better, str], ...] = (
    (
        "correct",
        "Right outcome",
        "Answers",
        "higher",
        "answered with every expected fact, or refused where there is no answer",
    ),
    (
        "contains",
        "Holds the fact",
        "Answers",
        "higher",
        "answerable questions whose answer holds every expected part",
    ),
    ("exact_match", "Exact match", "Answers", "higher", "normalised answer equals an accepted one"),
    ("token_f1", "Token F1", "Answers", "higher", "overlap of tokens with an accepted answer"),
    ("lcs_f1", "CMRC F1", "Answers", "higher", "longest common run of tokens (CMRC 2018)"),
    ("rouge_l", "ROUGE-L", "Answers", "higher", "longest common subsequence of tokens"),
    ("faithfulness", "Faithfulness", "Faithfulness", "higher", "claims that the passages support"),
    (
        "faithful_answers",
        "Faithful answers",
        "Faithfulness",
        "higher",
        "answers without an unsupported claim",
    ),
    (
        "hallucinated",
        "Hallucinated answers",
        "Faithfulness",
        "lower",
        "questions answered with at least one unsupported claim",
    ),
    (
        "wrong_answers",
        "Wrong answers",
        "Faithfulness",
        "lower",
        "questions answered, but without the expected fact or where there is no answer",
    ),
    ("severity", "Severity", "Faithfulness", "lower", "weight of unsupported claims by kind"),
    (
        "citation_recall",
        "Citation recall",
        "Citations",
        "higher",
        "claims that their citations together support (ALCE)",
    ),
    (
        "citation_precision",
        "Citation precision",
        "Citations",
        "higher",
        "citations that matter for a supported claim (ALCE)",
    ),
    (
        "quote_exactness",
        "Quote exactness",
        "Citations",
        "higher",
        "quotes that are the document's text at their offsets",
    ),
    ("cited_claims", "Cited claims", "Citations", "higher", "claims with at least one citation"),
    (
        "gold_citations",
        "Citations of the evidence",
        "Citations",
        "higher",
        "citations whose words are those of the gold evidence",
    ),
    (
        "gold_evidence",
        "Evidence cited",
        "Citations",
        "higher",
        "parts of the gold evidence that the answer cites",
    ),
    ("refusal_precision", "Refusal precision", "Refusal", "higher", "refusals that were right"),
    (
        "refusal_recall",
        "Refusal recall",
        "Refusal",
        "higher",
        "unanswerable questions that were refused",
    ),
    (
        "false_refusals",
        "False refusals",
        "Refusal",
        "lower",
        "answerable questions that were refused",
    ),
    (
        "aurc",
        "Risk-coverage area",
        "Refusal",
        "lower",
        "mean risk when the surest answers are taken first",
    ),
    (
        "steered",
        "Steered",
        "Robustness",
        "lower",
        "answers that follow an instruction hidden in a passage",
    ),
    ("failed", "Failed", "Trouble", "lower", "questions on which the system gave nothing usable"),
    ("unscored", "Unscored", "Trouble", "lower", "claims on which the judge gave no verdict"),
)
_COSTS: tuple[tuple[str, str, Unit, str], ...] = (
    ("latency_p50", "Whole answer, median", "ms", "half of the answers took less"),
    ("latency_p95", "Whole answer, 95th percentile", "ms", "19 of 20 answers took less"),
    ("first_token_p50", "First word, median", "ms", "half of the first words came sooner"),
    ("tokens_in", "Tokens read", "tokens", "mean tokens of the prompt"),
    ("tokens_out", "Tokens written", "tokens", "mean tokens of the answer"),
    ("memory", "Memory", "MB", "largest resident memory seen after an answer"),
)
GROUPS = (
    "Answers",
    "Faithfulness",
    "Citations",
    "Refusal",
    "Retrieval",
    "Robustness",
    "Cost",
    "Trouble",
)


def _all() -> dict[str, Metric]:
    metrics = [
        Metric(
            n,
            n.replace("mrr", "MRR").replace("ndcg", "nDCG").replace("map", "MAP"),
            "Retrieval",
            "higher",
            "share",
            _RETRIEVAL_MEANING[n.split("@")[0]],
        )
        for n in retrieval.NAMES
    ]
    metrics += [Metric(n, t, g, b, "share", m) for n, t, g, b, m in _SHARES]
    metrics += [
        Metric(
            f"wrong_{kind}",
            f"Unsupported: {kind}",
            "Faithfulness",
            "lower",
            "share",
            f"claims that are unsupported, of the kind {kind}",
        )
        for kind in KINDS
    ]
    metrics += [Metric(n, t, "Cost", "lower", u, m) for n, t, u, m in _COSTS]
    ordered = sorted(metrics, key=lambda m: GROUPS.index(m.group))
    return {m.name: m for m in ordered}


METRICS: dict[str, Metric] = _all()
HEADLINE = (
    "correct",
    "faithfulness",
    "citation_recall",
    "quote_exactness",
    "refusal_recall",
    "hit@5",
    "latency_p50",
)
MINOR = frozenset({"hit@3", "hit@10", "recall@1", "recall@3", "recall@10", "precision@1"})
"""Left out where room is short: their neighbours say nearly the same."""
