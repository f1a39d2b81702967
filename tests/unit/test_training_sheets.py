"""Made-up sheets: a question is answered by its own row only."""

from __future__ import annotations

import random
from itertools import islice

from rag.text import detect_language
from training.facts import Case
from training.sheet_lists import ATTRIBUTES, TOPICS
from training.sheets import Sheets


def drawn(seed: int, count: int) -> list[Case]:
    sheets = Sheets(random.Random(seed))
    return list(islice(iter(sheets.draw, None), count))


def test_the_cases_are_a_function_of_the_seed() -> None:
    assert drawn(1, 40) == drawn(1, 40) != drawn(2, 40)


def test_both_labels_both_languages_and_their_crossing_occur() -> None:
    cases = drawn(3, 600)
    assert 0.4 < sum(case.label for case in cases) / len(cases) < 0.7
    crossing = [detect_language(c.pair.question) != detect_language(c.pair.evidence) for c in cases]
    assert 0.2 < sum(crossing) / len(cases) < 0.8


def test_another_item_or_year_does_not_answer() -> None:
    for case in drawn(5, 600):
        if case.kind == "sheet+" and detect_language(case.pair.question) == "en":
            years = {w for w in case.pair.question.replace("?", "").split() if w.isdigit()}
            assert all(year in case.pair.evidence for year in years if len(year) == 4)


def test_every_attribute_is_known_by_name() -> None:
    assert all(set(topic.attributes) <= set(ATTRIBUTES) for topic in TOPICS)
    assert len({name for name, _ in ATTRIBUTES}) == len(ATTRIBUTES)
