"""Numbers about a running instance, for Prometheus. They hold no text of a question or a document,
and no name of a collection or a person.

Knows nothing of HTTP but how a client says which form it reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from rag.types import Answer
from web.work import Usage

PREFIX = "plumbline"
SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160)


@dataclass(frozen=True, slots=True)
class IndexSize:
    """How much all collections hold together; `bytes` on the disk."""

    collections: int
    documents: int
    chunks: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Gauges:
    """What is read whenever the numbers are asked for."""

    waiting: Callable[[], int]
    ready: Callable[[], bool]
    index: Callable[[], IndexSize]


class Metrics:
    """Counts what happens; `text` gives all numbers."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        GCCollector(registry=self._registry)
        self._requests = self._histogram(
            "http_request_seconds", "Requests, until the reply ended.", "method", "route", "status"
        )
        self._stages = self._histogram("stage_seconds", "Stages of an answer.", "stage")
        self._answers = self._counter("answers", "Checked answers.", "status")
        self._refusals = self._counter("refusals", "Answers withheld, by the reason.", "reason")
        self._verdicts = self._counter("sentences", "Sentences of answers.", "verdict")
        self._failures = self._counter("failures", "Answers that broke off.", "error")
        self._tokens = self._counter("tokens", "Tokens of the language model.", "direction")

    def watch(self, gauges: Gauges) -> None:
        """Show the queue, readiness and index size from now on."""
        self._registry.register(_Watched(gauges))

    def requested(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered."""
        self._requests.labels(method, route, str(status)).observe(seconds)

    def answered(self, answer: Answer, usage: Usage | None) -> None:
        """A question was answered."""
        self._answers.labels(answer.status).inc()
        if answer.status == "abstained":
            self._refusals.labels(answer.reason.code if answer.reason else "none").inc()
        for sentence in (*answer.sentences, *answer.dropped):
            self._verdicts.labels(sentence.verdict).inc()
        for stage, ms in answer.timings_ms.items():
            self._stages.labels(stage).observe(ms / 1000)
        if usage is not None:
            self._tokens.labels("read").inc(usage.prompt_tokens)
            self._tokens.labels("written").inc(usage.completion_tokens)

    def failed(self, error: str) -> None:
        """A question was not answered; `error` is a class's name, or "left" if the asker left."""
        self._failures.labels(error).inc()

    def text(self, accept: str) -> tuple[bytes, str]:
        """All numbers, and the media type that they are in, by the Accept header."""
        encode, media_type = choose_encoder(accept)
        body: bytes = encode(self._registry)
        return body, str(media_type)

    def _counter(self, name: str, told: str, label: str) -> Counter:
        return Counter(f"{PREFIX}_{name}", told, [label], registry=self._registry)

    def _histogram(self, name: str, told: str, *labels: str) -> Histogram:
        full = f"{PREFIX}_{name}"
        return Histogram(full, told, labels, buckets=SECONDS, registry=self._registry)


class _Watched(Collector):
    def __init__(self, gauges: Gauges) -> None:
        self._gauges = gauges

    def describe(self) -> Iterable[Any]:
        """Nothing: the index need not be read to register this."""
        return ()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The gauges as of now."""
        gauges = self._gauges
        yield _gauge("queue_questions", "Questions waiting or being answered.", gauges.waiting())
        yield _gauge("ready", "1 when questions are answered.", int(gauges.ready()))
        size = gauges.index()
        yield _gauge("collections", "Collections.", size.collections)
        yield _gauge("documents", "Documents of all collections.", size.documents)
        yield _gauge("chunks", "Passages of all collections.", size.chunks)
        yield _gauge("index_bytes", "Bytes of all collections on the disk.", size.bytes)


def _gauge(name: str, told: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"{PREFIX}_{name}", told, value=value)
