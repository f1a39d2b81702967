"""Made-up records: what is asked for is told, and in the near misses only its neighbours are."""

from __future__ import annotations

import random
import re
from itertools import islice

from rag.text import detect_language
from training.facts import Case
from training.grid_lists import VALUES
from training.grids import Grids
from training.records import Records
from training.values import draw, near_post


def drawn(seed: int, count: int) -> list[Case]:
    records = Records(random.Random(seed))
    return list(islice(iter(records.draw, None), count))


def test_the_cases_are_a_function_of_the_seed() -> None:
    assert drawn(1, 40) == drawn(1, 40) != drawn(2, 40)


def test_both_labels_both_tasks_and_the_crossing_occur() -> None:
    cases = drawn(3, 600)
    assert 0.4 < sum(case.label for case in cases) / len(cases) < 0.6
    assert 0.3 < sum(bool(case.pair.claim) for case in cases) / len(cases) < 0.6
    crossing = [
        detect_language(c.pair.claim or c.pair.question) != detect_language(c.pair.evidence)
        for c in cases
    ]
    assert 0.25 < sum(crossing) / len(cases) < 0.7


def test_what_is_marked_stands_in_the_text() -> None:
    for case in drawn(5, 600):
        for start, end in case.spans or ():
            text = case.pair.claim or case.pair.evidence
            assert text[start:end].strip() == text[start:end] != ""


def test_a_number_lies_in_the_range_of_the_row_that_answers() -> None:
    seen = 0
    for case in drawn(7, 6000):
        asked = re.search(r"order of (\d+) pieces", case.pair.question)
        if case.kind not in ("band+", "band-") or asked is None:
            continue
        text = case.pair.evidence
        ranges = re.findall(r"(\d+) (?:to|至) (\d+) (?:pieces|件)", text)
        first = re.search(r"up to (\d+) pieces|(\d+) 件以下", text)
        if first:
            ranges.append(("0", first[1] or first[2]))
        inside = any(int(a) <= int(asked[1]) <= int(b) for a, b in ranges)
        assert inside == case.label, case
        seen += 1
    assert seen > 10


def test_another_edition_is_asked_for_by_its_year() -> None:
    editions = [case for case in drawn(9, 3000) if case.kind == "record-edition"]
    assert len(editions) > 50
    for case in editions:
        if re.search("2023|2024", case.pair.question):  # asks for what was done by then
            continue
        told = set(re.findall(r"20\d\d", case.pair.evidence.split(": ")[0]))
        assert told
        assert not told & set(re.findall(r"20\d\d", case.pair.question))


def test_no_value_of_the_relation_asked_for_is_told_in_a_near_miss() -> None:
    """A plant that was put off "from June to May" tells when it was planned for."""
    seen = 0
    for case in drawn(11, 20000):
        if case.kind == "record-" and "first planned" in case.pair.question:
            seen += 1
            assert " instead of " not in case.pair.evidence
            assert "put off from" not in case.pair.evidence
            assert "由原定的" not in case.pair.evidence
    assert seen > 3


def test_a_near_post_is_another_post() -> None:
    rng = random.Random(1)
    for _ in range(200):
        post = draw("post", rng)
        near = near_post(post, rng)
        assert near[0] not in post[0]
        assert near[1] != post[1]
    assert near_post(VALUES["officer"][0], rng) != VALUES["officer"][0]


def test_nobody_in_the_table_holds_the_near_post() -> None:
    grids = Grids(random.Random(3))
    seen = 0
    for case in islice(iter(grids.draw, None), 6000):
        asked = re.fullmatch(r"Who is the (.*?)(?: now)?\?", case.pair.question)
        if case.kind == "grid-near" and asked and detect_language(case.pair.evidence) == "en":
            assert asked[1] not in case.pair.evidence
            seen += 1
    assert seen > 2
