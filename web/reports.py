"""The evaluation reports that the app shows: which there are, and the page of each.

A report is a file of its own with its own script, about texts that anyone may have written. It is
served in a sandbox: it may run its script and be printed, and reaches neither this app nor
anything else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from eval.past_runs import finished_runs
from eval.report import ReportInfo
from web.access.identity import Identity, may

REPORTS_PATH = "/reports"
_SVG = re.compile(r"<svg.*?</svg>", re.DOTALL)
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "sandbox allow-scripts allow-modals"
)


def plots(info: ReportInfo) -> list[str]:
    """The plots of a report as SVG, in its order; none if the report is gone."""
    try:
        return _SVG.findall(info.html.read_text(encoding="utf-8"))
    except OSError:
        return []


class Reports:
    """The runs finished on this machine, as `home` remembers them. They hold the words of any
    collection, so that only who may read all of them, as `asker` tells, sees any."""

    def __init__(self, home: Path, asker: Callable[[], Identity]) -> None:
        self._home = home
        self._asker = asker

    def all(self) -> Mapping[str, ReportInfo]:
        """By identity, newest first; reads a file for each."""
        return finished_runs(self._home) if may(self._asker(), "read", None) else {}

    def routes(self) -> list[Route]:
        """One report at `/reports/IDENTITY`, its plots at `/reports/IDENTITY/plots/N`."""
        return [
            Route(f"{REPORTS_PATH}/{{identity}}", self._serve),
            Route(f"{REPORTS_PATH}/{{identity}}/plots/{{number:int}}", self._plot),
        ]

    def _plot(self, request: Request) -> Response:
        info = self.all().get(request.path_params["identity"])
        drawn = [] if info is None else plots(info)
        number = request.path_params["number"]
        if not 0 < number <= len(drawn):
            return PlainTextResponse("there is no such plot on this machine", status_code=404)
        headers = {"content-security-policy": _POLICY, "cache-control": "no-store"}
        return Response(drawn[number - 1], media_type="image/svg+xml", headers=headers)

    def _serve(self, request: Request) -> Response:
        info = self.all().get(request.path_params["identity"])
        if info is None:
            return PlainTextResponse("there is no such report on this machine", status_code=404)
        headers = {"content-security-policy": _POLICY, "cache-control": "no-store"}
        return FileResponse(info.html, media_type="text/html", headers=headers)
