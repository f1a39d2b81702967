"""The list of evaluation reports as HTML."""

from __future__ import annotations

from collections.abc import Mapping

from eval.report import ReportInfo
from eval.stats import Estimate
from web.escape import esc
from web.render_documents import cell
from web.reports import REPORTS_PATH, plots
from web.texts import Texts
from web.texts_trust import trust_texts

_COMMAND = (
    "plumb eval run --data examples/questions.jsonl --documents examples/documents --out report"
)
_MS = frozenset({"latency_p50"})
"""Metrics told in seconds; all others are shares."""


def report_list(reports: Mapping[str, ReportInfo], t: Texts) -> str:
    """A table of runs, each with a link that opens its report in a new tab."""
    if not reports:
        return (
            f'<p class="pl-none">{esc(t.no_reports)}</p><pre class="pl-command">'
            f"<code>{esc(_COMMAND)}</code></pre>"
        )
    columns = (t.report, t.finished, t.questions, *t.metrics.values())
    head = "".join(f'<th scope="col">{esc(word)}</th>' for word in columns)
    rows = "".join(_row(key, info, t) for key, info in reports.items())
    return (
        f'<p class="pl-help">{esc(t.reports_help)}</p>'
        f'<table class="pl-table pl-reports"><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table>{_plots(*next(iter(reports.items())), t)}"
    )


def _plots(key: str, info: ReportInfo, t: Texts) -> str:
    """The plots of the newest report as pictures, folded."""
    told = trust_texts(t.language).plots
    place = f"{REPORTS_PATH}/{key}/plots"
    images = "".join(
        f'<img loading="lazy" src="{esc(place)}/{number}" alt="{esc(info.name)} {number}">'
        for number in range(1, len(plots(info)) + 1)
    )
    if not images:
        return ""
    return f'<details class="pl-plots"><summary>{esc(told)}</summary>{images}</details>'


def _row(key: str, info: ReportInfo, t: Texts) -> str:
    figures = "".join(
        cell(title, _figure(name, info.headline.get(name))) for name, title in t.metrics.items()
    )
    finished = esc(info.finished[:16].replace("T", " "))
    return (
        f'<tr><th scope="row"><a href="{REPORTS_PATH}/{esc(key)}" target="_blank" rel="noopener">'
        f"<bdi>{esc(info.name)}</bdi></a>"
        f'<span class="pl-small"><bdi>{esc(str(info.folder))}</bdi></span></th>'
        f"{cell(t.finished, f'<time>{finished}</time>')}"
        f"{cell(t.questions, str(info.questions))}{figures}</tr>"
    )


def _figure(name: str, measured: Estimate | None) -> str:
    """The value with its interval below; a dash where nothing was measured."""
    if measured is None:
        return "–"
    scale, unit = (0.001, "s") if name in _MS else (100, "%")
    ends = f"{measured.low * scale:.1f}–{measured.high * scale:.1f}"
    return f'{measured.value * scale:.1f} {unit}<span class="pl-small">{ends}</span>'
