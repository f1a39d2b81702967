"""A BERT encoder whose matrices are multiplied as bytes, run by OpenVINO.

The weights are rounded to bytes with a scale for each output, when the model is loaded; activations
are rounded by OpenVINO as they come, each `_GROUP` of a token with a scale of their own, so that an
outlier costs its neighbours nothing. All else is computed as `PlainBert` does, whose vectors differ
by less than a thousandth in cosine (`benchmarks/formats.py`, which has the speeds).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from rag.models.bert import PlainBert
from rag.models.cpu import choose_dtype, usable_cores
from rag.privacy import forbid_telemetry
from rag.types import FloatArray

_GROUP = 128
"""Activations that share a scale; smaller groups are slower and a little more exact."""
_STEP = 8
"""Texts are padded to multiples of this: OpenVINO keeps kernels for each length it has met."""
_HIDDEN = -1e4
"""Added to the attention that padding gets."""


class ByteBert(PlainBert):
    """The model in one folder (`is_plain`), on a processor that multiplies bytes."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, torch.float32)
        self._request = self._compiled().create_infer_request()
        self._layers = []

    def _states(self, ids: Tensor, held: Tensor | None) -> Tensor:
        length = ids.shape[1]
        ids = functional.pad(ids, (0, -length % _STEP), value=self._pad)
        hidden = torch.zeros(ids.shape)
        hidden[:, length:] = _HIDDEN
        if held is not None:
            hidden[:, :length].masked_fill_(~held, _HIDDEN)
        states = self._words[ids].float() + self._positions[: ids.shape[1]]
        inputs = {0: states.numpy(), 1: hidden[:, None, None].numpy()}
        found = self._request.infer(inputs)[0]
        return torch.from_numpy(found[:, :length].copy())

    def _compiled(self) -> Any:
        forbid_telemetry()
        import openvino

        plan = {
            "INFERENCE_NUM_THREADS": usable_cores(),
            "NUM_STREAMS": 1,
            "INFERENCE_PRECISION_HINT": "bf16" if choose_dtype("auto") == "bfloat16" else "f32",
            "DYNAMIC_QUANTIZATION_GROUP_SIZE": str(_GROUP),
        }
        return openvino.Core().compile_model(self._graph(), "CPU", plan)

    def _graph(self) -> Any:
        """From sums of embeddings, shape [b, t, d], and what is added to the attention that a
        token gets, shape [b, 1, 1, t], to states of shape [b, t, d]."""
        from openvino import Model
        from openvino import opset13 as ops

        width = self.get_embedding_dimension()
        embedded = ops.parameter([-1, -1, width], np.float32)
        hidden = ops.parameter([-1, 1, 1, -1], np.float32)
        states = self._normed(embedded, self._first)
        for layer in self._layers:
            shape = _constant(np.array([0, 0, 3, self._heads, width // self._heads]))
            joined = ops.reshape(_linear(states, *layer.joined), shape, special_zero=True)
            joined = ops.transpose(joined, _constant(np.array([2, 0, 3, 1, 4])))
            parts = [
                ops.gather(joined, _constant(np.int64(i)), _constant(np.int64(0))) for i in range(3)
            ]
            found = ops.scaled_dot_product_attention(*parts, hidden)
            found = ops.transpose(found, _constant(np.array([0, 2, 1, 3])))
            found = ops.reshape(found, _constant(np.array([0, 0, width])), special_zero=True)
            states = self._normed(ops.add(states, _linear(found, *layer.mix)), layer.attended)
            inner = ops.gelu(_linear(states, *layer.widen), "erf")
            states = self._normed(ops.add(states, _linear(inner, *layer.narrow)), layer.output)
        return Model([states], [embedded, hidden], "bert")

    def _normed(self, states: Any, by: tuple[Tensor, Tensor]) -> Any:
        from openvino import opset13 as ops

        last = _constant(np.array([2]))
        flat = ops.mvn(states, last, True, self._epsilon, "inside_sqrt")
        weight, bias = (_constant(part.numpy()) for part in by)
        return ops.add(ops.multiply(flat, weight), bias)


def quantised(weight: FloatArray) -> tuple[NDArray[np.int8], FloatArray]:
    """Bytes and scales, shape [outputs, 1], whose product is the weight, shape [outputs, inputs],
    up to half a scale."""
    scales = np.maximum(np.abs(weight).max(axis=1, keepdims=True), 1e-12) / 127
    return np.rint(weight / scales).astype(np.int8), scales.astype(np.float32)


def _linear(states: Any, weight: Tensor, bias: Tensor) -> Any:
    from openvino import opset13 as ops

    codes, scales = quantised(weight.numpy())
    wide = ops.multiply(ops.convert(_constant(codes), "f32"), _constant(scales))
    return ops.add(ops.matmul(states, wide, False, True), _constant(bias.numpy()))


def _constant(values: Any) -> Any:
    from openvino import opset13 as ops

    return ops.constant(values)
