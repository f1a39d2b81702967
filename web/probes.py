"""/readyz and /metrics: how the instance is, for what watches over it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from web.engine import Engine
from web.guard import METRICS_PATH, READY_PATH
from web.metrics import Metrics
from web.outside import Outside


class Probes:
    """The two routes over one engine and the servers that it needs."""

    def __init__(self, engine: Engine, metrics: Metrics, outside: Outside) -> None:
        self._engine = engine
        self._metrics = metrics
        self._outside = outside

    def routes(self) -> list[Route]:
        """To be added to the application."""
        return [Route(READY_PATH, self._ready), Route(METRICS_PATH, self._numbers)]

    def _ready(self, _: Request) -> Response:
        """200 when questions are answered; 503 with a word on why not. The problem itself may name
        folders: /v1/health and the log have it. Runs in a worker thread: servers are asked."""
        phase: str = self._engine.readiness.phase
        if phase == "ready":
            phase = self._outside.silent() or phase
        return PlainTextResponse(phase, status_code=200 if phase == "ready" else 503)

    def _numbers(self, request: Request) -> Response:
        """All numbers. Runs in a worker thread: collections are read for it."""
        body, media_type = self._metrics.text(request.headers.get("accept", ""))
        headers = {"content-type": media_type, "cache-control": "no-store"}
        return Response(body, headers=headers)
