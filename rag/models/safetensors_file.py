"""Write a safetensors file whose bytes depend on nothing but the tensors.

The layout is fixed by the format (u64 length of a JSON header, the header, the data), so the
digest of a converted model is the same on every machine and with every version of any library.
Tensors are made one at a time, so that memory never holds the whole model.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Mapping
from pathlib import Path

from rag.types import FloatArray


def write_float32(
    path: Path, shapes: Mapping[str, tuple[int, ...]], tensors: Iterable[FloatArray]
) -> None:
    """Write float32 `tensors`, given in the order of `shapes`, to `path`.

    Raises ValueError when a tensor's shape is not the one announced.
    """
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, shape in shapes.items():
        start, end = end, end + 4 * _count(shape)
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [start, end]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # the format asks for data aligned to eight bytes
    with path.open("wb") as out:
        out.write(struct.pack("<Q", len(text)) + text)
        for (name, shape), tensor in zip(shapes.items(), tensors, strict=True):
            if tensor.shape != shape:
                raise ValueError(f"{name} has shape {tensor.shape}, announced as {shape}")
            out.write(tensor.astype("<f4", copy=False).tobytes())


def _count(shape: tuple[int, ...]) -> int:
    total = 1
    for size in shape:
        total *= size
    return total
