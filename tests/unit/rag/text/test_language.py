"""The language of a text, and one spelling for its characters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text import detect_language, fold_width, simplify
from rag.text.language import is_syllabic


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Who signs the contract?", "en"),
        ("合同由谁签署？", "zh"),
        ("合同 ZX-200 由谁签署？", "zh"),
        ("apt-get 命令怎么用", "zh"),
        ("The firm 华泰 makes pumps in several cities.", "en"),
        ("12.5 %", "en"),
        ("", "en"),
    ],
)
def test_a_fifth_of_han_among_the_letters_makes_chinese(text: str, language: str) -> None:
    assert detect_language(text) == language


@pytest.mark.parametrize(
    ("text", "syllabic"),
    [
        ("年次有給休暇は何日ですか？", True),
        ("연차 휴가는 며칠입니까?", True),
        ("年假有多少天？", False),
        ("公司生产名为ペン的一种笔，并且长期在全国各地的门店以及网上销售", False),
        ("How long is annual leave?", False),
        ("", False),
    ],
)
def test_kana_and_hangul_tell_japanese_and_korean_from_chinese(text: str, syllabic: bool) -> None:
    assert is_syllabic(text) is syllabic
    if syllabic:
        assert detect_language(text) == "en"


def test_wide_forms_and_ligatures_are_folded() -> None:
    assert fold_width("ＡＢＣ　１２３ ﬁle") == "abc 123 file"


@given(st.text(alphabet="臺灣漢語ab1。 報銷", max_size=20))
def test_simplifying_keeps_every_offset(text: str) -> None:
    assert len(simplify(text)) == len(text)
    assert simplify(simplify(text)) == simplify(text)
