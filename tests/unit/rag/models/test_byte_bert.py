"""The encoder in bytes against the plain one, on random weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from rag.models.bert import PlainBert
from rag.models.byte_bert import ByteBert, quantised
from tests.unit.rag.models.test_bert import TEXTS, folder

__all__ = ["folder"]

pytest.importorskip("openvino")


def test_the_vectors_are_those_of_the_plain_encoder(folder: Path) -> None:
    wanted = PlainBert(folder, torch.float32).encode(TEXTS, prompt="query: ")
    found = ByteBert(folder).encode(TEXTS, prompt="query: ")
    assert found.shape == wanted.shape
    assert float((found * wanted).sum(1).min()) > 0.999
    assert float((found - wanted).abs().max()) > 0  # rounded they are


def test_padding_changes_nothing(folder: Path) -> None:
    model = ByteBert(folder)
    single = torch.cat([model.encode([text]) for text in TEXTS])
    together = model.encode(TEXTS)
    assert float((single * together).sum(1).min()) > 0.9999


def test_a_weight_is_its_bytes_and_scales_up_to_half_a_scale() -> None:
    weight = np.random.default_rng(1).normal(size=(5, 8)).astype(np.float32)
    weight[2] = 0
    codes, scales = quantised(weight)
    assert codes.dtype == np.int8
    assert (np.abs(codes * scales - weight) <= scales / 2 + 1e-7).all()
