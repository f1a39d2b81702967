"""Changing a sentence: one place is changed, it is marked, and the rest stays as it is."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.statements import is_negated
from training.perturb import Changed, changed

EN = "In 1998 the engineer Anna Keller joined Siemens and it was sold for 12 percent."
EN_PARAGRAPH = f"{EN} Later Peter Novak left Nokia in 2004."
ZH = "1998年，威廉·琼斯发现了印欧语系，他是《语言学》的作者。"
ZH_PARAGRAPH = f"{ZH}后来约翰·米勒在2004年写了《语法》。"


def drawn(sentence: str, paragraph: str, count: int = 60) -> list[Changed]:
    made = [changed(sentence, paragraph, random.Random(seed)) for seed in range(count)]
    return [one for one in made if one is not None]


@pytest.mark.parametrize(("sentence", "paragraph"), [(EN, EN_PARAGRAPH), (ZH, ZH_PARAGRAPH)])
def test_it_differs_just_where_it_is_marked(sentence: str, paragraph: str) -> None:
    made = drawn(sentence, paragraph)
    assert {one.kind for one in made} == {"number", "name"}
    for one in made:
        start, end = one.span
        before, after = one.text[:start], one.text[end:]
        assert sentence.startswith(before)
        assert sentence.endswith(after)
        replaced = sentence[start : len(sentence) - len(after)]
        assert replaced != one.text[start:end] != ""


def test_a_number_keeps_its_shape_and_is_another() -> None:
    for one in drawn("It has 1,234.5 m of pipe.", "It has 1,234.5 m of pipe."):
        said = one.text[slice(*one.span)]
        assert one.kind == "number"
        assert said != "1,234.5"
        assert [c if not c.isdigit() else "9" for c in said] == list("9,999.9")


def test_a_number_of_the_paragraph_is_taken_too() -> None:
    said = {one.text[slice(*one.span)] for one in drawn("It was 1998.", "It was 1998, then 2004.")}
    assert "2004" in said
    assert len(said) > 2


def test_a_name_changes_places_with_another_of_the_paragraph() -> None:
    paragraph = "Here Anna Keller works. Today Peter Novak does."
    for one in drawn("Here Anna Keller works.", paragraph):
        assert (one.kind, one.text) == ("name", "Here Peter Novak works.")


def test_what_has_neither_is_negated() -> None:
    (text,) = {one.text for one in drawn("The door is open.", "The door is open.")}
    assert text == "The door is not open."
    (text,) = {one.text for one in drawn("门是开着的。", "门是开着的。")}
    assert text == "门不是开着的。"


@pytest.mark.parametrize("sentence", ["Rain fell.", "嗯。", "", "The door is not open."])
def test_nothing_to_change_gives_nothing(sentence: str) -> None:
    assert drawn(sentence, sentence, 9) == []


@given(st.sampled_from([EN, ZH]), st.integers(0, 1000))
def test_one_seed_gives_one_change(sentence: str, seed: int) -> None:
    one, same = (changed(sentence, sentence, random.Random(seed)) for _ in range(2))
    assert one == same


@given(st.sampled_from(["can", "may", "must", "had", "was"]))
def test_a_negation_turns_the_sentence_over(verb: str) -> None:
    (one,) = drawn(f"Now it {verb} go.", "", 1)
    assert one.kind == "negation"
    assert is_negated(one.text)
    assert one.text[slice(*one.span)] == f"{verb} not"
