"""Traces, as a collector gets them over HTTP."""

from __future__ import annotations

import gzip
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from rag.config import Settings, TraceSettings, load_settings
from rag.errors import ConfigError, QuestionError
from rag.types import Done
from tests.web_fakes import FakeBackend, answer
from web.metrics import Metrics
from web.observe import ObservedBackend
from web.traces import Traces
from web.work import Metered, Usage

TIMINGS = {"retrieve": 20.0, "choose": 5.0, "generate": 800.0, "first_token": 90.0, "verify": 60.0}
QUESTION = "What of Quillfeather?"


class Collector(ThreadingHTTPServer):
    """Keeps the spans that it is sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taking)
        self.spans: list[Any] = []
        self.raw = b""


class _Taking(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        assert isinstance(self.server, Collector)
        if self.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        self.server.raw += body
        sent = ExportTraceServiceRequest.FromString(body)
        for resource in sent.resource_spans:
            for scope in resource.scope_spans:
                self.server.spans += scope.spans
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def traced(collector: Collector, events: Any, *, content: bool = False) -> None:
    endpoint = f"http://127.0.0.1:{collector.server_port}/v1/traces"
    traces = Traces(TraceSettings(endpoint=endpoint, content=content))
    try:
        for _ in traces.watch(events, "law", QUESTION, "a-model"):
            pass
    finally:
        traces.close()


def done() -> Iterator[Done]:
    told = replace(answer(), timings_ms=TIMINGS, models={"embedder": "e5"})
    yield Metered(told, Usage(120, 30, "model"))


def attributes(span: Any) -> dict[str, Any]:
    return {a.key: getattr(a.value, a.value.WhichOneof("value")) for a in span.attributes}


def test_an_answer_is_a_trace_by_the_conventions(collector: Collector) -> None:
    traced(collector, done())
    *stages, root = sorted(
        collector.spans, key=lambda span: span.name == "invoke_workflow plumbline"
    )
    assert [s.name for s in stages] == ["retrieval law", "choose", "chat a-model", "verify"]
    assert {s.trace_id for s in stages} == {root.trace_id}
    assert {s.parent_span_id for s in stages} == {root.span_id}
    chat = attributes(stages[2])
    assert chat["gen_ai.operation.name"] == "chat"
    assert (chat["gen_ai.usage.input_tokens"], chat["gen_ai.usage.output_tokens"]) == (120, 30)
    assert stages[2].end_time_unix_nano - stages[2].start_time_unix_nano == 800_000_000
    assert attributes(stages[0])["gen_ai.operation.name"] == "retrieval"
    assert attributes(root)["plumbline.status"] == "partly_grounded"


@pytest.mark.parametrize("content", [False, True])
def test_words_are_in_it_only_if_asked_for(collector: Collector, content: bool) -> None:
    traced(collector, done(), content=content)
    words = (QUESTION, answer().answer[:20], answer().hits[0].document)
    assert [word.encode() in collector.raw for word in words] == [content] * 3


def test_a_failure_is_told_without_its_words(collector: Collector) -> None:
    def failing() -> Iterator[Done]:
        raise QuestionError(f"{QUESTION} is too long")
        yield

    with pytest.raises(QuestionError):
        traced(collector, failing())
    (root,) = collector.spans
    assert attributes(root)["error.type"] == "QuestionError"
    assert root.status.code == 2
    assert QUESTION.encode() not in collector.raw


def test_who_leaves_ends_the_trace(collector: Collector) -> None:
    endpoint = f"http://127.0.0.1:{collector.server_port}/v1/traces"
    traces = Traces(TraceSettings(endpoint=endpoint))
    events = traces.watch(FakeBackend().stream("law", "a slow one", ()), "law", "slow", "m")
    next(events)
    events.close()
    traces.close()
    assert [attributes(span)["error.type"] for span in collector.spans] == ["left"]


def test_a_missing_package_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    given = {"home": settings.home, "traces": {"endpoint": "http://127.0.0.1:4318/v1/traces"}}
    with pytest.raises(ConfigError, match=r"pip install 'plumbline\[traces\]'"):
        ObservedBackend(load_settings({}, given), Metrics())
    with pytest.raises(ConfigError, match=r"traces\.endpoint"):
        load_settings({}, {"traces": {"endpoint": "127.0.0.1:4318"}})
