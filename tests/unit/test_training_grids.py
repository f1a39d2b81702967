"""Made-up tables: a question is answered by its own cell, a sentence supported by its own row."""

from __future__ import annotations

import random
import re
from itertools import islice

from rag.text import detect_language
from training.facts import Case
from training.grids import Grids
from training.switch import switched


def drawn(seed: int, count: int) -> list[Case]:
    grids = Grids(random.Random(seed))
    return list(islice(iter(grids.draw, None), count))


def test_the_cases_are_a_function_of_the_seed() -> None:
    assert drawn(1, 40) == drawn(1, 40) != drawn(2, 40)


def test_both_labels_both_tasks_and_the_crossing_occur() -> None:
    cases = drawn(3, 600)
    assert 0.35 < sum(case.label for case in cases) / len(cases) < 0.65
    claims = [case for case in cases if case.pair.claim]
    assert 0.2 < len(claims) / len(cases) < 0.5
    crossing = [
        detect_language(c.pair.claim or c.pair.question) != detect_language(c.pair.evidence)
        for c in cases
    ]
    assert 0.2 < sum(crossing) / len(cases) < 0.8


def test_what_is_marked_stands_in_the_text() -> None:
    for case in drawn(5, 400):
        for start, end in case.spans or ():
            text = case.pair.claim or case.pair.evidence
            assert text[start:end].strip() == text[start:end] != ""


def test_the_figure_of_a_true_claim_alone_stands_beside_its_year() -> None:
    """In one row told as "Segment Valves: 2019 6,540, 2020 7,002"."""
    seen = {True: 0, False: 0}
    for case in drawn(7, 6000):
        said = re.search(r"(20\d\d), the revenue of .* was ([\d.,]+)\.$", case.pair.claim)
        row = case.pair.evidence
        if (
            said
            and re.search("Revenue|Sales|收入|销售额", row)
            and len(re.findall(r": 20\d\d ", row)) == 1
        ):
            beside = re.search(rf"{said.group(1)} (?:年 )?{re.escape(said.group(2))}", row)
            assert bool(beside) == case.label
            seen[case.label] += 1
    assert min(seen.values()) > 5


def test_a_question_is_put_into_the_other_language() -> None:
    rng = random.Random(1)
    asked = switched("泉州的仓库在2009年由谁扩建?", rng)
    assert asked is not None
    assert "2009" in asked
    assert "Quanzhou" in asked
    assert detect_language(asked) == "en"
    said = switched("Who repaired the water pump in the factory?", rng)
    assert said is not None
    assert detect_language(said) == "zh"
    assert said.startswith("谁")


def test_what_the_dictionary_does_not_know_stays_in_its_language() -> None:
    assert switched("Zyx qwv bnm?", random.Random(1)) is None
