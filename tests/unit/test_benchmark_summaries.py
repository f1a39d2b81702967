"""The benchmark of summaries, over scripted models."""

from __future__ import annotations

from benchmarks.summaries import WAYS, Bench, Judged, Told, table
from rag.config import Settings
from rag.models.generator import Generator
from tests.builders import tools_of
from tests.fakes import FakeChat
from tests.unit.rag.summary.test_summarise import GUIDE, SICK_TRUE, TRUE, YACHT


def test_each_way_tells_the_document_and_what_is_made_up_does_not_hold(settings: Settings) -> None:
    replies = [TRUE, SICK_TRUE, f"{SICK_TRUE} {TRUE}", f"{TRUE} {YACHT}"]
    generator = Generator("fake", None, FakeChat(replies=replies))
    bench = Bench(tools_of(), generator, settings)
    told = {way: bench.told(way, GUIDE, "en") for way in WAYS}
    assert told["shipped"].sentences == (SICK_TRUE, TRUE, TRUE, SICK_TRUE)
    assert told["one call"].sentences == (TRUE, YACHT)
    assert len(told["leading"].sentences) == 4
    judged = {way: bench.judged(told[way].sentences, GUIDE, "en") for way in WAYS}
    assert judged["shipped"] == judged["leading"] == Judged(1.0, 1.0)
    assert judged["one call"].held == 0.5
    assert bench.judged((), GUIDE, "en") == Judged(0.0, 0.0)


def test_the_table_has_a_row_for_each_way() -> None:
    found = [(Told(("One.", "Two."), 3.0, 5.0), Judged(0.5, 0.9), 1000)] * 2
    assert table({"shipped": found}).splitlines()[2:] == [
        "| shipped | 0.50 (0.50–0.50) | 0.90 (0.90–0.90) | 2 | 50 |"
    ]
