"""What a question speaks of: times apart from the codes that hold them."""

from __future__ import annotations

import pytest

from rag.mentions import mentions


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("How many does SB-2025-07 concern in 2024?", ["2024"]),
        ("What changed in July 2025?", ["July 2025"]),
        ("What was due on 01-07-2025?", ["2025"]),
        ("K-650去年的销量是多少？", ["去年"]),
        ("Kelvara2025年营收是多少？", ["2025年"]),
    ],
)
def test_times_are_seen_and_codes_are_none(text: str, times: list[str]) -> None:
    assert [m.text for m in mentions(text) if m.kind == "time"] == times


def test_a_place_that_the_tagger_takes_for_a_noun_is_a_name() -> None:
    assert [(m.text, m.kind) for m in mentions("合肥二期什么时候竣工？")] == [("合肥二期", "name")]
