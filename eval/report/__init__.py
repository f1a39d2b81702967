"""Reports of runs: one HTML file without outside assets, the same as JSON and as Markdown.

`list_reports` is for whoever shows them (the web app); nothing is computed there.
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

RESULTS_FILE = "results.json"
HTML_FILE = "report.html"
MARKDOWN_FILE = "report.md"

__all__ = ["ReportInfo", "list_reports", "write_reports"]


@dataclass(frozen=True, slots=True)
class ReportInfo:
    """A finished run: where its report lies and the figures worth a line. `finished` is ISO 8601
    in UTC; `headline` maps metric to value."""

    name: str
    finished: str
    questions: int
    headline: Mapping[str, float]
    html: Path
    folder: Path


def write_reports(results: Mapping[str, Any], folder: Path) -> None:
    """Write report.html, report.md and, last, results.json: its presence says all is there."""
    folder.mkdir(parents=True, exist_ok=True)
    _replace(folder / HTML_FILE, render_html(results))
    _replace(folder / MARKDOWN_FILE, render_markdown(results))
    _replace(folder / RESULTS_FILE, json.dumps(results, ensure_ascii=False, indent=1))


def list_reports(folder: Path) -> list[ReportInfo]:
    """The finished runs in `folder` or one level below, newest first. Broken ones are left out;
    a folder that does not exist has none."""
    if not folder.is_dir():
        return []
    found = [*folder.glob(RESULTS_FILE), *folder.glob(f"*/{RESULTS_FILE}")]
    infos = [info for path in found if (info := _info(path)) is not None]
    return sorted(infos, key=lambda i: i.finished, reverse=True)


def _info(path: Path) -> ReportInfo | None:
    from eval.metrics.catalogue import HEADLINE

    html = path.with_name(HTML_FILE)
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        metrics = values["arms"][0]["metrics"]
        return ReportInfo(
            name=values["name"],
            finished=values["finished"],
            questions=values["data"]["questions_asked"],
            headline={n: metrics[n]["value"] for n in HEADLINE if n in metrics},
            html=html,
            folder=path.parent,
        )
    except (OSError, json.JSONDecodeError, KeyError, IndexError, TypeError):
        return None


def _replace(path: Path, text: str) -> None:
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)
