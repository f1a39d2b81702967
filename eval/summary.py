"""From items to a run's results: estimates, paired comparisons, parity, slices, worst cases.

The outcome is plain JSON (schema in docs/evaluation.md): the report, `compare` and `gate` read it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from eval import stats
from eval.metrics.catalogue import METRICS
from eval.metrics.refusal import aurc, risk_coverage
from eval.score import Item
from eval.stats import Estimate
from eval.types import Score, to_json

PERCENTILES = {
    "latency_p50": ("total", 50),
    "latency_p95": ("total", 95),
    "first_token_p50": ("first_token", 50),
}
CURVE_POINTS = 101


@dataclass(frozen=True, slots=True)
class ArmItems:
    """An arm's scored items, in the order of the questions."""

    name: str
    what: str
    system: Mapping[str, Any]
    items: tuple[Item, ...]
    reused: int = 0


def arm_results(arm: ArmItems, seed: int) -> dict[str, Any]:
    """An arm as JSON: its metrics, slices by language and kind, curve, and items."""
    return {
        "name": arm.name,
        "what": arm.what,
        "system": dict(arm.system),
        "reused": arm.reused,
        "metrics": {name: asdict(e) for name, e in estimates(arm.items, seed).items()},
        "slices": _slices(arm.items, seed),
        "risk_coverage": _curve(arm.items),
        "stages_ms": _stages(arm.items),
        "items": [item_json(i) for i in arm.items],
    }


def estimates(items: Sequence[Item], seed: int) -> dict[str, Estimate]:
    """Every metric that at least one item has, in the catalogue's order."""
    found: dict[str, Estimate] = {}
    for name in METRICS:
        scores = [i.scores[name] for i in items if name in i.scores]
        if scores and sum(s.den for s in scores) > 0:
            found[name] = stats.estimate(scores, seed)
    found |= _costs(items, seed)
    if (risk := _risk(items, seed)) is not None:
        found["aurc"] = risk
    return {name: found[name] for name in METRICS if name in found}


def compare_items(a: Sequence[Item], b: Sequence[Item], seed: int) -> dict[str, Any]:
    """`b - a` in every metric, over the questions that both were asked (by question id)."""
    a_scores = {i.example.id: i.scores for i in a}
    b_scores = {i.example.id: i.scores for i in b}
    return compare_scores(a_scores, b_scores, seed)


ScoresById = Mapping[str, Mapping[str, Score]]
_ABSENT = Score(0.0, 0.0)


def compare_scores(a: ScoresById, b: ScoresById, seed: int) -> dict[str, Any]:
    """Paired differences by metric, as JSON; metrics that one side lacks are left out.

    A question that has a metric on one side only (a refusal has no claims) counts on that side,
    so that the difference is that of the values reported, not of a chosen few.
    """
    out: dict[str, Any] = {}
    common = [key for key in a if key in b]
    for name in METRICS:
        keys = [k for k in common if name in a[k] or name in b[k]]
        left = [a[k].get(name, _ABSENT) for k in keys]
        right = [b[k].get(name, _ABSENT) for k in keys]
        if sum(s.den for s in left) and sum(s.den for s in right):
            out[name] = asdict(stats.paired_difference(left, right, seed))
    return out


def parity(items: Sequence[Item], seed: int) -> dict[str, Any]:
    """Chinese minus English on the questions asked in both languages, by metric."""
    sides: dict[str, dict[str, Mapping[str, Score]]] = {"en": {}, "zh": {}}
    for item in items:
        if item.example.pair:
            sides[item.example.language][item.example.pair] = item.scores
    return compare_scores(sides["en"], sides["zh"], seed)


def item_json(item: Item) -> dict[str, Any]:
    """One item with all that the report drills down to."""
    scores = {n: [s.num, s.den, s.unscored] for n, s in item.scores.items()}
    return {
        "example": to_json(item.example),
        "prediction": to_json(item.prediction),
        "claims": [to_json(c) for c in item.claims],
        "scores": scores,
        "badness": badness(item),
    }


def badness(item: Item) -> float:
    """How bad an outcome is, for sorting worst first; 0 is fine.

    A system that failed, then a wrong answer given, then unsupported claims by severity, then a
    refusal where there was an answer, then lost citations.
    """
    got = {name: s.num / s.den for name, s in item.scores.items() if s.den}
    value = 16 * got.get("failed", 0) + 8 * got.get("steered", 0)
    value += 4 * got.get("wrong_answers", 0) + 4 * got.get("severity", 0)
    value += 2 * got.get("false_refusals", 0) + 1 - got.get("correct", got.get("hit@5", 1))
    return round(value + 0.5 * (1 - got.get("citation_recall", 1)), 4)


def _costs(items: Sequence[Item], seed: int) -> dict[str, Estimate]:
    found: dict[str, Estimate] = {}
    asked = [i.prediction for i in items if not i.prediction.error]
    for name, (stage, percent) in PERCENTILES.items():
        times = np.array([p.timings_ms[stage] for p in asked if stage in p.timings_ms])
        if len(times):
            found[name] = stats.estimate_by(len(times), _percentile(times, percent), seed)
    for name, side in (("tokens_in", "input"), ("tokens_out", "output")):
        counts = [Score(p.tokens[side]) for p in asked if side in p.tokens]
        if counts:
            found[name] = stats.estimate(counts, seed)
    if memory := [p.memory_mb for p in asked if p.memory_mb is not None]:
        found["memory"] = Estimate(max(memory), min(memory), max(memory), len(memory))
    return found


def _percentile(values: stats.Floats, percent: int) -> Callable[[stats.Places], stats.Floats]:
    def of(places: stats.Places) -> stats.Floats:
        found: stats.Floats = np.percentile(values[places], percent, axis=1)
        return found

    return of


def _answered(items: Sequence[Item]) -> list[tuple[float, bool]]:
    """(confidence, wrong?) of the questions that were answered and whose system says how sure."""
    return [
        (i.prediction.confidence, not i.right)
        for i in items
        if i.prediction.confidence is not None
        and not i.prediction.abstained
        and not i.prediction.error
        and "correct" in i.scores
    ]


def _risk(items: Sequence[Item], seed: int) -> Estimate | None:
    pairs = _answered(items)
    if len(pairs) < 2:
        return None
    sure, wrong = np.array([c for c, _ in pairs]), np.array([w for _, w in pairs])

    def areas(places: stats.Places) -> stats.Floats:
        return np.array([aurc(sure[row], wrong[row]) for row in places])

    return stats.estimate_by(len(pairs), areas, seed)


def _curve(items: Sequence[Item]) -> list[list[float]]:
    """[coverage of all questions, risk] of the answered ones, thinned to at most 101 points."""
    pairs = _answered(items)
    if len(pairs) < 2:
        return []
    coverage, risk = risk_coverage([c for c, _ in pairs], [w for _, w in pairs])
    places = np.unique(np.linspace(0, len(pairs) - 1, CURVE_POINTS).astype(int))
    share = len(pairs) / len(items)
    return [[round(float(coverage[p] * share), 4), round(float(risk[p]), 4)] for p in places]


def _slices(items: Sequence[Item], seed: int) -> dict[str, Any]:
    """The metrics by language and by kind of question, where there is more than one."""
    out: dict[str, Any] = {}
    for axis in ("language", "kind"):
        groups: dict[str, list[Item]] = defaultdict(list)
        for item in items:
            groups[str(getattr(item.example, axis))].append(item)
        if len(groups) > 1:
            out[axis] = {
                name: {m: asdict(e) for m, e in estimates(group, seed).items()}
                for name, group in sorted(groups.items())
            }
    return out


def _stages(items: Sequence[Item]) -> dict[str, float]:
    """Median time of each stage in ms."""
    times: dict[str, list[float]] = defaultdict(list)
    for item in items:
        for stage, value in item.prediction.timings_ms.items():
            if math.isfinite(value):
                times[stage].append(value)
    return {stage: float(np.median(values)) for stage, values in times.items()}
