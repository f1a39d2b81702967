"""External scorers: what is missing is said, and outputs become probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rag.errors import ModelError
from rag.models.scorers import LettuceScorer, PairwiseScorer, load_external, support_of


def test_a_package_that_is_missing_is_named() -> None:
    with pytest.raises(ModelError, match="pip install minicheck"):
        load_external("minicheck")


def test_a_folder_that_is_not_there_names_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelError, match=r"checking\.scorer"):
        load_external("/nowhere/at/all")


def test_cross_encoder_outputs_become_probabilities() -> None:
    assert support_of(np.array([0.2, 0.9]), None) == [0.2, 0.9]
    assert support_of(np.array([[0.2], [0.9]]), None) == [0.2, 0.9]
    low, high = support_of(np.array([-3.0, 4.0]), None)
    assert (low, high) == pytest.approx((0.04742587, 0.98201379))


def test_of_several_classes_the_entailed_one_counts_else_the_last() -> None:
    raw = np.log(np.array([[0.2, 0.7, 0.1], [0.5, 0.25, 0.25]]))
    assert support_of(raw, 1) == pytest.approx([0.7, 0.25])
    assert support_of(raw, None) == pytest.approx([0.1, 0.25])


def test_pairs_are_evidence_joined_and_claim_and_scores_are_kept_in_bounds() -> None:
    seen: list[tuple[str, str]] = []

    def predict(pairs: list[tuple[str, str]]) -> list[float]:
        seen.extend(pairs)
        return [1.5, -0.5]

    scorer = PairwiseScorer("m", predict)
    assert scorer.score("q", ["a", "b"], ["one", "two"]) == [1.0, 0.0]
    assert seen == [("one\ntwo", "a"), ("one\ntwo", "b")]
    assert scorer.score("q", [], ["one"]) == []


class Detector:
    """Marks the word "wrong", twice."""

    def predict(self, *, answer: str, **_: Any) -> list[dict[str, float]]:
        return [{"confidence": c} for c in (0.4, 0.9)] if "wrong" in answer else []


def test_the_surest_span_called_unsupported_speaks_against_a_claim() -> None:
    scores = LettuceScorer(Detector()).score("q", ["right", "wrong"], ["text"])
    assert scores == pytest.approx([1.0, 0.1])
