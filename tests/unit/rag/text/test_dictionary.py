"""Words of two languages that mean the same are found in both texts."""

from __future__ import annotations

import pytest

from rag.models.crossinput import shared_characters
from rag.text.dictionary import common, query_terms, translated_terms


def marked(text: str, other: str) -> list[str]:
    """The stretches of `text` that are marked as occurring in `other`."""
    shared = shared_characters(text, other)
    kept = "".join(c if mark else "\n" for c, mark in zip(text, shared, strict=True))
    return [part.strip() for part in kept.split("\n") if part.strip()]


@pytest.mark.parametrize(
    ("chinese", "english", "in_chinese", "in_english"),
    [
        ("泉州的仓库", "The warehouse in Quanzhou", ["泉州", "仓库"], ["warehouse", "Quanzhou"]),
        ("鹿特丹的酒店", "a hotel in Rotterdam", ["鹿特丹", "酒店"], ["hotel", "Rotterdam"]),
        ("首席执行官", "a chief executive", ["首席执行"], ["chief", "executive"]),
        ("自2025年7月起", "in July 2025", ["2025", "7月"], ["July", "2025"]),
        ("顾文博", "signed by Gu Wenbo", ["顾文博"], ["Gu", "Wenbo"]),
        ("发票须附原件", "The kettle is blue", [], []),
    ],
)
def test_words_are_known_across_the_languages(
    chinese: str, english: str, in_chinese: list[str], in_english: list[str]
) -> None:
    assert marked(chinese, english) == in_chinese
    assert marked(english, chinese) == in_english


def test_names_are_spelled_in_capitals_only() -> None:
    assert common("任博涵", "Ren Bohan").stems >= {"ren", "bohan"}
    assert not common("任博涵", "the ren bohan").spans


def test_within_one_language_no_dictionary_is_asked() -> None:
    assert marked("the warehouse", "a store") == []
    assert marked("仓库", "货栈") == []


def test_a_question_is_searched_for_in_the_words_of_the_other_language() -> None:
    told = query_terms("鹿特丹的仓库由顾文博负责吗？", "en")
    assert {"rotterdam", "warehous", "wenbo"} <= set(told)
    told = query_terms("Who runs the warehouse in Rotterdam?", "zh")
    assert {"仓库", "鹿特丹"} <= set(told)
    assert query_terms("Who is it?", "zh") == []


def test_terms_of_one_language_are_known_in_the_other() -> None:
    told = translated_terms("How much ammonia is held in Hefei?", "合肥工厂的氨为2.6吨。")
    assert told >= {"ammonia", "hefei"}
    assert translated_terms("合肥工厂有多少氨？", "Ammonia in Hefei") >= {"合肥", "氨"}
    assert translated_terms("氨", "氨的用量") == frozenset()
