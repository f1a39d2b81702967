"""What OpenVINO's reader of GGUF files rounds away, put back.

A group of 32 weights of the kind Q4_K is `scale * nibble - minimum` (llama.cpp, ggml-quants.h).
OpenVINO keeps `scale * (nibble - zero)` with a whole zero up to 15, so the minimum is rounded to a
multiple of the scale, by a quarter of it in the mean, and cut off above 15: enough to change
answers. With a broken zero the fast products of bytes are off. So what is missing, the same for all
weights of a group, is multiplied with the sum of the group's inputs and added: one more product, a
thirty-second of the size.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.privacy import forbid_telemetry

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]
Key = tuple[bytes, int]
"""The first nibbles of a tensor, packed, and how many it has."""

_BLOCK_BYTES = 144
_BLOCK_WEIGHTS = 256
_GROUP = 32
_KEY_BLOCKS = 8


def scales_of(blocks: Bytes) -> tuple[Floats, Floats]:
    """Scale and minimum of each group of 32 weights, both of shape [n, 8], from Q4_K blocks of
    shape [n, 144]."""
    outer = blocks[:, 0:4].copy().view(np.float16).astype(np.float32)
    low, middle, high = blocks[:, 4:8], blocks[:, 8:12], blocks[:, 12:16]
    scale = np.concatenate([low & 63, (high & 15) | ((low >> 6) << 4)], axis=1)
    minimum = np.concatenate([middle & 63, (high >> 4) | ((middle >> 6) << 4)], axis=1)
    return outer[:, :1] * scale, outer[:, 1:] * minimum


def nibbles_of(blocks: Bytes) -> Bytes:
    """The weights of Q4_K blocks in order, two a byte, the first in its lower half: [n, 128]."""
    pairs = blocks[:, 16:].reshape(len(blocks), 4, _GROUP)
    single = np.stack([pairs & 15, pairs >> 4], axis=2).reshape(len(blocks), _BLOCK_WEIGHTS)
    packed: Bytes = single[:, 0::2] | (single[:, 1::2] << 4)
    return packed


def q4k_tensors(weights: Path) -> dict[Key, Bytes]:
    """The Q4_K tensors of a GGUF file as blocks of shape [n, 144]."""
    from gguf import GGMLQuantizationType, GGUFReader

    found = {}
    for tensor in GGUFReader(weights).tensors:
        if tensor.tensor_type == GGMLQuantizationType.Q4_K:
            blocks = np.asarray(tensor.data).reshape(-1, _BLOCK_BYTES)
            found[_key(nibbles_of(blocks[:_KEY_BLOCKS]), len(blocks) * _BLOCK_WEIGHTS)] = blocks
    return found


def restore(model: Any, tensors: Mapping[Key, Bytes]) -> int:
    """Put back into the `openvino.Model` what was rounded of the tensors that are found in it; how
    many these were. Those of other kinds stay as they are."""
    import openvino.opset13 as op

    restored = 0
    for subtract, nibbles, zeros in list(_grouped(model)):
        packed = _raw(nibbles)
        blocks = tensors.get(_key(packed[: _KEY_BLOCKS * _BLOCK_WEIGHTS // 2], 2 * packed.size))
        if blocks is None:
            continue
        shape = list(zeros.get_output_shape(0))
        scale, minimum = (values.reshape(shape) for values in scales_of(blocks))
        products = _products(subtract)
        if products:
            held = _unpacked(_raw(zeros)).reshape(shape)
            missing = (held * scale - minimum).reshape(shape[0], shape[1]).astype(np.float16)
            for product in products:
                _add_missing(op, product, op.constant(missing, dtype=np.float16))
        else:  # looked up, not multiplied: a broken zero costs nothing
            zero = np.divide(minimum, scale, out=np.zeros_like(minimum), where=scale != 0)
            kind = subtract.get_input_element_type(0).to_dtype()
            exact = op.constant(zero.astype(kind), dtype=kind)
            subtract.input(1).replace_source_output(exact.output(0))
        restored += 1
    return restored


def restore_in(folder: Path, weights: Path) -> int:
    """`restore` in the model that lies in `folder`, which was made of the GGUF file `weights`."""
    forbid_telemetry()
    import openvino

    tensors = q4k_tensors(weights)
    if not tensors:
        return 0
    path = folder / "openvino_model.xml"
    model = openvino.Core().read_model(path)
    restored = restore(model, tensors)
    beside = folder / "exact.xml"
    openvino.save_model(model, beside, compress_to_fp16=False)
    del model  # it reads from the files that are replaced now
    for suffix in (".bin", ".xml"):
        beside.with_suffix(suffix).replace(path.with_suffix(suffix))
    return restored


def _key(packed: Bytes, count: int) -> Key:
    return packed.tobytes(), count


def _grouped(model: Any) -> Iterator[tuple[Any, Any, Any]]:
    """Each subtraction of zeros from nibbles in groups of 32, with both constants."""
    for node in model.get_ordered_ops():
        if node.get_type_name() != "Subtract":
            continue
        nibbles, zeros = (_constant(node.input_value(i).get_node()) for i in (0, 1))
        if nibbles is None or zeros is None or list(nibbles.get_output_shape(0))[-1] != _GROUP:
            continue
        if {c.get_element_type().get_type_name() for c in (nibbles, zeros)} == {"u4"}:
            yield node, nibbles, zeros


def _constant(node: Any) -> Any | None:
    while node.get_type_name() == "Convert":
        node = node.input_value(0).get_node()
    return node if node.get_type_name() == "Constant" else None


def _products(node: Any) -> list[Any]:
    """The matrix products that take the weights which `node` is a step of; none if they go
    elsewhere."""
    while True:
        users = [target.get_node() for target in node.output(0).get_target_inputs()]
        kinds = {user.get_type_name() for user in users}
        if kinds == {"MatMul"}:
            return users
        if len(users) != 1 or kinds & {"Gather", "Result"}:
            return []
        [node] = users


def _add_missing(op: Any, product: Any, missing: Any) -> None:
    """Add to `product` of shape [b, t, out] its inputs, [b, t, in], summed by groups and multiplied
    with `missing`, [out, in / 32]."""
    inputs = product.input_value(0)
    users = list(product.output(0).get_target_inputs())
    groups = list(missing.get_output_shape(0))[1]
    parted = op.reshape(inputs, op.constant(np.array([0, 0, groups, _GROUP], np.int64)), True)
    sums = op.reduce_sum(parted, op.constant(np.array([3], np.int64)), False)
    more = op.matmul(
        sums, op.convert(missing, inputs.get_element_type().get_type_name()), False, True
    )
    total = op.add(product.output(0), more)
    for user in users:
        user.replace_source_output(total.output(0))


def _raw(constant: Any) -> Bytes:
    return np.asarray(constant.data).view(np.uint8).ravel()


def _unpacked(packed: Bytes) -> Floats:
    return np.stack([packed & 15, packed >> 4], axis=1).ravel().astype(np.float32)
