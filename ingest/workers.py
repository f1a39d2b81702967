"""Who reads files and embeds chunks: this process, or others.

A run hands work out and takes back what is done, in whatever order it comes. Knows nothing of
collections and receipts.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ingest.chunk import embedding_text
from ingest.documents import Reading, read_document
from rag.config import IngestSettings
from rag.errors import DocumentError
from rag.seams import Embedder
from rag.types import Chunk, FloatArray

_WINDOW = 256
"""Chunks that are embedded together: of so many, batches of like length waste little on padding."""


@dataclass(frozen=True, slots=True)
class Read:
    """The file `key` has been read, or why it cannot be."""

    key: int
    outcome: Reading | DocumentError


@dataclass(frozen=True, slots=True)
class Vectors:
    """The vectors of the chunks handed out as `key`, in order; shape [number of chunks, d]."""

    key: int
    vectors: FloatArray


Done = Read | Vectors


class Workers(Protocol):
    """Reads files and embeds chunks. Work is named by keys, which its results bear."""

    @property
    def window(self) -> int:
        """How many chunks are best embedded together."""

    @property
    def is_full(self) -> bool:
        """Whether enough is under way for now."""

    @property
    def embedding_s(self) -> float:
        """Seconds spent embedding so far."""

    def read(self, key: int, data: bytes, path: Path) -> None:
        """Have `data`, the bytes of the file at `path`, read."""

    def embed(self, key: int, chunks: Sequence[Chunk]) -> None:
        """Have the chunks embedded."""

    def take(self, *, wait: bool) -> list[Done]:
        """What has been done since; with `wait` it may take a moment until something is."""


class LocalWorkers:
    """This process: all is done as soon as it is asked for."""

    window = _WINDOW
    is_full = False

    def __init__(self, embedder: Embedder, limits: IngestSettings) -> None:
        self._embedder = embedder
        self._limits = limits
        self._done: list[Done] = []
        self.embedding_s = 0.0

    def read(self, key: int, data: bytes, path: Path) -> None:
        """See `Workers`."""
        self._done.append(Read(key, read_or_reason(data, path, self._limits)))

    def embed(self, key: int, chunks: Sequence[Chunk]) -> None:
        """See `Workers`."""
        started = time.monotonic()
        self._done.append(Vectors(key, embed_passages(chunks, self._embedder)))
        self.embedding_s += time.monotonic() - started

    def take(self, *, wait: bool) -> list[Done]:
        """See `Workers`."""
        done, self._done = self._done, []
        return done


def read_or_reason(data: bytes, path: Path, limits: IngestSettings) -> Reading | DocumentError:
    """The file's document, or why there is none."""
    try:
        return read_document(data, path, limits)
    except DocumentError as err:
        return err


def embed_passages(chunks: Sequence[Chunk], embedder: Embedder) -> FloatArray:
    """The vectors of the chunks, each under its headings; shape [number of chunks, d]."""
    return embedder.embed_passages([embedding_text(chunk) for chunk in chunks])
