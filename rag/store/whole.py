"""All that a collection keeps of one document: what `plumb migrate` carries and compares."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from rag.text import detect_language
from rag.types import Chunk, Document, FloatArray, Page, Part, Place


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


def whole_of(
    document: Document,
    chunks: Sequence[Chunk],
    vectors: FloatArray,
    parts: Sequence[Sequence[Part]] = (),
) -> Whole:
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
            WholeChunk(
                chunk,
                detect_language(chunk.text),
                (
                    (0, len(chunk.text), _encode(vector)),
                    *((part.start, part.end, _encode(part.vector)) for part in of_chunk),
                ),
            )
            for chunk, vector, of_chunk in zip(
                chunks, vectors, parts or [()] * len(chunks), strict=True
            )
        ),
    )


def _encode(vector: FloatArray) -> bytes:
    return vector.astype("<f2").tobytes()
