"""Training pairs: what is changed is marked, and what is kept stays true."""

from __future__ import annotations

import random
from itertools import islice

import pytest

from training.claims import ClaimMaker, declare
from training.entities import find_entities
from training.facts import Facts
from training.pairs import PairMaker
from training.perturb import (
    FALSIFYING,
    add_claim,
    change_name,
    change_number,
    falsify,
    keep_meaning,
    negate,
    oppose,
    swap_names,
)
from training.sources import Paragraph, Question, Sources

POOL = {
    "name": ("Zurich", "Nokia"),
    "person": ("王建华",),
    "place": ("上海",),
    "clause": ("other things happened elsewhere",),
}
EN = "In 1998, Anna Keller joined Siemens in Berlin, and sales increased by 12 percent."
ZH = "1998年,公司在北京成立,员工人数增加到300人。"


@pytest.mark.parametrize("sentence", [EN, ZH])
@pytest.mark.parametrize("seed", range(12))
def test_a_falsified_sentence_differs_just_where_it_is_marked(sentence: str, seed: int) -> None:
    changed = falsify(sentence, POOL, random.Random(seed))
    assert changed is not None
    assert changed.text != sentence
    assert changed.spans
    for start, end in changed.spans:
        assert 0 <= start < end <= len(changed.text)
    first = changed.spans[0][0]
    if changed.kind != "added":
        assert changed.text[:first] == sentence[:first]


def test_each_change_does_what_it_says() -> None:
    rng = random.Random(1)
    number = change_number("It has 40 rooms.", {}, rng)
    assert number is not None
    assert "40" not in number.text
    name = change_name("She lives in Berlin.", POOL, rng)
    assert name is not None
    assert name.text in ("She lives in Zurich.", "She lives in Nokia.")
    swapped = swap_names("Then Anna Keller called Peter Novak.", {}, rng)
    assert swapped is not None
    assert swapped.text == "Then Peter Novak called Anna Keller."
    negated = negate("The door is open.", {}, rng)
    assert negated is not None
    assert negated.text in ("The door is not open.", "The door is never open.")
    affirmed = negate("他没有来。", {}, random.Random(3))
    assert affirmed is None or "没有来" not in affirmed.text
    opposed = oppose("销量增加了。", {}, rng)
    assert opposed is not None
    assert opposed.text == "销量减少了。"
    added = add_claim("It rains.", {}, rng)
    assert added is not None
    assert added.text.startswith("It rains")


def test_nothing_to_change_gives_nothing() -> None:
    assert all(change("嗯", {}, random.Random(0)) is None for change in FALSIFYING[:7])


@pytest.mark.parametrize("seed", range(20))
def test_keeping_the_meaning_never_cuts_a_number(seed: int) -> None:
    kept = keep_meaning("面积由2,550平方公里增加到3,300平方公里(约30%)。", random.Random(seed))
    assert "3,300平方公里" in kept or "3300平方公里" in kept


def test_entities_carry_their_types() -> None:
    types = {(e.text, e.type) for e in find_entities("In May 2019, Anna Keller sold 40 maps.")}
    assert {("2019", "year"), ("40", "number"), ("Anna Keller", "name")} <= types
    assert ("威廉·琼斯", "person") in {(e.text, e.type) for e in find_entities("来的是威廉·琼斯。")}


@pytest.mark.parametrize(
    ("question", "answer", "statement"),
    [
        ("谁发现了印欧语系?", "琼斯", "琼斯发现了印欧语系。"),
        ("公司是哪一年成立的?", "1998年", "公司是1998年成立的。"),
        ("今天天气好吗?", "好", None),
    ],
)
def test_a_question_becomes_a_statement(question: str, answer: str, statement: str | None) -> None:
    assert declare(question, answer) == statement


def test_made_up_facts_are_true_only_when_labelled_so() -> None:
    facts = Facts(random.Random(5))
    cases = [facts.draw() for _ in range(400)]
    assert 0.35 < sum(case.label for case in cases) / len(cases) < 0.65
    for case in cases:
        if case.label and not case.pair.claim and case.spans:
            start, end = case.spans[0]
            assert case.pair.evidence[start:end]
        if case.pair.claim and not case.pair.question:
            assert (case.pair.claim in case.pair.evidence) <= case.label


def sources() -> Sources:
    sentences = (
        "琼斯在1786年发现了印欧语系。",
        "他出生于伦敦,后来在加尔各答工作多年。",
        "协会于1784年成立,共有30名会员。",
        "王建华是北京大学的教授,研究古代历史。",
    )
    questions = (
        Question("谁发现了印欧语系?", "琼斯", 0),
        Question("协会是哪一年成立的?", "1784年", 2),
    )
    page = ("Anna Keller founded the firm in Berlin in 1998.", "It now employs 300 people there.")
    return Sources(
        (
            Paragraph("drcd", "a", "zh", sentences, questions),
            Paragraph("drcd", "a", "zh", sentences[::-1], ()),
            Paragraph("policyqa", "p", "en", page, (Question("Who?", "Anna Keller", 0, "x"),)),
            Paragraph("policyqa", "p", "en", page, ()),
            Paragraph("pubmedqa", "m", "en", page),
            Paragraph("wice", "w", "en", page),
        ),
        (),
        (),
    )


def test_the_stream_is_a_function_of_the_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    for maker in ("marked", "study"):
        monkeypatch.setattr(ClaimMaker, maker, lambda self: None)
    first = list(islice(PairMaker(sources(), 3).stream(), 120))
    assert first == list(islice(PairMaker(sources(), 3).stream(), 120))
    assert first != list(islice(PairMaker(sources(), 4).stream(), 120))
    assert {e.label for e in first if e.pair.claim} == {True, False}
    assert {e.label for e in first if not e.pair.claim} == {True, False}
    for example in first:
        text = example.pair.claim or example.pair.evidence
        assert all(0 <= a < b <= len(text) for a, b in example.spans or ())
