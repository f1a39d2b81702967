"""Size limits of the loaders, in one place. Knows nothing of formats."""

from __future__ import annotations

from rag.config import IngestSettings
from rag.errors import DocumentError

MIB = 1024 * 1024
DOUBTFUL = 0.8
"""Confidence of OCR below which what it read is told to be doubtful."""


def check_file_size(name: str, size: int, limits: IngestSettings) -> None:
    """Raise DocumentError if a file of `size` bytes is larger than any file may be."""
    if size > limits.max_file_mb * MIB:
        raise DocumentError(
            f"{name} is {_mib(size)}; files up to {limits.max_file_mb} MiB are read: "
            "split it, or raise the setting ingest.max_file_mb"
        )


def check_text_size(name: str, size: int, limits: IngestSettings) -> None:
    """Raise DocumentError if `size` bytes (or characters) of text are more than one may hold."""
    if size > limits.max_text_mb * MIB:
        raise DocumentError(
            f"{name} holds {_mib(size)} of text; up to {limits.max_text_mb} MiB are read: "
            "split it into smaller files, or raise the setting ingest.max_text_mb"
        )


def too_much_memory(name: str, memory_mb: int) -> DocumentError:
    """The error of a file that takes more memory than any may."""
    return DocumentError(
        f"{name} takes more than {memory_mb:,} MiB of memory to read and is given up: "
        "split it, or raise the setting ingest.max_memory_mb"
    )


def _mib(size: int) -> str:
    return f"{size / MIB:,.0f} MiB" if size >= 10 * MIB else f"{size / MIB:.1f} MiB"
