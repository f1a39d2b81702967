"""Two runs side by side: what got better, worse, and changed, on the questions that both asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eval.arms import BASE
from eval.metrics.catalogue import METRICS
from eval.summary import compare_scores
from eval.types import Score

JUDGED = frozenset(
    m.name
    for m in METRICS.values()
    if m.group in ("Faithfulness", "Citations") and m.name not in ("wrong_answers",)
)
"""Metrics that depend on the judge (quote exactness does not, but is read with the rest)."""


def base_of(results: Mapping[str, Any]) -> Mapping[str, Any]:
    """The base arm of a run's results."""
    arms: list[Mapping[str, Any]] = results["arms"]
    return next((a for a in arms if a["name"] == BASE), arms[0])


def compare_runs(a: Mapping[str, Any], b: Mapping[str, Any], seed: int = 0) -> dict[str, Any]:
    """`b - a`: paired differences by metric, and the questions whose outcome or answer changed.

    `warnings` says when the runs are not alike: other data, another judge, questions left out.
    """
    left, right = _by_id(base_of(a)), _by_id(base_of(b))
    common = [k for k in left if k in right]
    differences = compare_scores(_scores(left, common), _scores(right, common), seed)
    return {
        "a": a["name"],
        "b": b["name"],
        "questions": len(common),
        "warnings": _warnings(a, b, len(left), len(right), len(common)),
        "differences": differences,
        "costs": _costs(a, b),
        **_changes(left, right, common),
    }


def _by_id(arm: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {item["example"]["id"]: item for item in arm["items"]}


def _scores(items: Mapping[str, Mapping[str, Any]], ids: list[str]) -> dict[str, dict[str, Score]]:
    return {k: {n: Score(*s) for n, s in items[k]["scores"].items()} for k in ids}


def _costs(a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, Any]:
    left, right = base_of(a)["metrics"], base_of(b)["metrics"]
    names = [m.name for m in METRICS.values() if m.unit != "share" or m.name == "aurc"]
    return {n: [left[n]["value"], right[n]["value"]] for n in names if n in left and n in right}


def _changes(
    left: Mapping[str, Mapping[str, Any]],
    right: Mapping[str, Mapping[str, Any]],
    common: list[str],
) -> dict[str, list[dict[str, Any]]]:
    out: dict[str, list[dict[str, Any]]] = {"worse": [], "better": [], "changed": []}
    for key in common:
        before, after = left[key], right[key]
        step = after["badness"] - before["badness"]
        old, new = before["prediction"]["answer"], after["prediction"]["answer"]
        if step == 0 and old == new:
            continue
        entry = {
            "id": key,
            "question": after["example"]["question"],
            "before": old or before["prediction"]["error"],
            "after": new or after["prediction"]["error"],
            "step": round(step, 4),
        }
        out["worse" if step > 0 else "better" if step < 0 else "changed"].append(entry)
    for name, entries in out.items():
        entries.sort(key=lambda e: -abs(e["step"]) if name != "changed" else 0)
    return out


def _warnings(
    a: Mapping[str, Any], b: Mapping[str, Any], n_a: int, n_b: int, common: int
) -> list[str]:
    warnings = []
    if a["data"]["sha256"] != b["data"]["sha256"]:
        warnings.append("the runs read different data files")
    if common < max(n_a, n_b):
        warnings.append(f"only {common} questions are in both runs ({n_a} and {n_b})")
    if (a["judge"] or {}).get("fingerprint") != (b["judge"] or {}).get("fingerprint"):
        warnings.append("the judges differ, so faithfulness and citations cannot be compared")
    if a["provenance"]["machine"] != b["provenance"]["machine"]:
        warnings.append("the machines differ, so times cannot be compared")
    return warnings
