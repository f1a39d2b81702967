"""The cross-encoder as a reranker: what is read once, and where it is missing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from rag.config import Settings
from rag.models import reader as module
from rag.models.crossinput import Pair, Scores
from rag.models.reader import BASE, AnswerReader, open_pairs
from rag.seams import Reranker


class Counting:
    """An encoder whose answer is the length of the evidence, and twice that over its tokens."""

    def __init__(self) -> None:
        self.seen: list[Pair] = []

    def score(self, pairs: Sequence[Pair]) -> Scores:
        self.seen += pairs
        lengths = np.array([float(len(pair.evidence)) for pair in pairs])
        return Scores(-lengths, lengths, -lengths, 2 * lengths)


def test_a_score_is_the_mean_of_the_two_answer_logits_without_a_claim() -> None:
    encoder = Counting()
    reader: Reranker = AnswerReader(encoder)
    scores = reader.scores("q", ["a", "bb"])
    assert scores.tolist() == [1.5, 3.0]
    assert scores.dtype == np.float32
    assert encoder.seen == [Pair("q", "", "a"), Pair("q", "", "bb")]
    assert reader.scores("q", []).shape == (0,)


def test_a_pair_is_read_once_while_it_is_remembered() -> None:
    encoder = Counting()
    reader = AnswerReader(encoder, capacity=2)
    assert reader.scores("q", ["a", "bb", "a"]).tolist() == [1.5, 3.0, 1.5]
    assert len(encoder.seen) == 2
    reader.scores("q", ["bb", "a"])
    assert len(encoder.seen) == 2
    reader.scores("other", ["a"])
    reader.scores("q", ["a"])
    assert [pair.question for pair in encoder.seen[2:]] == ["other", "q"]


def test_more_texts_than_are_remembered_are_all_scored() -> None:
    reader = AnswerReader(Counting(), capacity=2)
    texts = ["a" * n for n in range(1, 9)]
    assert reader.scores("q", texts).tolist() == [1.5 * len(text) for text in texts]


def test_without_the_base_or_the_adapter_there_is_none(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert open_pairs(settings) is None
    folder = settings.models_dir / BASE
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(b"")
    monkeypatch.setattr(module, "ADAPTER", tmp_path / "none.safetensors")
    assert open_pairs(settings) is None
