"""Reports of runs: one HTML file without outside assets, the same as JSON and as Markdown.

`report_in` is for whoever lists them (`eval.past_runs`); nothing is computed there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.report.html import render_html
from eval.report.markdown import render_markdown
from eval.stats import Estimate

RESULTS_FILE = "results.json"
HTML_FILE = "report.html"
MARKDOWN_FILE = "report.md"

__all__ = ["ReportInfo", "report_in", "write_reports"]


@dataclass(frozen=True, slots=True)
class ReportInfo:
    """A finished run: where its report lies and, by metric, the figures worth a line. `finished` is
    ISO 8601 in UTC."""

    name: str
    finished: str
    questions: int
    headline: Mapping[str, Estimate]
    html: Path
    folder: Path


def write_reports(results: Mapping[str, Any], folder: Path) -> None:
    """Write report.html, report.md and, last, results.json: its presence says all is there."""
    folder.mkdir(parents=True, exist_ok=True)
    _replace(folder / HTML_FILE, render_html(results))
    _replace(folder / MARKDOWN_FILE, render_markdown(results))
    _replace(folder / RESULTS_FILE, json.dumps(results, ensure_ascii=False, indent=1))


def report_in(folder: Path) -> ReportInfo | None:
    """The finished run in `folder`; None where there is none, or a broken one."""
    from eval.metrics.catalogue import HEADLINE

    try:
        values = json.loads((folder / RESULTS_FILE).read_text(encoding="utf-8"))
        metrics = values["arms"][0]["metrics"]
        return ReportInfo(
            name=values["name"],
            finished=values["finished"],
            questions=values["data"]["questions_asked"],
            headline={n: Estimate(**metrics[n]) for n in HEADLINE if n in metrics},
            html=folder / HTML_FILE,
            folder=folder,
        )
    except (OSError, json.JSONDecodeError, KeyError, IndexError, TypeError):
        return None


def _replace(path: Path, text: str) -> None:
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)
