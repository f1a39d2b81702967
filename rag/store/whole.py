"""All that a collection keeps of one document: what `plumb migrate` carries and compares."""

from __future__ import annotations

from dataclasses import dataclass

from rag.types import Chunk, Page, Place


@dataclass(frozen=True, slots=True)
class WholeChunk:
    """A chunk with its language and vectors: start and end in its text, and the float16 numbers
    (little-endian) of each; the whole chunk's first."""

    chunk: Chunk
    language: str
    vectors: tuple[tuple[int, int, bytes], ...]


@dataclass(frozen=True, slots=True)
class Whole:
    """A document as it is kept: equal records mean that nothing differs. `metadata` is JSON, of the
    document itself; `places` are in order of their paths."""

    document_id: str
    media_type: str
    bytes: int
    added_at: str
    metadata: str
    pages: tuple[Page, ...]
    places: tuple[Place, ...]
    chunks: tuple[WholeChunk, ...]
