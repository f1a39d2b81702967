"""Logistic regressions, and the ones that ship."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.checking.decide import Signals
from rag.checking.facts import compare
from rag.checking.windows import Evidence
from rag.models.logistic import Logistic, load_logistic, sigmoid

FITTED = Logistic(("a", "b"), (2.0, -1.0), 0.5)


def test_a_margin_is_the_bias_and_the_weighted_sum() -> None:
    values = {"b": 3.0, "a": 1.0, "unused": 99.0}
    assert FITTED.margin(values) == pytest.approx(-0.5)
    assert FITTED.probability(values) == pytest.approx(1 / (1 + math.exp(0.5)))
    with pytest.raises(KeyError):
        FITTED.margin({"a": 1.0})


@given(st.floats(-1e6, 1e6))
def test_the_sigmoid_never_overflows_and_mirrors(x: float) -> None:
    assert 0.0 <= sigmoid(x) <= 1.0
    assert sigmoid(x) + sigmoid(-x) == pytest.approx(1.0)


SUPPORT = {*compare("a", Evidence(["a"])).values(), "encoder", "worst_token"}
DECISION = set(Signals(0.5, 0.0, 0.0).values())


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("support", SUPPORT),
        ("support-foreign", SUPPORT),
        ("decision", DECISION),
        ("decision-unasked", DECISION - {"own"}),
    ],
)
def test_every_shipped_regression_reads_only_what_there_is(name: str, known: set[str]) -> None:
    shipped = load_logistic(name)
    assert set(shipped.features) <= known
    assert len(shipped.weights) == len(shipped.features) > 0
    assert all(map(math.isfinite, (*shipped.weights, shipped.bias)))


def test_the_file_is_read_once() -> None:
    assert load_logistic("decision") is load_logistic("decision")
