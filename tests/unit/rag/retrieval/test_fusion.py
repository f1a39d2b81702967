"""Merging orders by reciprocal rank, and leaving out near copies."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.retrieval.fusion import distinct, reciprocal_ranks
from rag.text import keyword_terms


def test_two_orders_are_merged_as_worked_out_by_hand() -> None:
    """With k = 60: a is first and third, b second and first, c third and in no other, d second."""
    merged = reciprocal_ranks([["a", "b", "c"], ["b", "d", "a"]], 60)
    assert merged == {
        "b": pytest.approx(0.0325224749),  # 1/62 + 1/61
        "a": pytest.approx(0.0322664585),  # 1/61 + 1/63
        "d": pytest.approx(0.0161290323),  # 1/62
        "c": pytest.approx(0.0158730159),  # 1/63
    }
    assert list(merged) == ["b", "a", "d", "c"]


def test_a_small_constant_makes_the_first_place_count_for_more() -> None:
    """With k = 0 one first place (1) beats two third ones (2/3), with k = 60 it does not."""
    orders = [["a", "x", "b"], ["y", "z", "b"]]
    assert [next(iter(reciprocal_ranks(orders, k))) for k in (0, 60)] == ["a", "b"]


def test_equal_sums_keep_the_order_in_which_they_were_met() -> None:
    assert list(reciprocal_ranks([["a", "b"], ["b", "a"]], 5)) == ["a", "b"]
    assert list(reciprocal_ranks([["b", "a"], ["a", "b"]], 5)) == ["b", "a"]


ORDERS = st.lists(st.lists(st.sampled_from("abcdef"), unique=True), max_size=4)


@given(ORDERS, st.integers(0, 100))
def test_the_sums_are_those_of_exact_fractions(orders: Sequence[Sequence[str]], k: int) -> None:
    merged = reciprocal_ranks(orders, k)
    exact = {
        key: sum(Fraction(1, k + order.index(key) + 1) for order in orders if key in order)
        for key in {key for order in orders for key in order}
    }
    assert merged == pytest.approx({key: float(total) for key, total in exact.items()})
    assert list(merged.values()) == sorted(merged.values(), reverse=True)


def test_distinct_leaves_out_repeats_and_keeps_versions() -> None:
    original = keyword_terms("the travel limit is 400 euro a night for all staff in europe")
    cut = original[:9]
    other_number = [term.replace("400", "450") for term in original]
    other_order = original[::-1]
    assert distinct([original, list(original), cut, other_number, other_order], 9) == [0, 3, 4]
    assert distinct([cut, original], 2) == [0, 1]
    assert distinct([["a"], ["a"], ["b"], ["c"]], 2) == [0, 2]
