"""Answers by the real embedder and the small generator, from documents ingested for real."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.pipeline import ingest
from rag.answer_json import to_json
from rag.config import GeneratorSettings, Settings
from rag.models.embedder import load_embedder
from rag.pipeline import Answerer, open_answerer
from rag.store import Collection
from rag.types import Delta, Done, Retrieved, Turn

HANDBOOK = """# Staff handbook

Annual leave for full-time employees is 28 working days a year. Part-time employees get 14 working
days. Requests for leave go to Ingrid Solberg, who answers within three days.

Travel by train is booked in second class. Hotels may cost up to 130 euros a night.
"""
HANDBUCH_ZH = """# 安全规程

氨气泄漏时，所有人员必须从北门撤离，集合点在三号停车场。
消防演习每年举行两次，由安全主管赵敏负责。
"""


@pytest.fixture(scope="module")
def answerer(
    real_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Answerer]:
    folder = tmp_path_factory.mktemp("shelf")
    (folder / "handbook.md").write_text(HANDBOOK, encoding="utf-8")
    (folder / "安全规程.md").write_text(HANDBUCH_ZH, encoding="utf-8")
    # The default generator: the small one declines too many questions that have an answer.
    generator = GeneratorSettings()
    settings = real_settings.model_copy(update={"collection": "answers", "generator": generator})
    embedder = load_embedder(settings)
    with Collection.open(settings, "answers", embedder.info, create=True) as collection:
        ingest([Path(folder)], collection, embedder, settings)
    with open_answerer(settings) as opened:
        yield opened


def test_a_fact_is_answered_and_every_quote_is_in_the_page(answerer: Answerer) -> None:
    answer = answerer.answer("How many days of annual leave do full-time employees get?")
    assert answer.status != "abstained"
    assert "28" in answer.answer
    citations = [c for s in answer.sentences for c in s.citations]
    assert citations
    for citation in citations:
        chunk = answer.hits[citation.number - 1].chunk
        assert chunk.chunk_id == citation.chunk_id
        inside = chunk.text[citation.start - chunk.start : citation.end - chunk.start]
        assert inside == citation.quote
    assert to_json(answer)["sources"][0]["document"] == "handbook.md"


def test_chinese_is_answered_in_chinese(answerer: Answerer) -> None:
    answer = answerer.answer("氨气泄漏时从哪个门撤离？")
    assert "北门" in answer.answer
    assert answer.hits[0].document == "安全规程.md"


def test_what_no_document_says_is_not_answered(answerer: Answerer) -> None:
    answer = answerer.answer("What is the capital of Australia?")
    assert answer.status == "abstained"
    assert answer.hits


def test_events_stream_while_the_model_writes(answerer: Answerer) -> None:
    events = list(answerer.stream("Who answers requests for leave?"))
    assert isinstance(events[0], Retrieved)
    assert isinstance(events[-1], Done)
    assert sum(isinstance(event, Delta) for event in events) > 1
    timings = events[-1].answer.timings_ms
    assert 0 < timings["first_token"] <= timings["total"]


def test_a_follow_up_finds_what_it_means(answerer: Answerer) -> None:
    history = [Turn("How many days of annual leave do full-time employees get?", "28 days.")]
    answer = answerer.answer("And part-time employees?", history)
    assert "part-time employees" in answer.standalone_question
    assert answer.hits[0].document == "handbook.md"
