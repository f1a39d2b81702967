"""Plots of a run as SVG text, ready to stand inside an HTML page.

Matplotlib without its global state; the same results give the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from eval.errors import require
from eval.metrics.catalogue import HEADLINE, METRICS, MINOR

INK = "#1f2933"
MUTED = "#7b8794"
GRID = "#e4e7eb"
COLOURS = ("#1b6e8c", "#c8553d", "#588157", "#7d5ba6", "#b08900", "#5c6b73", "#a23b72", "#2a9d8f")
WIDTH = 7.2
ROW = 0.3


def metrics_plot(metrics: Mapping[str, Any]) -> str:
    """Every share with its interval, one row a metric; empty text if there is none."""
    names = [n for n in METRICS if n in metrics and METRICS[n].unit == "share"]
    names = [n for n in names if METRICS[n].group != "Trouble" and n not in MINOR]
    if not names:
        return ""
    figure, axes = _canvas(ROW * len(names) + 0.7)
    for row, name in enumerate(reversed(names)):
        estimate = metrics[name]
        colour = COLOURS[0] if METRICS[name].better == "higher" else COLOURS[1]
        axes.plot([estimate["low"], estimate["high"]], [row, row], color=colour, lw=2.2, alpha=0.45)
        axes.plot(estimate["value"], row, "o", color=colour, ms=5.5)
    axes.set_yticks(range(len(names)), [METRICS[n].title for n in reversed(names)])
    axes.set_ylim(-0.6, len(names) - 0.4)
    _shares(axes, "x")
    axes.set_xlabel("value with 95 % interval (blue: higher is better, red: lower is better)")
    return _svg(figure, "metrics")


def arms_plot(arms: Sequence[Mapping[str, Any]]) -> str:
    """The main shares by arm; empty text for a single arm."""
    shown = ("correct", "wrong_answers", "faithfulness", "refusal_recall", *HEADLINE)
    names = [
        n
        for n in dict.fromkeys(shown)
        if METRICS[n].unit == "share" and any(n in a["metrics"] for a in arms)
    ]
    if len(arms) < 2 or not names:
        return ""
    height = ROW * 0.62 * len(names) * (len(arms) + 1.2) + 0.9
    figure, axes = _canvas(height)
    step = 0.8 / len(arms)
    for place, arm in enumerate(arms):
        colour = COLOURS[place % len(COLOURS)]
        for row, name in enumerate(reversed(names)):
            if name not in arm["metrics"]:
                continue
            estimate = arm["metrics"][name]
            y = row + 0.4 - step * (place + 0.5)
            axes.plot([estimate["low"], estimate["high"]], [y, y], color=colour, lw=2, alpha=0.45)
            label = arm["name"] if name == names[0] else None
            axes.plot(estimate["value"], y, "o", color=colour, ms=4.5, label=label)
    axes.set_yticks(range(len(names)), [METRICS[n].title for n in reversed(names)])
    axes.set_ylim(-0.6, len(names) - 0.4)
    _shares(axes, "x")
    axes.legend(
        frameon=False, fontsize=8, loc="upper center", bbox_to_anchor=(0.4, -0.35 / height), ncol=4
    )
    return _svg(figure, "arms")


def risk_plot(arms: Sequence[Mapping[str, Any]]) -> str:
    """Risk over coverage, a line an arm; empty text where no arm has a curve."""
    curves = [(a["name"], a["risk_coverage"]) for a in arms if len(a["risk_coverage"]) > 1]
    if not curves:
        return ""
    figure, axes = _canvas(2.9)
    for place, (name, points) in enumerate(curves):
        colour = COLOURS[place % len(COLOURS)]
        axes.plot([p[0] for p in points], [p[1] for p in points], color=colour, lw=1.8, label=name)
    axes.set_xlabel("coverage: share of the questions answered, surest first")
    axes.set_ylabel("risk: share of wrong answers")
    _shares(axes, "x")
    axes.set_ylim(0, max(0.1, 1.1 * max(p[1] for _, points in curves for p in points)))
    axes.yaxis.set_major_formatter(lambda v, _: f"{100 * v:.0f} %")
    if len(curves) > 1:
        axes.legend(frameon=False, fontsize=8)
    return _svg(figure, "risk")


def latency_plot(arms: Sequence[Mapping[str, Any]]) -> str:
    """The share of answers ready after so many seconds, a line an arm."""
    series = []
    for arm in arms:
        items = (i["prediction"] for i in arm["items"])
        times = sorted(p["timings_ms"]["total"] for p in items if not p["error"])
        if len(times) > 1:
            series.append((arm["name"], [t / 1000 for t in times]))
    if not series:
        return ""
    figure, axes = _canvas(2.7)
    for place, (name, times) in enumerate(series):
        heights = [(i + 1) / len(times) for i in range(len(times))]
        axes.step(
            times, heights, where="post", color=COLOURS[place % len(COLOURS)], lw=1.8, label=name
        )
    axes.set_xlabel("seconds until the whole answer")
    axes.set_ylabel("share of the answers")
    axes.set_xlim(left=0)
    _shares(axes, "y")
    if len(series) > 1:
        axes.legend(frameon=False, fontsize=8)
    return _svg(figure, "latency")


def calibration_plot(rows: Sequence[Mapping[str, Any]]) -> str:
    """The judge's AUROC on each set it was measured on; empty text without rows."""
    if not rows:
        return ""
    figure, axes = _canvas(ROW * len(rows) + 0.8)
    for place, row in enumerate(reversed(rows)):
        figure_of = row["auroc"]
        axes.plot(
            [figure_of["low"], figure_of["high"]],
            [place, place],
            color=COLOURS[0],
            lw=2.2,
            alpha=0.45,
        )
        axes.plot(figure_of["value"], place, "o", color=COLOURS[0], ms=5.5)
    labels = [f"{r['judge']}, {r['data'][:38]} ({r['language']})" for r in reversed(rows)]
    axes.set_yticks(range(len(rows)), labels)
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.axvline(0.5, color=MUTED, lw=0.8, ls=":")
    axes.set_xlim(0.3, 1.01)
    axes.set_xlabel("AUROC against the labels (0.5 is chance)")
    return _svg(figure, "judges")


def _canvas(height: float) -> tuple[Any, Any]:
    module = require("matplotlib.figure", "the plots of a report")
    figure = module.Figure(figsize=(WIDTH, max(height, 1.4)), layout="constrained")
    axes = figure.add_subplot()
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(MUTED)
    axes.tick_params(colors=INK, labelsize=8.5, length=0)
    axes.xaxis.label.set(color=MUTED, fontsize=8.5)
    axes.yaxis.label.set(color=MUTED, fontsize=8.5)
    axes.grid(axis="x", color=GRID, lw=0.8)
    axes.set_axisbelow(True)
    return figure, axes


def _shares(axes: Any, axis: str) -> None:
    limits, ruler = (axes.set_xlim, axes.xaxis) if axis == "x" else (axes.set_ylim, axes.yaxis)
    limits(-0.015, 1.015)
    ruler.set_major_formatter(lambda v, _: f"{100 * v:.0f} %")


def _svg(figure: Any, salt: str) -> str:
    """The figure as an <svg> element; text stays text, so that the page's fonts are used."""
    matplotlib = require("matplotlib", "the plots of a report")
    out = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": salt}):
        figure.savefig(out, format="svg", transparent=True, metadata={"Date": None})
    text = out.getvalue()
    return text[text.index("<svg") :]
