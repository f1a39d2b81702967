"""What happens, told to the metrics and the log: every request, every answer.

Wraps the back-end's answers and the whole application; changes nothing of either.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Generator, Sequence
from contextlib import closing
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.config import Settings
from rag.store import list_collections
from rag.store.folder import collection_folder
from rag.types import DocumentInfo, Done, Event
from web.backend import LocalBackend
from web.engine import Engine
from web.guard import API_PREFIX, MCP_PATH, METRICS_PATH, READY_PATH
from web.logs import tell
from web.metrics import Gauges, IndexSize, Metrics
from web.traces import Traces
from web.work import Backend, Wish, usage_of

METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_log = logging.getLogger(__name__)
ALIVE_PATH = "/healthz"
ASKED_BY_PROGRAMS = frozenset((MCP_PATH, METRICS_PATH, READY_PATH, ALIVE_PATH))
PROBES = frozenset((METRICS_PATH, READY_PATH, ALIVE_PATH, f"{API_PREFIX}/health"))
"""Asked for every few seconds: counted and not logged."""
PAGE = "page"
"""The route of what the page loads and sends, whatever its path."""


class ObservedBackend(LocalBackend):
    """The real back-end, its answers counted and traced. Raises ConfigError where the settings ask
    for traces and the packages are not there."""

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        super().__init__(settings)
        self._metrics = metrics
        self._traces = Traces(settings.traces) if settings.traces.endpoint else None

    def stream(self, *args: Any, **kwargs: Any) -> Generator[Event, None, None]:
        """As the back-end's."""
        return self._observed(super().stream(*args, **kwargs), *args[:2])

    def summarise(self, collection: str, wish: Wish) -> Generator[Event, None, None]:
        """As the back-end's."""
        events = super().summarise(collection, wish)
        return self._observed(events, collection, ", ".join(wish.documents))

    def close(self) -> None:
        """As the back-end's; the last traces are sent."""
        super().close()
        if self._traces is not None:
            self._traces.close()

    def _observed(
        self, events: Generator[Event, None, None], collection: str, asked: str
    ) -> Generator[Event, None, None]:
        if self._traces is not None:
            model = self._settings.generator.model
            events = self._traces.watch(events, collection, asked, model)
        return watched(events, self._metrics, collection, asked)


def watched(
    events: Generator[Event, None, None],
    metrics: Metrics,
    collection: str = "",
    question: str = "",
) -> Generator[Event, None, None]:
    """The events of an answer; its end is counted and logged."""
    begun = time.monotonic()
    outcome: dict[str, Any] = {"outcome": "left"}
    try:
        with closing(events):
            for event in events:
                if isinstance(event, Done):
                    metrics.answered(event.answer, usage_of(event))
                    outcome = _told(event)
                yield event
    except Exception as err:
        outcome = {"outcome": type(err).__name__}
        raise
    finally:
        if "status" not in outcome:
            metrics.failed(outcome["outcome"])
        took = round((time.monotonic() - begun) * 1000)
        fields = {"collection": collection, "characters": len(question), **outcome, "ms": took}
        tell("answer", fields, {"question": question})


def _told(done: Done) -> dict[str, Any]:
    answer, usage = done.answer, usage_of(done)
    told: dict[str, Any] = {"outcome": "answered", "status": answer.status}
    if answer.reason is not None:
        told["reason"] = answer.reason.code
    told["confidence"] = round(answer.confidence, 3)
    told["sentences"] = len(answer.sentences)
    if usage is not None:
        told |= {"tokens_read": usage.prompt_tokens, "tokens_written": usage.completion_tokens}
    return told


class Observed:
    """The whole application, its requests counted and its errors logged.

    Starlette answers an error with 500 and raises it again, whereupon uvicorn hangs up on a client
    that may be sending its next request already: what was answered is logged and goes no further.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.monotonic()
        status = 500
        answered = False

        async def noting(message: Message) -> None:
            nonlocal status, answered
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)
            answered = message["type"] == "http.response.body" and not message.get("more_body")

        try:
            await self._app(scope, receive, noting)
        except Exception:
            if not answered:
                raise
            _log.exception("a request ended in an error")
        finally:
            took = time.monotonic() - begun
            method = scope["method"] if scope["method"] in METHODS else "OTHER"
            route = route_of(scope)
            self._metrics.requested(method, route, status, took)
            fields = {"method": method, "route": route, "status": status, "ms": round(took * 1000)}
            if route not in PROBES:
                tell("request", fields, {"path": scope["path"]})


def route_of(scope: Scope) -> str:
    """The route that answered, without ids: one of the API's, one that programs ask for, or the
    page's."""
    path: str = scope["path"]
    if path in ASKED_BY_PROGRAMS:
        return path
    if not path.startswith(f"{API_PREFIX}/"):
        return PAGE
    # Routing leaves what it found in the scope; who is turned away at the door gets no further.
    found = getattr(scope.get("route"), "path_format", "")
    return f"{API_PREFIX}{found}"


def gauges(engine: Engine, backend: Backend, settings: Settings) -> Gauges:
    """What the metrics show of a running engine."""
    return Gauges(
        waiting=lambda: engine.waiting,
        ready=lambda: engine.readiness.phase == "ready",
        index=lambda: index_size(backend, settings),
    )


def index_size(backend: Backend, settings: Settings) -> IndexSize:
    """What all collections hold; one that cannot be read counts with its bytes alone, and
    where they cannot be listed there are none."""
    names = _names(settings)
    documents: list[DocumentInfo] = []
    total = 0
    for name in names:
        folder = collection_folder(settings, name)
        if folder.is_dir():
            total += sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
        documents += _documents(backend, name)
    return IndexSize(len(names), len(documents), sum(info.chunks for info in documents), total)


def _names(settings: Settings) -> Sequence[str]:
    from rag.errors import PlumbError

    try:
        return list_collections(settings)
    except PlumbError:
        return ()


def _documents(backend: Backend, name: str) -> Sequence[DocumentInfo]:
    from rag.errors import PlumbError

    try:
        return backend.documents(name)
    except PlumbError:
        return ()
