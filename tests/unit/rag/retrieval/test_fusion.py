"""Fusing scores: what each rule is there for, on numbers small enough to check by hand."""

from __future__ import annotations

import numpy as np
import pytest

from rag.retrieval.fusion import (
    KEYWORD_WEIGHT,
    distinct,
    fuse,
    standardised_keywords,
    standardised_similarities,
    standardised_translations,
)
from rag.text import keyword_terms
from rag.types import FloatArray, Language


def sample(*values: float) -> FloatArray:
    return np.array(values, dtype=np.float32)


def test_keyword_scores_are_seen_against_the_other_candidates() -> None:
    languages: dict[str, Language] = {"a": "en", "b": "en", "c": "en", "d": "zh"}
    matches = standardised_keywords({"a": 6.0}, languages, "en")
    values = np.array([6.0, 0.0, 0.0, 0.0])
    assert matches["a"] == pytest.approx((6.0 - values.mean()) / values.std())
    assert matches["b"] == matches["c"] == pytest.approx(-values.mean() / values.std())
    assert matches["d"] > 1.0
    assert standardised_keywords({}, languages, "en") == dict.fromkeys(languages, 0.0)


def test_one_name_shared_across_languages_does_not_outweigh_everything() -> None:
    languages: dict[str, Language] = {"a": "en", "b": "en"}
    matches = standardised_keywords({"a": 25.0}, languages, "zh")
    assert 0 <= matches["a"] - matches["b"] < 1.0


def test_keywords_decide_between_passages_equally_near() -> None:
    similarities = {"a": 0.8, "b": 0.8}
    languages: dict[str, Language] = {"a": "en", "b": "en"}
    fused = fuse(similarities, {"b": 7.0}, languages, "en", {"en": sample(0.7, 0.8, 0.75)})
    matches = standardised_keywords({"b": 7.0}, languages, "en")
    assert fused["b"] - fused["a"] == pytest.approx(KEYWORD_WEIGHT * (matches["b"] - matches["a"]))
    assert fused["b"] > fused["a"]


def test_without_any_shared_word_the_vectors_decide_alone() -> None:
    languages: dict[str, Language] = {"a": "en", "b": "en"}
    background: dict[Language, FloatArray] = {"en": sample(0.7, 0.8, 0.75)}
    fused = fuse({"a": 0.8, "b": 0.9}, {}, languages, "en", background)
    assert fused == standardised_similarities({"a": 0.8, "b": 0.9}, languages, background)


def test_translated_words_order_the_passages_of_the_other_language_alone() -> None:
    languages: dict[str, Language] = {"zh": "zh", "a": "en", "b": "en", "c": "en"}
    known = standardised_translations({"b": 6.0, "zh": 9.0}, languages, "zh")
    values = np.array([0.0, 6.0, 0.0])
    assert known["zh"] == 0.0
    assert known["b"] == pytest.approx((6.0 - values.mean()) / values.std())
    assert known["a"] == known["c"] == pytest.approx(-values.mean() / values.std())
    assert standardised_translations({}, languages, "zh") == dict.fromkeys(languages, 0.0)
    background: dict[Language, FloatArray] = {"en": sample(0.7, 0.8, 0.75)}
    near = dict.fromkeys(("a", "b", "c"), 0.8)
    fused = fuse(near, {}, languages, "zh", background, {"b": 6.0})
    assert fused["b"] - fused["a"] == pytest.approx(KEYWORD_WEIGHT * (known["b"] - known["a"]))


def test_a_language_far_from_the_question_is_seen_against_itself() -> None:
    """English passages all lie 0.1 further from a Chinese question; the answer is among them."""
    spread = np.linspace(-0.03, 0.03, 40, dtype=np.float32)
    background: dict[Language, FloatArray] = {"zh": 0.8 + spread, "en": 0.7 + spread}
    similarities = {"zh unrelated": 0.83, "en answer": 0.77, "en unrelated": 0.72}
    languages: dict[str, Language] = {key: "zh" if "zh" in key else "en" for key in similarities}
    fused = fuse(similarities, {"zh unrelated": 2.0}, languages, "zh", background)
    assert max(fused, key=lambda key: fused[key]) == "en answer"


def test_a_lone_passage_of_a_language_is_not_its_own_measure() -> None:
    spread = np.linspace(-0.03, 0.03, 40, dtype=np.float32)
    background: dict[Language, FloatArray] = {"zh": 0.7 + spread, "en": sample(0.79)}
    languages: dict[str, Language] = {"lone": "en", "usual": "zh"}
    near = standardised_similarities({"lone": 0.79, "usual": 0.7}, languages, background)
    assert near["lone"] > near["usual"] + 1.0


def test_no_background_means_no_similarity_counts() -> None:
    languages: dict[str, Language] = {"a": "en"}
    assert standardised_similarities({"a": 0.9}, languages, {}) == {"a": 0.0}
    assert fuse({}, {}, {}, "en", {}) == {}


def test_distinct_leaves_out_repeats_and_keeps_versions() -> None:
    original = keyword_terms("the travel limit is 400 euro a night for all staff in europe")
    cut = original[:9]
    other_number = [term.replace("400", "450") for term in original]
    other_order = original[::-1]
    assert distinct([original, list(original), cut, other_number, other_order], 9) == [0, 3, 4]
    assert distinct([cut, original], 2) == [0, 1]
    assert distinct([["a"], ["a"], ["b"], ["c"]], 2) == [0, 2]
