"""Rarity of words: against the formula worked out by hand."""

from __future__ import annotations

import math

import pytest

from rag.text.rarity import Rarity, content_terms

TEXTS = ["the pump leaks", "the pump runs", "the valve leaks"]


def test_weight_is_robertsons() -> None:
    rarity = Rarity.of(TEXTS)
    assert rarity.weight("pump") == pytest.approx(math.log(1 + 1.5 / 2.5))
    assert rarity.weight("nowhere") == pytest.approx(math.log(1 + 3.5 / 0.5))


def test_coverage_is_the_share_of_weight() -> None:
    rarity = Rarity.of(TEXTS)
    assert rarity.coverage({"pump", "valve"}, {"pump", "valve"}) == pytest.approx(1.0)
    assert rarity.coverage({"pump", "valve"}, {"valve"}) > 0.5
    assert rarity.coverage(set(), {"valve"}) == 0.0


def test_function_words_are_no_content() -> None:
    assert content_terms("What is the weight of it?") == ["weight"]
    assert "的" not in content_terms("水泵的重量是多少？")
    assert "水泵" in content_terms("水泵的重量是多少？")
