"""A run's results as one HTML page: figures, plots, and every question with its evidence.

All text is escaped by the template; the page allows no request.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from eval.errors import require
from eval.metrics.catalogue import GROUPS, HEADLINE, METRICS, MINOR
from eval.report import figures, plots

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
SHOWN_ITEMS = 2000
"""Past so many questions only the worst are in the page; the JSON has all."""
HALLUCINATION = ("wrong_answers", "hallucinated", "faithfulness", "correct", "refusal_recall")


def render_html(results: Mapping[str, Any]) -> str:
    """The page as text."""
    arms = results["arms"]
    rows = (results["judge"] or {}).get("rows", [])
    page = _environment().get_template("report.html")
    text: str = page.render(
        run=results,
        base=arms[0],
        arms=arms,
        judge=results["judge"],
        cards=[n for n in HEADLINE if n in arms[0]["metrics"]],
        groups=_grouped(arms[0]["metrics"]),
        tables=[_against(results, arm) for arm in arms[1:]],
        grounding=_grounding(results),
        parity=_differences(results["parity"]),
        slices=_slices(arms[0]),
        items=_items(arms[0]["items"]),
        hidden=max(0, len(arms[0]["items"]) - SHOWN_ITEMS),
        plots={
            "metrics": plots.metrics_plot(arms[0]["metrics"]),
            "arms": plots.arms_plot(arms),
            "risk": plots.risk_plot(arms),
            "latency": plots.latency_plot(arms),
            "judges": plots.calibration_plot(rows),
        },
        metrics=METRICS,
        fig=figures,
    )
    return text


def marked(text: str, quotes: Sequence[str]) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it is part of a quote, in reading order."""
    flags = [False] * len(text)
    for quote in quotes:
        start = text.find(quote) if quote else -1
        if start >= 0:
            flags[start : start + len(quote)] = [True] * len(quote)
    pieces: list[tuple[str, bool]] = []
    for character, flag in zip(text, flags, strict=True):
        if pieces and pieces[-1][1] == flag:
            pieces[-1] = (pieces[-1][0] + character, flag)
        else:
            pieces.append((character, flag))
    return pieces


@cache
def _environment() -> Any:
    jinja2 = require("jinja2", "the HTML report")
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["marked"] = marked
    return environment


def _grouped(metrics: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    groups = []
    for group in GROUPS:
        names = [n for n in metrics if METRICS[n].group == group]
        if names:
            groups.append((group, names))
    return groups


def _differences(comparison: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """The differences worth a row: those of retrieval only at the usual cut-offs."""
    return [(n, d) for n, d in comparison.items() if n not in MINOR]


def _against(results: Mapping[str, Any], arm: Mapping[str, Any]) -> dict[str, Any]:
    return {"arm": arm, "rows": _differences(results["comparisons"][arm["name"]])}


def _grounding(results: Mapping[str, Any]) -> dict[str, Any] | None:
    """The headline table, if the run holds the closed-book arm."""
    comparison = results["comparisons"].get("closed-book")
    if comparison is None:
        return None
    rows = [(n, comparison[n]) for n in HALLUCINATION if n in comparison]
    return {"rows": rows, "n": max((d["n"] for _, d in rows), default=0)}


def _slices(arm: Mapping[str, Any]) -> list[dict[str, Any]]:
    out = []
    for axis, groups in arm["slices"].items():
        columns = [n for n in HEADLINE if any(n in g for g in groups.values())]
        out.append({"axis": axis, "groups": groups, "columns": columns})
    return out


def _items(items: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    worst = sorted(items, key=lambda i: (-i["badness"], i["example"]["id"]))
    return [
        {**item, "state": _state(item), "quotes": _quotes(item)} for item in worst[:SHOWN_ITEMS]
    ]


def _state(item: Mapping[str, Any]) -> str:
    """`failed`, `wrong`, `refused` (where there was an answer), `unsupported`, or `right`."""
    scores, prediction = item["scores"], item["prediction"]
    if prediction["error"]:
        return "failed"
    if prediction["retrieval_only"]:
        return "right" if scores.get("hit@5", [1])[0] else "wrong"
    if scores["correct"][0] != 1:
        refused = prediction["abstained"] and item["example"]["answerable"]
        return "refused" if refused else "wrong"
    if any(c["judgement"]["supported"] is False for c in item["claims"]):
        return "unsupported"
    return "right"


def _quotes(item: Mapping[str, Any]) -> dict[str, list[str]]:
    """The cited quotes by chunk id, and under "" all of them."""
    found: dict[str, list[str]] = {"": []}
    for claim in item["prediction"]["claims"]:
        for citation in claim["citations"]:
            found.setdefault(citation["chunk_id"], []).append(citation["quote"])
            found[""].append(citation["quote"])
    return found
