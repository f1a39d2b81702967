"""Negation of a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.statements import is_negated


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        ("It does not work.", True),
        ("It doesn’t work.", True),
        ("The pump lacks a valve.", True),
        ("It doesn't work without power.", False),
        ("Nothing of note is written in the notes.", True),
        ("The note is notable.", False),
        ("他没有来。", True),
        ("他不仅来了，还唱了歌。", False),
        ("船沉没了。", False),
        ("未来可期。", False),
        ("这非常好。", False),
        ("無法使用", True),
        ("公司从未否认。", False),
        ("中国队不敌美国队，夺得亚军。", False),
        ("三人不幸遇难。", False),
    ],
)
def test_an_odd_number_of_negations_negates(text: str, negated: bool) -> None:
    assert is_negated(text) is negated


@given(st.text(alphabet="ab 不没无en't.", max_size=30))
def test_a_further_negation_turns_a_sentence_over(text: str) -> None:
    assert is_negated(f"{text} . Never .") is not is_negated(f"{text} .")
