"""Typed comparisons of a claim with its evidence: words, numbers, negation."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.checking.facts import Facts, compare, missing_numbers
from rag.checking.windows import Evidence
from rag.config import CheckingSettings


@settings(max_examples=60)
@given(st.text(max_size=60))
def test_any_text_can_be_compared(text: str) -> None:
    features = compare(text, Evidence([text]))
    assert 0.0 <= features.window <= 1.0
    assert features.numbers == 0.0


def test_a_claim_from_the_evidence_is_covered_and_a_foreign_one_is_not() -> None:
    evidence = Evidence(["The museum opened in 1998. It has 40 rooms."])
    own = compare("The museum opened in 1998.", evidence)
    other = compare("Penguins swim in cold water.", evidence)
    assert own.window == pytest.approx(1.0)
    assert other.window == 0.0


def test_a_wrong_year_and_a_negation_show() -> None:
    evidence = Evidence(["公司成立于2010年，创始人是陈思远。总部不在上海。"])
    assert compare("公司成立于2011年。", evidence).numbers == 1.0
    assert compare("公司成立于2010年。", evidence).numbers == 0.0
    negated = Evidence(["The warranty does not cover batteries."])
    assert compare("The warranty covers batteries.", negated).negation > 0.5
    assert compare("Batteries are not covered by the warranty.", negated).negation == 0.0


def test_a_number_in_another_scale_than_the_tables_is_lacking() -> None:
    table = Evidence(["| 百万元 | 2025 |\n| --- | --- |\n| 营业收入 | 903.7 |"])
    assert compare("营业收入为 9.037 亿元。", table).numbers == 0.0
    assert compare("营业收入为 903.7 亿元。", table).numbers == 1.0


def test_traditional_and_simplified_are_one() -> None:
    assert compare(
        "威廉發現了印歐語系", Evidence(["威廉发现了印欧语系。"])
    ).window == pytest.approx(1)


def test_other_language_is_noticed() -> None:
    chinese = Evidence(["公司成立于1998年。"])
    assert compare("The company was founded in 1998.", chinese).foreign == 1.0
    assert compare("公司成立于1998年。", chinese).foreign == 0.0


def test_a_negation_in_another_clause_is_not_the_claims() -> None:
    evidence = Evidence(["Claims are filed within 30 days, those after 60 days are not accepted."])
    assert compare("Claims are filed within 30 days.", evidence).negation == 0.0
    assert compare("Claims are not filed within 30 days.", evidence).negation > 0.0
    whole = "Claims are filed within 30 days, those after 60 days are accepted."
    assert compare(whole, evidence).negation > 0.0


def test_what_is_missing_is_named() -> None:
    held = Evidence(["The fee of 90 euros goes to Anna Weber since May 2020."])
    claim = "The fee of 60 euros goes to Karl Braun since May 2021."
    assert missing_numbers(claim, held) == ["60 euros", "2021"]
    assert missing_numbers("The fee is 90 euros.", held) == []


def test_the_best_window_may_lack_a_number_that_stands_elsewhere() -> None:
    filler = " ".join(f"Nothing of note happened on the long voyage {w}." for w in "abcdefghij")
    held = Evidence([f"The red pump was sold. {filler} It cost 90 euros."])
    facts = compare("The red pump was sold for 90 euros.", held)
    assert (facts.numbers, facts.numbers_window) == (0.0, 1.0)


def test_nothing_compares_as_nothing_found() -> None:
    nothing = compare("", Evidence([]))
    assert not any(nothing.values().values())
    claim = compare("The fee is 90 euros.", Evidence([]))
    assert (claim.window, claim.numbers) == (0.0, 1.0)


WRONG = Facts(0.5, 1.0, 1.0, 1.0, 0.0)


@pytest.mark.parametrize(
    ("off", "cleared"),
    [
        ("numbers", {"numbers", "numbers_window"}),
        ("negation", {"negation"}),
    ],
)
def test_what_is_switched_off_is_taken_to_be_in_order(off: str, cleared: set[str]) -> None:
    values = WRONG.switched(CheckingSettings.model_validate({off: False})).values()
    assert {name for name, value in WRONG.values().items() if values[name] != value} == cleared
    assert all(values[name] == 0.0 for name in cleared)
    assert WRONG.switched(CheckingSettings()) == WRONG


def test_a_number_that_the_question_lays_down_need_not_stand_in_the_evidence() -> None:
    held = Evidence(["The hotel limit is 140 dollars."])
    claim = "In 2026 the hotel limit is 140 dollars."
    assert compare(claim, held).numbers == 0.5
    assert compare(claim, held, "What is the hotel limit in 2026?").numbers == 0.0
    assert missing_numbers(claim, held, "What is the limit in 2026?") == []
    assert missing_numbers("It is 150 dollars.", held, "And in 2026?") == ["150 dollars"]
