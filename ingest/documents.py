"""The bytes of a file -> its document, read in a process of its own (`ingest.apart`).

What is said at the top of the file comes with it. Chunks, models and collections are others' work.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ingest.apart import apart
from ingest.loaders import Losses, load_bytes
from ingest.loaders.packed import unpacked
from ingest.metadata import with_front_matter
from rag.config import IngestSettings
from rag.errors import DocumentError
from rag.types import Document


@dataclass(frozen=True, slots=True)
class Reading:
    """A document, and sentences on what a reader of its file sees and its text does not hold."""

    document: Document
    missing: tuple[str, ...]


def read_document(data: bytes, path: Path, limits: IngestSettings) -> Reading:
    """Read `data`, the bytes of the file at `path`. Safe to call from several threads.

    Raises DocumentError if it cannot be read within `limits`, of which NothingToRead says that it
    is none to read; the error's notes are what is missing beside.
    """
    return apart(_read, (data, path, limits), path.name, limits)


def _read(data: bytes, path: Path, limits: IngestSettings) -> Reading:
    losses = Losses()
    try:
        document = load_bytes(data, path, limits, losses)
        content, _ = unpacked(data, path.name, limits)
        document = with_front_matter(document, content, losses)
    except DocumentError as err:
        for sentence in losses.sentences():
            if sentence not in str(err):
                err.add_note(sentence)
        raise
    return Reading(document, losses.sentences())
