"""Results for the terminal: short lines, aligned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eval.metrics.catalogue import HEADLINE, METRICS
from eval.report import figures

CUT = 110
MAIN = (*HEADLINE, "wrong_answers", "hallucinated", "refusal_precision", "steered")


def run_text(results: Mapping[str, Any]) -> str:
    """The base arm's metrics, and the paired differences of the others that are not noise."""
    base = results["arms"][0]
    lines = [f"{results['name']}: {results['data']['questions_asked']} questions"]
    for name, estimate in base["metrics"].items():
        unscored = f"  {estimate['unscored']} unscored" if estimate["unscored"] else ""
        lines.append(
            f"  {METRICS[name].title:<30}{figures.value(name, estimate['value']):>10}"
            f"   {figures.interval(name, estimate):<22} n {estimate['n']}{unscored}"
        )
    for arm in results["arms"][1:]:
        lines.append(f"{arm['name']} against {base['name']}:")
        comparison = results["comparisons"][arm["name"]]
        lines += _differences({n: comparison[n] for n in MAIN if n in comparison})
    lines += [f"note: {note}" for note in results["notes"]]
    lines += [f"data: {problem}" for problem in results["data"]["problems"][:5]]
    if (more := len(results["data"]["problems"]) - 5) > 0:
        lines.append(f"data: {more} more remarks in the report")
    return "\n".join(lines)


def comparison_text(comparison: Mapping[str, Any], show: int) -> str:
    """Two runs: warnings, differences, and the questions that moved most."""
    lines = [f"{comparison['a']}  →  {comparison['b']}: {comparison['questions']} questions"]
    lines += [f"warning: {w}" for w in comparison["warnings"]]
    lines += _differences(comparison["differences"])
    for name, (before, after) in comparison["costs"].items():
        change = f"{figures.value(name, before)} → {figures.value(name, after)}"
        lines.append(f"  {METRICS[name].title:<30}{change}")
    for kind in ("worse", "better", "changed"):
        entries = comparison[kind]
        lines.append(f"{kind}: {len(entries)}")
        for entry in entries[:show]:
            lines.append(f"  {entry['id']}  {_cut(entry['question'])}")
            lines.append(f"    before: {_cut(entry['before'])}")
            lines.append(f"    after:  {_cut(entry['after'])}")
    return "\n".join(lines)


def _differences(comparison: Mapping[str, Any]) -> list[str]:
    marks = {"better": "+", "worse": "-", "same": " "}
    lines = []
    for name, diff in comparison.items():
        shown = f"{figures.value(name, diff['a'])} → {figures.value(name, diff['b'])}"
        lines.append(
            f"{marks[figures.verdict(name, diff)]} {METRICS[name].title:<30}{shown:<20} "
            f"{figures.difference(name, diff['value']):>7}  ({figures.interval(name, diff)})  "
            f"p {figures.p_value(diff['p'])}  {diff['test']}, n {diff['n']}"
        )
    return lines or ["  no metric in common"]


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= CUT else line[: CUT - 1] + "…"
