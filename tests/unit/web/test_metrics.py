from __future__ import annotations

from dataclasses import replace

from prometheus_client.parser import text_string_to_metric_families

from rag.types import Reason
from tests.web_fakes import answer
from web.metrics import Gauges, IndexSize, Metrics
from web.work import Usage

Labels = dict[str, str]


def values(metrics: Metrics) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Every number by its name and labels, as Prometheus' own parser reads them."""
    body, media_type = metrics.text("text/plain")
    assert media_type.startswith("text/plain")
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(body.decode())
        for sample in family.samples
    }


def value(metrics: Metrics, name: str, **labels: str) -> float:
    return values(metrics)[f"plumbline_{name}", frozenset(labels.items())]


def test_an_answer_counts_with_its_verdicts_stages_and_tokens() -> None:
    metrics = Metrics()
    told = replace(answer(), timings_ms={"retrieve": 30.0, "total": 1200.0})
    for _ in range(2):
        metrics.answered(told, Usage(100, 7, "model"))
    assert value(metrics, "answers_total", status="partly_grounded") == 2
    assert value(metrics, "sentences_total", verdict="supported") == 2
    assert value(metrics, "sentences_total", verdict="unsupported") == 2
    assert value(metrics, "tokens_total", direction="read") == 200
    assert value(metrics, "tokens_total", direction="written") == 14
    assert value(metrics, "stage_seconds_count", stage="retrieve") == 2
    assert value(metrics, "stage_seconds_bucket", stage="retrieve", le="0.05") == 2
    assert value(metrics, "stage_seconds_bucket", stage="total", le="1.0") == 0
    assert ("plumbline_refusals_total", frozenset({("reason", "unsure")})) not in values(metrics)


def test_a_refusal_counts_by_its_reason() -> None:
    metrics = Metrics()
    metrics.answered(replace(answer(), status="abstained", reason=Reason("unsure")), None)
    assert value(metrics, "refusals_total", reason="unsure") == 1


def test_gauges_are_read_anew_each_time() -> None:
    metrics = Metrics()
    waiting = [3]
    size = IndexSize(1, 2, 30, 4000)
    metrics.watch(Gauges(lambda: waiting[0], lambda: True, lambda: size))
    assert value(metrics, "queue_questions") == 3
    waiting[0] = 0
    assert value(metrics, "queue_questions") == 0
    assert value(metrics, "ready") == 1
    assert value(metrics, "collections") == 1
    assert value(metrics, "documents") == 2
    assert value(metrics, "chunks") == 30
    assert value(metrics, "index_bytes") == 4000


def test_a_client_may_ask_for_openmetrics() -> None:
    body, media_type = Metrics().text("application/openmetrics-text; version=1.0.0")
    assert media_type.startswith("application/openmetrics-text")
    assert body.endswith(b"# EOF\n")
