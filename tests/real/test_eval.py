"""The evaluation against slow oracles, and with the real pipeline and models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.experiment import RunOptions, run
from eval.metrics import agreement, answers
from eval.metrics.text import tokens
from rag.config import Settings

WORDS = ("the", "a", "red", "fox", "jumped", "over", "12", "dogs", "and", "ran", "Fox,", "far.")
sentences = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(sentences, st.lists(sentences, min_size=1, max_size=3))
def test_exact_match_and_f1_agree_with_torchmetrics(answer: str, accepted: list[str]) -> None:
    from torchmetrics.functional.text import squad

    target: Any = {"answers": {"text": accepted, "answer_start": [0] * len(accepted)}, "id": "1"}
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


SHELF = {
    "fees.md": "# Fees\n\nThe basic plan of Aurora costs 12 EUR a month. The deposit is 50 EUR.\n",
    "opening.md": "# Opening hours\n\nThe shop in Kiel is open from Tuesday to Saturday.\n",
}
QUESTIONS: list[dict[str, Any]] = [
    {
        "id": "fee",
        "question": "What does the basic plan of Aurora cost a month?",
        "answers": ["12 EUR"],
        "evidence": [
            {"document": "fees.md", "quote": "The basic plan of Aurora costs 12 EUR a month."}
        ],
    },
    {"id": "chair", "question": "Who chaired the board of Borealis in 1987?", "answerable": False},
]


def test_the_pipeline_against_closed_book_and_keywords(
    real_settings: Settings, tmp_path: Path
) -> None:
    """A whole run with real models: collection made, arms paired, quotes proved, report written."""
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    for name, text in SHELF.items():
        (shelf / name).write_text(text)
    data = tmp_path / "q.jsonl"
    data.write_text("\n".join(json.dumps(q) for q in QUESTIONS))
    options = RunOptions(
        data=(data,), documents=(shelf,), out=tmp_path / "run", ablate=("closed-book", "keywords")
    )
    results = run(options, real_settings, lambda *_: None)
    base, closed, keywords = results["arms"]
    assert base["metrics"]["hit@1"]["value"] == 1.0
    assert keywords["metrics"]["hit@1"]["value"] == 1.0
    assert "hit@1" not in closed["metrics"]
    quoted = [c for i in base["items"] for s in i["prediction"]["claims"] for c in s["citations"]]
    assert all(c["exact"] for c in quoted)
    assert base["metrics"]["failed"]["value"] == 0.0
    assert base["metrics"]["tokens_out"]["value"] > 0
    assert results["comparisons"]["closed-book"]["correct"]["n"] == 2
    assert results["judge"]["name"] == "plumbline"
    page = (tmp_path / "run" / "report.html").read_text()
    assert "How much does grounding reduce hallucination?" in page


def test_passages_given_need_no_collection(real_settings: Settings, tmp_path: Path) -> None:
    data = tmp_path / "q.jsonl"
    passages = list(SHELF.values())
    row = {**QUESTIONS[0], "evidence": [], "passages": passages}
    data.write_text(json.dumps(row))
    settings = real_settings.model_copy(update={"collection": "none-such"})
    results = run(RunOptions(data=(data,), out=tmp_path / "run"), settings, lambda *_: None)
    [item] = results["arms"][0]["items"]
    assert item["prediction"]["error"] == ""
    assert item["prediction"]["hits"]
