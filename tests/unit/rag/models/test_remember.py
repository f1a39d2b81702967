"""Remembered passages are not embedded again, and come out the same."""

from __future__ import annotations

import numpy as np

from rag.models.remember import RememberingEmbedder
from tests.fakes import FakeEmbedder


def test_each_text_is_embedded_once_and_order_is_kept() -> None:
    plain, counted = FakeEmbedder(), FakeEmbedder()
    remembering = RememberingEmbedder(counted)
    remembering.embed_passages(["a b", "c"])
    vectors = remembering.embed_passages(["c", "d", "a b", "c"])
    assert counted.embedded == ["a b", "c", "d"]
    assert np.array_equal(vectors, plain.embed_passages(["c", "d", "a b", "c"]))


def test_the_least_recently_used_is_forgotten() -> None:
    counted = FakeEmbedder()
    remembering = RememberingEmbedder(counted, capacity=2)
    for text in ("a", "b", "a", "c", "a", "b"):
        remembering.embed_passages([text])
    assert counted.embedded == ["a", "b", "c", "b"]


def test_nothing_gives_an_empty_matrix() -> None:
    assert RememberingEmbedder(FakeEmbedder()).embed_passages([]).shape == (0, 64)
