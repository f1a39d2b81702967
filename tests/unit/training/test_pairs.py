"""Labelled pairs: true where they say so, marked where they are wrong, and drawn by seed."""

from __future__ import annotations

from collections import defaultdict
from itertools import islice

import pytest

from rag.text import sentence_spans
from rag.types import Language
from training.pairs import MIX, Example, PairMaker
from training.sources import MarkedClaim, Paragraph, Question, Sources


def paragraph(article: str, text: str, *asked: tuple[str, str | None]) -> Paragraph:
    questions = tuple(
        Question(q, None if a is None else (text.index(a), text.index(a) + len(a)))
        for q, a in asked
    )
    language: Language = "zh" if "。" in text else "en"
    name = f"squad2_{language}/{article}"
    return Paragraph(
        f"squad2_{language}", name, language, text, tuple(sentence_spans(text)), questions, False
    )


LIGHT = paragraph(
    "Reed_Point",
    "The lighthouse was built in 1871 by Anna Moll. It is 40 m high. A storm broke its lamp in "
    "1902. Later it was sold to Karl Berg.",
    ("When was the lighthouse built?", "1871"),
    ("How high is it?", "40 m"),
    ("Who built the harbour?", None),
)
BRIDGE = paragraph(
    "Reed_Point",
    "The bridge was opened in 1899 by Karl Berg. It is 90 m long. It can be lifted by hand.",
    ("When was the bridge opened?", "1899"),
    ("Who paid for the bridge?", None),
)
TOWER = paragraph(
    "塔",
    "灯塔建于1871年，由安娜建造。塔高40米。",
    ("灯塔建于哪一年？", "1871年"),
    ("塔有多高？", "40米"),
)
CLAIM = MarkedClaim("It was built in 1872.", ((16, 20),), ("It was built in 1871.",), False)
SOURCES = Sources((LIGHT, BRIDGE, TOWER), (CLAIM,))
TRANSLATED = {LIGHT.text: TOWER.text, TOWER.text: LIGHT.text}


def drawn(
    count: int = 3000,
    seed: int = 3,
    sources: Sources = SOURCES,
    translated: dict[str, str] = TRANSLATED,
) -> list[Example]:
    return list(islice(PairMaker(sources, seed, translated).stream(), count))


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    return drawn()


def by_kind(examples: list[Example]) -> dict[str, list[Example]]:
    kinds: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        kinds[example.kind].append(example)
    return kinds


def test_the_stream_is_a_function_of_the_seed() -> None:
    assert drawn(80, 1) == drawn(80, 1) != drawn(80, 2)


def test_every_maker_and_both_labels_of_both_tasks_occur(examples: list[Example]) -> None:
    kinds = by_kind(examples)
    assert set(kinds) == {
        "near-miss", "answer", "taken-out", "neighbour", "across", "stated", "changed-number",
        "changed-name", "changed-negation", "answered", "marked",
    }  # fmt: skip
    assert sum(MIX.values()) == pytest.approx(1.0)
    for task in (True, False):
        labels = [example.label for example in examples if bool(example.pair.claim) is task]
        assert 0.3 < sum(labels) / len(labels) < 0.7


def test_an_answer_stands_in_its_evidence_where_it_is_marked(examples: list[Example]) -> None:
    answers = {"When was the lighthouse built?": "1871", "How high is it?": "40 m",
               "When was the bridge opened?": "1899", "灯塔建于哪一年？": "1871年",
               "塔有多高？": "40米"}  # fmt: skip
    for example in by_kind(examples)["answer"]:
        assert example.label
        assert example.spans is not None
        (span,) = example.spans
        assert example.pair.evidence[slice(*span)] == answers[example.pair.question]


def test_a_near_miss_is_labelled_so_and_does_not_hold_the_answer(examples: list[Example]) -> None:
    kinds = by_kind(examples)
    assert {e.pair.question for e in kinds["near-miss"]} == {
        "Who built the harbour?", "Who paid for the bridge?",
    }  # fmt: skip
    answers = {"When was the lighthouse built?": "1871", "How high is it?": "40 m",
               "When was the bridge opened?": "1899", "灯塔建于哪一年？": "1871年",
               "塔有多高？": "40米"}  # fmt: skip
    for kind in ("near-miss", "taken-out", "neighbour"):
        for example in kinds[kind]:
            assert (example.label, example.spans, example.pair.claim) == (False, (), "")
            if kind != "near-miss":
                assert answers[example.pair.question] not in example.pair.evidence


def test_evidence_comes_in_every_shape_and_under_titles(examples: list[Example]) -> None:
    held = {
        e.pair.evidence for e in examples if e.kind == "answer" and "1871 by" in e.pair.evidence
    }
    assert LIGHT.text in held
    assert f"Reed Point: {LIGHT.text}" in held
    assert "The lighthouse was built in 1871 by Anna Moll." in held
    assert "The lighthouse was built in 1871 by Anna Moll. It is 40 m high." in held


def test_a_stated_sentence_stands_in_its_evidence_and_a_changed_one_not(
    examples: list[Example],
) -> None:
    for kind, of_kind in by_kind(examples).items():
        if kind == "stated":
            assert all(e.label and e.pair.claim in e.pair.evidence for e in of_kind)
            assert all(e.spans == () for e in of_kind)
        elif kind.startswith("changed-"):
            for example in of_kind:
                assert not example.label
                assert example.pair.claim not in example.pair.evidence
                assert example.spans is not None
                ((start, end),) = example.spans
                assert 0 <= start < end <= len(example.pair.claim)


def test_an_answer_as_a_claim_is_its_questions_own_or_marked_whole(examples: list[Example]) -> None:
    own = {q.text: p.text[slice(*q.answer)]
           for p in SOURCES.paragraphs for q in p.questions if q.answer}  # fmt: skip
    claims = by_kind(examples)["answered"]
    assert {example.label for example in claims} == {True, False}
    for example in claims:
        said = example.pair.claim
        if example.label:
            assert (said, example.spans) == (own[example.pair.question], ())
            assert said in example.pair.evidence
        else:
            assert said != own.get(example.pair.question)
            assert example.spans == ((0, len(said)),)


def test_across_the_languages_the_label_is_that_of_the_questions_own_paragraph(
    examples: list[Example],
) -> None:
    across = by_kind(examples)["across"]
    assert {e.pair.evidence for e in across} == {LIGHT.text, TOWER.text}
    assert {e.label for e in across if e.pair.question == "Who built the harbour?"} == {False}
    assert {e.label for e in across if e.pair.question == "塔有多高？"} == {True}
    assert all(e.spans is None for e in across)


def test_marked_claims_are_supported_where_nothing_is_marked(examples: list[Example]) -> None:
    for example in by_kind(examples)["marked"]:
        assert (example.label, example.spans) == (False, CLAIM.spans)
        assert (example.pair.claim, example.pair.evidence) == (CLAIM.text, CLAIM.evidence[0])


def test_without_translations_and_claims_the_others_go_on() -> None:
    kinds = set(by_kind(drawn(400, 1, Sources((LIGHT, BRIDGE), ()), {})))
    assert {"answer", "near-miss", "stated", "answered"} <= kinds
    assert not kinds & {"across", "marked"}
