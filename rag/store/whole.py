"""All that a collection keeps of one document: what `plumb migrate` carries and compares."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from rag.store.rows import encode
from rag.text import detect_language
from rag.types import Chunk, Document, FloatArray, Page, Place


@dataclass(frozen=True, slots=True)
class WholeChunk:
    """A chunk with its language and the float16 numbers (little-endian) of its vector."""

    chunk: Chunk
    language: str
    vector: bytes


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


def whole_of(document: Document, chunks: Sequence[Chunk], vectors: FloatArray) -> Whole:
    """What is to be kept of a document that comes in now, with no place yet; the arguments are
    those of `Collection.add`."""
    return Whole(
        document.document_id,
        document.media_type,
        document.bytes,
        datetime.now(UTC).isoformat(timespec="seconds"),
        json.dumps(dict(document.metadata), ensure_ascii=False, sort_keys=True),
        document.pages,
        (),
        tuple(
            WholeChunk(chunk, detect_language(chunk.text), encode(vector))
            for chunk, vector in zip(chunks, vectors, strict=True)
        ),
    )
