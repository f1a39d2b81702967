"""The gate for CI: does a run reach what is demanded, and has it not fallen behind another?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eval.compare import JUDGED, base_of, compare_runs
from eval.errors import DataError
from eval.metrics.catalogue import METRICS


@dataclass(frozen=True, slots=True)
class Demands:
    """`least` and `most` by metric; `drop` is how far any share may fall behind the base run on
    the same questions (in its bad direction), `drops` the same by metric."""

    least: Mapping[str, float]
    most: Mapping[str, float]
    drop: float | None = None
    drops: Mapping[str, float] | None = None


def failures(run: Mapping[str, Any], base: Mapping[str, Any] | None, demands: Demands) -> list[str]:
    """One sentence for each demand that is not met; empty when the gate is open."""
    metrics = base_of(run)["metrics"]
    found = [_short(metrics, n, v) for n, v in demands.least.items()]
    found += [_over(metrics, n, v) for n, v in demands.most.items()]
    if base is not None:
        found += _fallen(run, base, demands)
    elif demands.drop is not None or demands.drops:
        raise DataError("--max-drop needs a run to compare with: name it with --against")
    return [f for f in found if f]


def parse_bounds(texts: Sequence[str], option: str) -> dict[str, float]:
    """`metric=value` texts as a mapping. Raises DataError naming the option and the known names."""
    bounds = {}
    for text in texts:
        name, _, value = text.partition("=")
        if name not in METRICS:
            raise DataError(f"{option} {text}: unknown metric; known are {', '.join(METRICS)}")
        try:
            bounds[name] = float(value)
        except ValueError:
            raise DataError(f"{option} {text}: write metric=number, as in correct=0.8") from None
    return bounds


def _short(metrics: Mapping[str, Any], name: str, least: float) -> str:
    if name not in metrics:
        return f"{name} was not measured in this run, but at least {least:g} is demanded"
    value = metrics[name]["value"]
    return "" if value >= least else f"{_figure(name, metrics[name])} is below {least:g}"


def _over(metrics: Mapping[str, Any], name: str, most: float) -> str:
    if name not in metrics:
        return f"{name} was not measured in this run, but at most {most:g} is demanded"
    value = metrics[name]["value"]
    return "" if value <= most else f"{_figure(name, metrics[name])} is above {most:g}"


def _figure(name: str, estimate: Mapping[str, Any]) -> str:
    low, high = estimate["low"], estimate["high"]
    unscored = f", {estimate['unscored']} unscored" if estimate["unscored"] else ""
    return (
        f"{name} = {estimate['value']:.4g} (95 % {low:.4g} to {high:.4g}, "
        f"n = {estimate['n']}{unscored})"
    )


def _fallen(run: Mapping[str, Any], base: Mapping[str, Any], demands: Demands) -> list[str]:
    comparison = compare_runs(base, run)
    if not comparison["questions"]:
        return ["the two runs have no question in common, so nothing can be compared"]
    same_judge = (run["judge"] or {}).get("fingerprint") == (base["judge"] or {}).get("fingerprint")
    drops = demands.drops or {}
    found = []
    for name, difference in comparison["differences"].items():
        allowed = drops.get(name, demands.drop)
        if allowed is None:
            continue
        if name in JUDGED and not same_judge:
            found.append(f"{name} cannot be compared: the runs have different judges")
            continue
        worse = -difference["value"] if METRICS[name].better == "higher" else difference["value"]
        if worse > allowed + 1e-12:
            found.append(
                f"{name} got worse by {worse:.4g} ({difference['a']:.4g} to {difference['b']:.4g}, "
                f"p = {difference['p']:.3g}, {difference['test']}), more than {allowed:g}"
            )
    for name in drops:
        if name in comparison["costs"]:
            before, after = comparison["costs"][name]
            if after - before > drops[name]:
                found.append(f"{name} rose by {after - before:.4g} ({before:.4g} to {after:.4g})")
        elif name not in comparison["differences"]:
            found.append(f"{name} was not measured in both runs, but --max-drop names it")
    base_metrics, metrics = base_of(base)["metrics"], base_of(run)["metrics"]
    lost = [n for n in base_metrics if n not in metrics and METRICS[n].unit == "share"]
    if demands.drop is not None and lost:
        found.append(f"measured in the base run but not here: {', '.join(lost)}")
    return found
