"""What the run and the process that talks to Ray (`ingest.cluster.bridge`) tell each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.config import EmbedderSettings, IngestSettings
from rag.types import Chunk, EmbedderInfo


@dataclass(frozen=True, slots=True)
class Plan:
    """The cluster's address, how files are read, and the embedder that every node has to have;
    `code` is what Plumbline's own modules have to be (`ingest.cluster.node.code_digest`)."""

    address: str
    limits: IngestSettings
    embedder: EmbedderSettings
    info: EmbedderInfo
    code: str


@dataclass(frozen=True, slots=True)
class ReadJob:
    """A file to read."""

    key: int
    data: bytes
    path: Path


@dataclass(frozen=True, slots=True)
class EmbedJob:
    """Chunks to embed together."""

    key: int
    chunks: Sequence[Chunk]


Job = ReadJob | EmbedJob


@dataclass(frozen=True, slots=True)
class Pulse:
    """The bridge is at work, with so many embedders and so many files that can be read at once."""

    embedders: int
    readers: int
