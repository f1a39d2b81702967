"""The evaluation against slow oracles, and with the real pipeline and models."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.metrics import agreement, answers
from eval.metrics.text import tokens

WORDS = ("the", "a", "red", "fox", "jumped", "over", "12", "dogs", "and", "ran", "Fox,", "far.")
sentences = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(sentences, st.lists(sentences, min_size=1, max_size=3))
def test_exact_match_and_f1_agree_with_torchmetrics(answer: str, accepted: list[str]) -> None:
    from torchmetrics.functional.text import squad

    target = {"answers": {"text": accepted, "answer_start": [0] * len(accepted)}, "id": "1"}
    expected = squad({"prediction_text": answer, "id": "1"}, target)
    if not any(tokens(a) for a in (answer, *accepted)):
        return  # torchmetrics scores two empty texts 0, SQuAD's own script 1
    assert answers.exact_match(answer, accepted) * 100 == pytest.approx(
        float(expected["exact_match"])
    )
    assert answers.token_f1(answer, accepted) * 100 == pytest.approx(
        float(expected["f1"]), abs=1e-3
    )


def test_calibration_error_agrees_with_torchmetrics() -> None:
    import torch
    from torchmetrics.functional.classification import binary_calibration_error

    rng = np.random.default_rng(7)
    scores = rng.random(300)
    labels = rng.random(300) < scores**2
    expected = binary_calibration_error(
        torch.tensor(scores), torch.tensor(labels.astype(int)), n_bins=10, norm="l1"
    )
    got = agreement.ece(labels, scores, np.ones((1, 300)))[0]
    assert got == pytest.approx(float(expected), abs=1e-6)
