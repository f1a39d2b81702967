"""The weights of a GGUF file in OpenVINO, held against llama.cpp's own dequantisation (`gguf`)."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

from rag.models.openvino_exact import Bytes, nibbles_of, restore, scales_of
from rag.privacy import forbid_telemetry

pytestmark = pytest.mark.skipif(find_spec("openvino") is None, reason="installed on x86 alone")
OUT, INPUTS = 24, 256
BLOCKS = OUT * INPUTS // 256


def some_blocks() -> Bytes:
    rng = np.random.default_rng(3)
    blocks = rng.integers(0, 256, (BLOCKS, 144), dtype=np.uint8)
    outer = rng.uniform(0.001, 0.02, (BLOCKS, 2)).astype(np.float16)
    blocks[:, 0:4] = outer.view(np.uint8)
    return blocks


def oracle(blocks: Bytes) -> Any:
    from gguf import GGMLQuantizationType
    from gguf.quants import dequantize

    return dequantize(blocks, GGMLQuantizationType.Q4_K).reshape(OUT, INPUTS)


def unpacked(blocks: Bytes) -> Any:
    packed = nibbles_of(blocks)
    return np.stack([packed & 15, packed >> 4], axis=2).reshape(OUT, INPUTS // 32, 32)


def as_read_by_openvino(blocks: Bytes, *, embedding: bool = False) -> Any:
    """A model with one product (or look-up), the zeros rounded as OpenVINO's reader does."""
    forbid_telemetry()
    import openvino
    import openvino.opset13 as op

    scale, minimum = (v.reshape(OUT, INPUTS // 32, 1) for v in scales_of(blocks))
    zero = np.clip(np.round(minimum / np.where(scale == 0, 1, scale)), 0, 15).astype(np.uint8)
    nibbles = op.constant(unpacked(blocks).astype(np.uint8), dtype=openvino.Type.u4)
    zeros = op.constant(zero, dtype=openvino.Type.u4)
    less = op.subtract(op.convert(nibbles, "f32"), op.convert(zeros, "f32"))
    scaled = op.multiply(less, op.constant(scale.astype(np.float32)))
    weights = op.reshape(scaled, op.constant(np.array([OUT, INPUTS], np.int64)), False)
    if embedding:
        ids = op.parameter([-1], np.int64)
        rows = op.gather(weights, ids, op.constant(np.array(0, np.int64)))
        return openvino.Model([rows], [ids])
    inputs = op.parameter([-1, -1, INPUTS], np.float32)
    return openvino.Model([op.matmul(inputs, weights, False, True)], [inputs])


def run(model: Any, given: Any) -> Any:
    import openvino

    hints = {"INFERENCE_PRECISION_HINT": "f32", "DYNAMIC_QUANTIZATION_GROUP_SIZE": "0"}
    return openvino.Core().compile_model(model, "CPU", hints)([given])[0]


def test_scales_and_nibbles_are_llama_cpps() -> None:
    blocks = some_blocks()
    scale, minimum = (v.reshape(OUT, INPUTS // 32, 1) for v in scales_of(blocks))
    ours = (scale * unpacked(blocks) - minimum).reshape(OUT, INPUTS)
    np.testing.assert_allclose(ours, oracle(blocks), rtol=1e-4, atol=1e-5)


def test_a_product_is_exact_again() -> None:
    blocks = some_blocks()
    key = (nibbles_of(blocks[:8]).tobytes(), BLOCKS * 256)
    given = np.random.default_rng(4).normal(0.5, 1, (2, 3, INPUTS)).astype(np.float32)
    wanted = given @ oracle(blocks).T
    model = as_read_by_openvino(blocks)
    rounded = np.abs(run(model, given) - wanted).max()
    assert restore(model, {key: blocks}) == 1
    exact = np.abs(run(model, given) - wanted).max()
    assert exact < 0.05 < 5 < rounded


def test_a_look_up_is_exact_again() -> None:
    blocks = some_blocks()
    key = (nibbles_of(blocks[:8]).tobytes(), BLOCKS * 256)
    model = as_read_by_openvino(blocks, embedding=True)
    assert restore(model, {key: blocks}) == 1
    given = np.array([5, 0, 23], np.int64)
    np.testing.assert_allclose(run(model, given), oracle(blocks)[given], atol=2e-3)


def test_what_is_not_found_stays() -> None:
    model = as_read_by_openvino(some_blocks())
    before = len(model.get_ops())
    assert restore(model, {}) == 0
    assert len(model.get_ops()) == before
