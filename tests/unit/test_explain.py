"""Explaining: each stage at which an expected text can be lost is named."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from rag.config import Settings
from rag.errors import QuestionError
from rag.explain import explain
from rag.explanation import Explanation
from rag.tools import Search, Tools
from rag.types import Chunk, DocumentInfo, Hit
from tests.builders import FixedAnswerability, FixedFinder, OverlapScorer, hit
from tests.fakes import FakeEmbedder

FILLER = "The canteen opens at noon. Parking is free for all visitors. "
PAGE = f"Annual leave is\nthirty days. {FILLER}"


class OneShelf:
    """A shelf of one-page documents made of hits."""

    def __init__(self, pages: dict[str, str], hits: Sequence[Hit]) -> None:
        self._pages = pages
        self._hits = hits

    def documents(self) -> list[DocumentInfo]:
        return [
            DocumentInfo(hit("", name).chunk.document_id, name, name, "text/plain", 1, 1, 0, 1, "")
            for name in self._pages
        ]

    def page_text(self, document_id: str, page: int) -> str:
        return next(
            t for n, t in self._pages.items() if hit("", n).chunk.document_id == document_id
        )

    def document_chunks(self, document_id: str) -> list[Chunk]:
        return [h.chunk for h in self._hits if h.chunk.document_id == document_id]


def explained(
    settings: Settings, expect: str, *hits: Hit, k: int = 5, budget: int = 200
) -> Explanation:
    changed = settings.model_copy(
        update={
            "answering": settings.answering.model_copy(update={"budget_tokens": budget}),
            "retrieval": settings.retrieval.model_copy(update={"k": k}),
        }
    )

    class Finder(FixedFinder):
        def retrieve(self, question: str, k: int | None = None) -> list[Hit]:
            return super().retrieve(question, k or changed.retrieval.k)

    shelf = OneShelf({"leave.md": PAGE}, [hit(PAGE, "leave.md")])
    return explain(
        "How long is annual leave?",
        expect,
        shelf,
        Finder(*hits),
        tools(),
        changed,
    )


def tools() -> Tools:
    embedder = FakeEmbedder()
    return Tools(Search(embedder, embedder, None, None), OverlapScorer(), FixedAnswerability(0.7))


LEAVE = hit(PAGE, "leave.md")
OTHER = hit(FILLER, "other.md")


def test_found_chosen_and_shown(settings: Settings) -> None:
    told = explained(settings, "leave is THIRTY days", LEAVE, OTHER)
    assert told.verdict.startswith("It was found")
    (place,) = told.places
    assert PAGE[place.start : place.end] == "leave is\nthirty days"
    (chunk,) = told.chunks
    assert (chunk.reread, chunk.hit, chunk.in_prompt, chunk.answerable) == (1, 1, True, 0.7)
    assert all(s.chosen for s in told.sentences if s.expected)
    assert all(PAGE[s.start : s.end] == s.text for s in told.sentences if s.document == "leave.md")


def test_not_in_the_parsed_text(settings: Settings) -> None:
    told = explained(settings, "forty days", LEAVE)
    assert "parser" in told.verdict
    assert not told.places
    assert not told.chunks


def test_not_retrieved(settings: Settings) -> None:
    assert "Neither search" in explained(settings, "thirty days", OTHER).verdict


def test_retrieved_too_late(settings: Settings) -> None:
    told = explained(settings, "thirty days", OTHER, LEAVE, k=1)
    assert "came 2. and only 1" in told.verdict


def test_places_before_and_after_rereading_are_told_apart(settings: Settings) -> None:
    raised = replace(LEAVE, ranks={"vectors": 4, "fused": 7})
    told = explained(settings, "thirty days", raised, OTHER)
    (chunk,) = told.chunks
    assert (chunk.vectors, chunk.keywords, chunk.fused, chunk.reread) == (4, None, 7, 1)
    assert "vectors 4, keywords not found, fused 7, reread 1" in told.text()


def test_a_place_by_translated_words_is_told_where_there_is_one(settings: Settings) -> None:
    foreign = replace(LEAVE, ranks={"vectors": 4, "translated": 2, "fused": 3})
    told = explained(settings, "thirty days", foreign, OTHER)
    assert told.chunks[0].translated == 2
    assert "keywords not found, translated words 2, fused 3" in told.text()
    assert "translated" not in explained(settings, "thirty days", LEAVE).text()


def test_retrieved_but_not_fitting(settings: Settings) -> None:
    told = explained(settings, "Parking is free", LEAVE, budget=100)
    assert told.chunks[0].in_prompt
    tight = explained(settings, "Parking is free", LEAVE, budget=4)
    assert "not shown to the model" in tight.verdict


def test_of_a_question_for_two_things_the_part_is_told_that_came_nearest(
    settings: Settings,
) -> None:
    class ByQuestion(FixedFinder):
        def retrieve(self, question: str, k: int | None = None) -> list[Hit]:
            return [LEAVE] if "leave" in question else [OTHER]

    question = "Where do visitors park, and how long is annual leave?"
    shelf = OneShelf({"leave.md": PAGE}, [LEAVE])
    told = explain(question, "thirty days", shelf, ByQuestion(), tools(), settings)
    assert (told.question, told.asked) == (question, "How long is annual leave?")
    assert told.verdict.startswith("It was found")
    assert "How long is annual leave?" in told.text()


def test_both_forms_say_it(settings: Settings) -> None:
    told = explained(settings, "thirty days", LEAVE)
    assert told.verdict in told.text()
    assert "leave.md p. 1" in told.text()
    assert json.loads(json.dumps(told.to_json()))["chunks"][0]["hit"] == 1


@pytest.mark.parametrize(("question", "expect"), [("", "x"), ("x", " ")])
def test_nothing_to_explain(settings: Settings, question: str, expect: str) -> None:
    with pytest.raises(QuestionError):
        explain(question, expect, OneShelf({}, []), FixedFinder(), tools(), settings)
