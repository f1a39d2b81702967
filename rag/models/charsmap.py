"""A code point map as the `Precompiled` normaliser of Hugging Face tokenizers reads it.

The format is SentencePiece's `precompiled_charsmap`: u32 size of the trie in bytes, the trie, then
the replacements in UTF-8, each closed by a zero byte. The trie is a double array as in darts-clone
(github.com/s-yata/darts-clone, `DoubleArrayUnit`): the children of a node with base b stand at
b XOR label, its value at b XOR 0.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

_BLOCK = 256
_HAS_VALUE = 1 << 8
_IS_VALUE = 1 << 31
_MAX_OFFSET = 1 << 21

_Trie = dict[int, "_Trie | int"]


def build_charsmap(replacements: Mapping[str, str]) -> bytes:
    """The charsmap that turns each character of `replacements` into its replacement.

    Keys are single characters other than NUL; no replacement may hold NUL, which ends a string.
    Raises ValueError otherwise.
    """
    blob = bytearray()
    places: dict[str, int] = {}
    trie: _Trie = {}
    for char, text in sorted(replacements.items()):
        if len(char) != 1 or char == "\0" or "\0" in text:
            raise ValueError(f"cannot map {char!r} to {text!r}")
        if text not in places:
            places[text] = len(blob)
            blob += text.encode() + b"\0"
        _insert(trie, char.encode(), places[text])
    units = _lay_out(trie)
    return struct.pack(f"<I{len(units)}I", 4 * len(units), *units) + bytes(blob)


def _insert(trie: _Trie, key: bytes, value: int) -> None:
    node = trie
    for byte in key:
        child = node.setdefault(byte, {})
        assert isinstance(child, dict)  # label 0 alone holds a value, and no key holds a 0 byte
        node = child
    node[0] = value


def _lay_out(trie: _Trie) -> list[int]:
    units: list[int] = [0] * _BLOCK
    taken = {0}
    bases: set[int] = set()
    base = 0
    waiting: list[tuple[int, _Trie]] = [(0, trie)]
    while waiting:
        place, node = waiting.pop()
        base = _free_base(node, taken, bases, max(1, base - _BLOCK))
        bases.add(base)
        while base >= len(units):
            units += [0] * _BLOCK
        offset = place ^ base
        if offset >= _MAX_OFFSET:
            raise ValueError("the map is too large for one charsmap")
        units[place] |= offset << 10
        for label, child in node.items():
            slot = base ^ label
            taken.add(slot)
            if isinstance(child, int):
                units[place] |= _HAS_VALUE
                units[slot] = _IS_VALUE | child
            else:
                units[slot] = label
                waiting.append((slot, child))
    return units


def _free_base(node: _Trie, taken: set[int], bases: set[int], start: int) -> int:
    """The lowest base from `start` on that no other node has and whose slots for the labels of
    `node` are free. Looking no further back than `start` keeps the search short.

    Two nodes must not share a base, or one would find the other's children.
    """
    base = start
    while base in bases or any(base ^ label in taken for label in node):
        base += 1
    return base
