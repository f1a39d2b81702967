"""A file -> what a summary takes of it, without a collection."""

from __future__ import annotations

from pathlib import Path

from ingest.chunk import chunk_document
from ingest.loaders import load
from rag.config import Settings
from rag.errors import UsageError
from rag.seams import Embedder
from rag.summary import Source
from rag.text.units import unit_of
from rag.types import Hit


def read_source(path: Path, embedder: Embedder, settings: Settings) -> Source:
    """The file's chunks, as ingestion would cut them. Raises UsageError if there is no such file,
    DocumentError if it cannot be read."""
    if not path.is_file():
        wrong = "is a folder: give one file" if path.is_dir() else "does not exist"
        raise UsageError(f"{path} {wrong}")
    document = load(path, settings.ingest)
    labels = {page.number: page.label for page in document.pages}
    unit = unit_of(document.media_type)
    hits = (
        Hit(chunk, document.name, 0.0, unit=unit, label=labels[chunk.page])
        for chunk in chunk_document(document, embedder, settings.chunking)
    )
    return Source(document.name, tuple(hits))
