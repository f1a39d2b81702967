"""What every engine does alike, and what each refuses in the same words."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np

from rag.errors import CollectionError
from rag.types import Chunk, EmbedderInfo, FloatArray, Place


def no_longer_held(name: str, place: Place) -> CollectionError:
    """The error for a place of a document that was removed meanwhile."""
    return CollectionError(
        f"collection {name!r} no longer holds {place.document_id}; "
        f"run the same command again to read {place.path}"
    )


def named_places(name: str, key: str, found: list[Place]) -> list[Place]:
    """`found` if `key` names one place, or one document; else raises CollectionError."""
    if not found:
        raise CollectionError(
            f"collection {name!r} holds no document {key!r}; "
            f"`plumb collections show {name}` lists what it holds"
        )
    if len(found) > 1 and found[0].document_id != key:
        paths = ", ".join(place.path for place in found)
        raise CollectionError(
            f"{key!r} names {len(found)} files of collection {name!r}: give one of the "
            f"paths ({paths})"
        )
    return found


def open_unchanged(paths: Iterable[str], document_id: str) -> BinaryIO | None:
    """The first of the files that is still the document's, opened to be read."""
    for path in paths:
        try:
            stream = Path(path).open("rb")  # noqa: SIM115 (the caller closes it)
        except OSError:
            continue
        if sha256_of(stream) == document_id:
            stream.seek(0)
            return stream
        stream.close()
    return None


def sha256_of(file: BinaryIO) -> str:
    """The digest of what is left of an open file."""
    digest = hashlib.sha256()
    while piece := file.read(2**20):
        digest.update(piece)
    return digest.hexdigest()


def check_vectors(info: EmbedderInfo, chunks: Sequence[Chunk], vectors: FloatArray) -> None:
    """Raise ValueError unless there is a finite vector for each chunk."""
    if vectors.shape != (len(chunks), info.dimension) or not np.isfinite(vectors).all():
        raise ValueError(
            f"{len(chunks)} chunks need finite vectors of shape "
            f"[{len(chunks)}, {info.dimension}], not {list(vectors.shape)}"
        )
