"""The header of a GGUF file: what it says of itself in words, and the sizes of its tensors.

The gguf package reads it too, and takes ten seconds over the vocabulary of a language model, which
this steps over. Written from the format's description in ggml's `docs/gguf.md`, version 3.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rag.errors import ModelError

MAGIC = b"GGUF"
_STRING, _ARRAY = 8, 9
_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
"""Bytes of a value by its kind."""


@dataclass(frozen=True, slots=True)
class Header:
    """`texts` are the values that are strings, by key; `tensors` the sizes by name, the dimension
    that lies together in memory first."""

    texts: Mapping[str, str]
    tensors: Mapping[str, tuple[int, ...]]


def read_header(path: Path) -> Header:
    """The header of the file. Raises ModelError where it cannot be read or is no GGUF."""
    try:
        with path.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                raise ModelError(f"{path} is not a GGUF file: give one that llama.cpp can load")
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                return _Walk(data).header()
    except OSError as err:
        raise ModelError(f"{path} cannot be read: {err.strerror}") from err
    except (struct.error, IndexError, KeyError, UnicodeDecodeError) as err:
        raise ModelError(f"{path} is a damaged GGUF file: fetch or make it again") from err


class _Walk:
    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self._at = len(MAGIC)

    def header(self) -> Header:
        (version,) = self._take("I")
        tensors, values = self._take("QQ")
        if version < 2:
            raise KeyError(version)
        texts = {}
        for _ in range(values):
            key = self._string().decode()
            (kind,) = self._take("I")
            if kind == _STRING:
                texts[key] = self._string().decode("utf-8", "replace")
            else:
                self._skip(kind)
        sizes = {}
        for _ in range(tensors):
            name = self._string().decode()
            (dimensions,) = self._take("I")
            sizes[name] = self._take(f"{dimensions}Q")
            self._take("IQ")  # its kind of numbers, and where they lie
        return Header(texts, sizes)

    def _take(self, form: str) -> tuple[int, ...]:
        found = struct.unpack_from(f"<{form}", self._data, self._at)
        self._at += struct.calcsize(f"<{form}")
        return found

    def _string(self) -> bytes:
        (length,) = self._take("Q")
        if self._at + length > len(self._data):
            raise IndexError(length)
        self._at += length
        return self._data[self._at - length : self._at]

    def _skip(self, kind: int) -> None:
        if kind == _STRING:
            self._string()
        elif kind == _ARRAY:
            (of,) = self._take("I")
            (count,) = self._take("Q")
            if of in _SIZES:
                self._at += _SIZES[of] * count
            else:
                for _ in range(count):
                    self._skip(of)
        else:
            self._at += _SIZES[kind]
