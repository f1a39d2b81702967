"""Which range of a tariff a number lies in, in two languages."""

from __future__ import annotations

import math

import pytest

from rag.check import check_claims, judge_claims
from rag.evidence.choose import Passage
from rag.ranges import Range, in_another_band, in_range, ranges, within
from rag.text.tables import rows
from rag.evidence.sentences import score_units, split_units
from tests.builders import OverlapScorer, hit
from tests.fakes import FakeEmbedder


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Call-out, zone 2 (51 to 150 km)", Range(51, 150, "km")),
        ("51-150 km", Range(51, 150, "km")),
        ("51 公里至 150 公里", Range(51, 150, "km")),
        ("1,000 to 2,500 kg", Range(1000, 2500, "kg")),
        ("zone 1 (up to 50 km)", Range(-math.inf, 50, "km")),
        ("50 公里以内", Range(-math.inf, 50, "km")),
        ("不超过 50 公里", Range(-math.inf, 50, "km")),
        ("Beyond 300 km", Range(300, math.inf, "km")),
        ("300 公里以上", Range(300, math.inf, "km")),
        ("at least 14 days", Range(14, math.inf, "days")),
    ],
)
def test_ranges_are_read(text: str, expected: Range) -> None:
    assert ranges(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "2024 to 2026",
        "Part KV-20418",
        "08:00 to 17:30",
        "page 3 to 5",
        "5 and 10 km",
        "",
        "E11 自固件 3.4.1 起提供。",
        "from release 2.10.3 or more days",
        "1.2.3 公里以内",
    ],
)
def test_what_has_no_unit_is_no_range(text: str) -> None:
    assert ranges(text) == []


@pytest.mark.parametrize(
    ("said", "label", "expected"),
    [
        ("a customer 100 km from Leeds", "51 to 150 km", True),
        ("a customer 100 km from Leeds", "up to 50 km", False),
        ("距离 100 公里的客户", "up to 50 km", False),
        ("距离 100 公里的客户", "51 至 150 公里", True),
        ("a customer in Leeds", "51 to 150 km", None),
        ("a parcel of 100 kg", "51 to 150 km", None),
        ("100 km", "Flat rate", None),
    ],
)
def test_a_number_lies_in_a_range_of_its_unit(said: str, label: str, expected: bool | None) -> None:
    assert in_range(said, label) is expected


@pytest.mark.parametrize(
    ("said", "found"),
    [("for 100 km and 8 kg", [100.0]), ("for 200 km", []), ("for 100 hours", []), ("", [])],
)
def test_numbers_within_a_range_of_a_text(said: str, found: list[float]) -> None:
    assert [q.value for q in within(said, "Zone 2 (51 to 150 km): EUR 145")] == found


TARIFF = (
    "| Item | Charge |\n|---|---|\n| Labour | EUR 96 |\n| Zone 1 (up to 50 km) | EUR 75 |\n"
    "| Zone 2 (51 to 150 km) | EUR 145 |"
)
ASKED = "What is the charge for a customer 100 km from Leeds?"


def test_rows_for_other_ranges_are_told_apart() -> None:
    table = rows(TARIFF)
    other = [row.cells[0] for row in table if in_another_band(ASKED, row, table)]
    assert other == ["Zone 1 (up to 50 km)"]
    assert not any(in_another_band("What is the charge?", row, table) for row in table)
    assert not any(in_another_band("What at 900 km?", row, table) for row in table)


def test_a_row_for_another_range_is_never_chosen() -> None:
    embedder = FakeEmbedder()
    hits = [hit(TARIFF, "tariff.md")]
    units = score_units(ASKED, hits, split_units(ASKED, hits, embedder), embedder)
    never = [unit.text for unit in units if not math.isfinite(unit.score)]
    assert never == ["| Zone 1 (up to 50 km) | EUR 75 |"]


@pytest.mark.parametrize(("figure", "verdict"), [("145", "supported"), ("75", "unsupported")])
def test_a_claim_from_the_row_for_another_range_is_not_supported(figure: str, verdict: str) -> None:
    tariff = hit(TARIFF, "tariff.md")
    passage = Passage(tariff, ((0, len(TARIFF)),), 0)
    said = f"The charge for zone {1 if figure == '75' else 2} is EUR {figure}."
    found = check_claims(ASKED, said, [passage], FakeEmbedder())
    (claim,) = judge_claims(ASKED, found, [passage.evidence], OverlapScorer())
    assert claim.verdict == verdict
