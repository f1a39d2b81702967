"""The stable JSON object: keys, offsets, order."""

from __future__ import annotations

import json

from rag.answer_json import to_json
from rag.config import Settings
from tests.builders import LEAVE, QUESTION, SICK, answerer, switched

KEYS = [
    "question",
    "standalone_question",
    "answer",
    "status",
    "confidence",
    "reason",
    "signals",
    "sentences",
    "dropped",
    "sources",
    "hits",
    "models",
    "timings_ms",
]


def test_the_documented_keys_in_their_order(settings: Settings) -> None:
    answer = answerer(settings, "Annual leave is 30 days. Yachts abound.").answer(QUESTION)
    shown = json.loads(json.dumps(to_json(answer)))
    assert list(shown) == KEYS
    sentence = shown["sentences"][0]
    assert list(sentence) == ["text", "start", "end", "verdict", "score", "citations", "reason"]
    assert set(sentence["citations"][0]) >= {
        "document", "page", "start", "end", "quote", "chunk_id",
    }  # fmt: skip
    assert set(shown["hits"][0]) >= {"chunk_id", "document", "page", "score", "text"}
    assert shown["dropped"][0]["text"] == "Yachts abound."
    assert (shown["reason"], sentence["reason"]) == (None, None)
    assert shown["dropped"][0]["reason"] == {
        "code": "no_quote",
        "en": "No words in the passages say this.",
        "zh": "段落中没有这样的说法。",
    }
    assert set(shown["signals"]) == {"own", "read", "best", "chinese"}


def test_hits_are_ranked_and_sources_numbered(settings: Settings) -> None:
    answer = answerer(settings, "Sick pay lasts six weeks.", hits=(LEAVE, SICK)).answer(
        "How long does sick pay last?"
    )
    shown = to_json(answer)
    assert [h["document"] for h in shown["hits"]] == ["leave.md", "sick.md"]
    assert [(s["number"], s["document"]) for s in shown["sources"]] == [(1, "sick.md")]
    (citation,) = shown["sentences"][0]["citations"]
    assert citation["chunk_id"] == shown["sources"][0]["chunk_id"]


def test_an_abstention_has_no_sources(settings: Settings) -> None:
    shown = to_json(answerer(settings, "The documents do not say.").answer(QUESTION))
    assert shown["status"] == "abstained"
    assert shown["sources"] == []
    assert len(shown["hits"]) == 2
    assert shown["reason"]["code"] == "declined"
    assert shown["signals"] == {}


def test_the_reason_for_an_abstention_is_told_in_both_languages(settings: Settings) -> None:
    certain = switched(settings, answering={"min_confidence": 1.0})
    answer = answerer(certain, "Annual leave is 30 days.").answer(QUESTION)
    reason = to_json(answer)["reason"]
    assert reason["code"] == "unsure"
    assert reason["en"].startswith("It is too uncertain")
    assert reason["zh"].startswith("段落是否回答了问题过于不确定")
