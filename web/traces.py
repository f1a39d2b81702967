"""Traces of answers for an OpenTelemetry collector, by the gen_ai conventions, where the settings
name one.

One trace an answer: the workflow, and in it what was searched, written and checked, one after the
other as the stages took. Questions, answers and the names of documents are in it only where the
settings say so.
"""

from __future__ import annotations

import json
import time
from collections.abc import Generator
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

from rag.config import TraceSettings
from rag.errors import ConfigError
from rag.types import Answer, Done, Event
from web.work import Usage, usage_of

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span, Tracer

SERVICE: Final = "plumbline"
_STAGES: Final = ("rewrite", "retrieve", "choose", "generate", "verify")
"""Of an answer's timings, in the order in which they run."""
_MS = 1_000_000
"""Nanoseconds."""


class Traces:
    """Sends spans to the collector that the settings name, behind the answers' backs. Raises
    ConfigError where the packages for that are not installed."""

    def __init__(self, settings: TraceSettings) -> None:
        assert settings.endpoint is not None
        self._content = settings.content
        self._provider = _provider(settings.endpoint)
        self._tracer: Tracer = self._provider.get_tracer(SERVICE)

    def watch(
        self, events: Generator[Event, None, None], collection: str, question: str, model: str
    ) -> Generator[Event, None, None]:
        """The events of an answer; at its end the trace is made. `model` writes it."""
        begun = time.time_ns()
        done: Done | None = None
        problem = "left"
        try:
            with closing(events):
                for event in events:
                    if isinstance(event, Done):
                        done = event
                    yield event
        except Exception as err:
            problem = type(err).__name__
            raise
        finally:
            self._tell(begun, collection, question, model, done, problem)

    def close(self) -> None:
        """Send what is left, and stop."""
        self._provider.shutdown()

    def _tell(
        self,
        begun: int,
        collection: str,
        question: str,
        model: str,
        done: Done | None,
        problem: str,
    ) -> None:
        from opentelemetry.trace import set_span_in_context

        named = {"gen_ai.operation.name": "invoke_workflow", "gen_ai.workflow.name": SERVICE}
        root = self._tracer.start_span(
            f"invoke_workflow {SERVICE}",
            start_time=begun,
            attributes={**named, "gen_ai.data_source.id": collection},
        )
        if done is None:
            _failed(root, problem)
        else:
            answer, context = done.answer, set_span_in_context(root)
            root.set_attributes(_outcome(answer))
            if self._content:
                root.set_attributes(_said(question, answer))
            at = begun
            for stage in _STAGES:
                if stage not in answer.timings_ms:
                    continue
                told = _of_stage(stage, collection, model, answer, usage_of(done))
                name = " ".join(str(told[key]) for key in _NAME[stage]) if told else stage
                span = self._tracer.start_span(name, context, start_time=at, attributes=told)
                at += round(answer.timings_ms[stage] * _MS)
                span.end(at)
        root.end()


_NAME: Final = {
    "retrieve": ("gen_ai.operation.name", "gen_ai.data_source.id"),
    "generate": ("gen_ai.operation.name", "gen_ai.request.model"),
}
"""What makes the name of a stage's span."""


def _of_stage(
    stage: str, collection: str, model: str, answer: Answer, usage: Usage | None
) -> dict[str, Any]:
    if stage == "retrieve":
        return {
            "gen_ai.operation.name": "retrieval",
            "gen_ai.data_source.id": collection,
            "gen_ai.request.model": answer.models.get("embedder", ""),
            "plumbline.passages": len(answer.hits),
        }
    if stage != "generate":
        return {}
    told: dict[str, Any] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": SERVICE,
        "gen_ai.request.model": model,
    }
    if "first_token" in answer.timings_ms:
        told["plumbline.first_token_ms"] = answer.timings_ms["first_token"]
    if usage is not None:
        told["gen_ai.usage.input_tokens"] = usage.prompt_tokens
        told["gen_ai.usage.output_tokens"] = usage.completion_tokens
    return told


def _outcome(answer: Answer) -> dict[str, Any]:
    told: dict[str, Any] = {
        "plumbline.status": answer.status,
        "plumbline.confidence": round(answer.confidence, 3),
        "plumbline.sentences": len(answer.sentences),
        "plumbline.dropped": len(answer.dropped),
    }
    if answer.reason is not None:
        told["plumbline.reason"] = answer.reason.code
    return told


def _said(question: str, answer: Answer) -> dict[str, str]:
    """The words, in the conventions' form of messages."""
    return {
        "gen_ai.input.messages": _message("user", question),
        "gen_ai.output.messages": _message("assistant", answer.answer),
        "gen_ai.retrieval.query.text": answer.standalone_question,
        "gen_ai.retrieval.documents": json.dumps(
            [{"id": hit.chunk.document_id, "name": hit.document} for hit in answer.hits],
            ensure_ascii=False,
        ),
    }


def _message(role: str, text: str) -> str:
    parts = [{"type": "text", "content": text}]
    return json.dumps([{"role": role, "parts": parts}], ensure_ascii=False)


def _failed(span: Span, problem: str) -> None:
    from opentelemetry.trace import Status, StatusCode

    # An error's own words may hold a question.
    span.set_attribute("error.type", problem)
    span.set_status(Status(StatusCode.ERROR))


def _provider(endpoint: str) -> TracerProvider:
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as err:
        raise ConfigError(
            f"traces.endpoint is set and {err.name} is not installed: pip install "
            "'plumbline[traces]'"
        ) from None
    provider = TracerProvider(resource=Resource.create({"service.name": SERVICE}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    return provider
