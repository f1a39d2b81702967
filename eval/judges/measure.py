"""Measuring judges against people's labels: the table behind every faithfulness figure.

Unscored claims count as wrong verdicts with a score of 0.5, so that a judge gains nothing by
keeping silent; their share stands beside.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from eval import stats
from eval.judges import Judge
from eval.metrics import agreement
from eval.stats import Estimate
from eval.types import Judgement, LabelledPair, LabelledSet

UNSCORED = 0.5

Tick = Callable[[], None]


@dataclass(frozen=True, slots=True)
class JudgeRow:
    """One judge on one set in one language ("all" for the whole set).

    `ms_per_claim` is wall time; `base_rate` the share of claims that people call supported.
    """

    judge: str
    data: str
    language: str
    n: int
    base_rate: float
    auroc: Estimate
    balanced_accuracy: Estimate
    f1: Estimate
    kappa: Estimate
    ece: Estimate
    unscored: float
    ms_per_claim: float
    threshold: float


@dataclass(frozen=True, slots=True)
class Verdicts:
    """A judge's judgements of a set's pairs, in order, with the wall time of all in ms."""

    judgements: tuple[Judgement, ...]
    elapsed_ms: float


def ask_all(judge: Judge, pairs: Sequence[LabelledPair], tick: Tick = lambda: None) -> Verdicts:
    """Judge every pair; `tick` is called after each."""
    judgements = []
    began = time.perf_counter()
    for pair in pairs:
        judgements.extend(judge.judge(pair.question, [pair.claim], pair.evidence))
        tick()
    return Verdicts(tuple(judgements), 1000 * (time.perf_counter() - began))


def measure(judge: Judge, labelled: LabelledSet, verdicts: Verdicts, seed: int) -> list[JudgeRow]:
    """A row for the whole set, and one for each language if it has several."""
    groups: dict[str, list[int]] = {}
    for place, pair in enumerate(labelled.pairs):
        groups.setdefault(pair.language, []).append(place)
    if len(groups) > 1:
        groups = {"all": list(range(len(labelled.pairs))), **groups}
    per_claim = verdicts.elapsed_ms / max(len(labelled.pairs), 1)
    rows = []
    for language, places in groups.items():
        pairs = [labelled.pairs[i] for i in places]
        judged = [verdicts.judgements[i] for i in places]
        rows.append(_row(judge, labelled.name, language, pairs, judged, per_claim, seed))
    return rows


def _row(
    judge: Judge,
    data: str,
    language: str,
    pairs: Sequence[LabelledPair],
    judged: Sequence[Judgement],
    ms_per_claim: float,
    seed: int,
) -> JudgeRow:
    labels = np.array([p.supported for p in pairs])
    scores = np.array([UNSCORED if j.score is None else j.score for j in judged])
    given = np.array(
        [
            not p.supported if j.supported is None else j.supported
            for p, j in zip(pairs, judged, strict=True)
        ]
    )
    counts = np.vstack([np.ones(len(pairs)), stats.weights(len(pairs), seed)])

    def figure(values: agreement.Floats) -> Estimate:
        low, high = stats.interval(values[1:])
        return Estimate(float(values[0]), low, high, len(pairs))

    return JudgeRow(
        judge=judge.name,
        data=data,
        language=language,
        n=len(pairs),
        base_rate=float(labels.mean()),
        auroc=figure(agreement.auroc(labels, scores, counts)),
        balanced_accuracy=figure(agreement.balanced_accuracy(labels, given, counts)),
        f1=figure(agreement.f1(labels, given, counts)),
        kappa=figure(agreement.kappa(labels, given, counts)),
        ece=figure(agreement.ece(labels, scores, counts)),
        unscored=sum(j.score is None for j in judged) / len(judged),
        ms_per_claim=ms_per_claim,
        threshold=judge.threshold,
    )


def row_to_json(row: JudgeRow) -> dict[str, Any]:
    """A row as plain JSON values."""
    return asdict(row)


def row_from_json(values: Mapping[str, Any]) -> JudgeRow:
    """The inverse of `row_to_json`."""
    figures = ("auroc", "balanced_accuracy", "f1", "kappa", "ece")
    return JudgeRow(**{**values, **{name: Estimate(**values[name]) for name in figures}})
