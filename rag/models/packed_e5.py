"""Read the packed `e5-small-q4.bin`: shape, vocabulary, normalisation map and tensors.

All fields are little-endian: magic and version; seven sizes, epsilon and block length; the
unigram vocabulary; the normalisation map; a directory of tensors; the tensors. Knows nothing of
what is made of them.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelError
from rag.types import FloatArray

_MAGIC = b"E5S1"
_VERSION = 1
_BLOCK_LENGTH = 32
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", (_BLOCK_LENGTH // 2,))])
_QUANTISED = 1


@dataclass(frozen=True, slots=True)
class Sizes:
    """The encoder's dimensions, in the file's order; `epsilon` is the layer norm's."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Unigram pieces with their log probabilities, and the ids of the special ones."""

    pieces: list[str]
    scores: list[float]
    bos: int
    eos: int
    pad: int
    unk: int


@dataclass(frozen=True, slots=True)
class _Entry:
    """Where a tensor lies; `offset` and `bytes` count from the start of the file."""

    quantised: bool
    elements: int
    offset: int
    bytes: int


class PackedE5:
    """An open packed model. `replacements` maps single characters to what the tokenizer reads."""

    def __init__(self, path: Path) -> None:
        """Read everything but the tensors. Raises ModelError when `path` is not such a file."""
        self._path = path
        self._data: NDArray[np.uint8] = np.memmap(path, np.uint8, mode="r")
        fields = _Fields(self._data, path)
        magic, version = fields.take("4sI")
        if magic != _MAGIC or version != _VERSION:
            raise ModelError(f"{path} is not a packed e5 model of version {_VERSION}")
        self.sizes = Sizes(*fields.take("7if"))
        (block,) = fields.take("i")
        if block != _BLOCK_LENGTH:
            raise ModelError(f"{path} packs blocks of {block} weights, not {_BLOCK_LENGTH}")
        self.vocabulary = _read_vocabulary(fields)
        self.replacements = _read_replacements(fields)
        self._entries = _read_directory(fields)

    def tensor(self, name: str, shape: tuple[int, ...]) -> FloatArray:
        """The tensor `name` as float32 of `shape` (rows = outputs).

        A 4-bit block holds 32 weights of one row: weight j is the low nibble of byte j less 8,
        weight 16 + j the high nibble less 8, each times the block's scale. The product of an
        11-bit and a 4-bit significand is exact in float32. Raises ModelError when the file has
        no such tensor or one of another size.
        """
        entry = self._entries.get(name)
        if entry is None or entry.elements != int(np.prod(shape)):
            raise ModelError(f"{self._path} has no tensor {name!r} of shape {shape}")
        raw = self._data[entry.offset : entry.offset + entry.bytes]
        if not entry.quantised:
            return raw.view("<f4").astype(np.float32).reshape(shape)
        blocks = raw.view(_BLOCK)
        nibbles = blocks["nibbles"]
        levels = np.concatenate([nibbles & 0x0F, nibbles >> 4], axis=1).astype(np.float32) - 8
        weights: FloatArray = levels * blocks["scale"].astype(np.float32)[:, None]
        return weights.reshape(shape)


class _Fields:
    """A cursor over the file's fields that refuses to read past its end."""

    def __init__(self, data: NDArray[np.uint8], path: Path) -> None:
        self._data = data
        self._path = path
        self._place = 0

    def take(self, layout: str) -> tuple[Any, ...]:
        fields = struct.Struct("<" + layout)
        return fields.unpack(self.take_bytes(fields.size))

    def take_bytes(self, count: int) -> bytes:
        end = self._place + count
        if end > len(self._data):
            raise ModelError(f"{self._path} ends too early, after {len(self._data)} bytes")
        taken = self._data[self._place : end].tobytes()
        self._place = end
        return taken

    def take_list(self, kind: str, count: int) -> list[Any]:
        dtype = np.dtype(kind)
        values: list[Any] = np.frombuffer(self.take_bytes(dtype.itemsize * count), dtype).tolist()
        return values


def _read_vocabulary(fields: _Fields) -> Vocabulary:
    count, bos, eos, pad, unk = fields.take("5i")
    (length,) = fields.take("Q")
    offsets = fields.take_list("<u4", count + 1)
    scores = fields.take_list("<f4", count)
    text = fields.take_bytes(length)
    pieces = [text[offsets[i] : offsets[i + 1]].decode() for i in range(count)]
    return Vocabulary(pieces, scores, bos, eos, pad, unk)


def _read_replacements(fields: _Fields) -> dict[str, str]:
    entries, _bytes = fields.take("iI")
    replacements: dict[str, str] = {}
    for _ in range(entries):
        code, width = fields.take("IB")
        replacements[chr(code)] = "".join(map(chr, fields.take(f"{width}I")))
    return replacements


def _read_directory(fields: _Fields) -> dict[str, _Entry]:
    (count,) = fields.take("i")
    entries: dict[str, _Entry] = {}
    for _ in range(count):
        (width,) = fields.take("H")
        name = fields.take_bytes(width).decode()
        kind, elements, offset, size = fields.take("BIQQ")
        entries[name] = _Entry(kind == _QUANTISED, elements, offset, size)
    return entries
