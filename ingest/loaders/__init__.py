"""Files -> `Document`s. One loader per format, chosen by content first and name second.

Knows nothing of chunks, models or collections. Every failure is a DocumentError with one sentence
that names the file and the mend. What a reader would see and the text does not hold is added to
the `Losses` that the caller passes.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path
from typing import BinaryIO

from ingest.loaders.detect import HEAD_BYTES, MEDIA_TYPES, Kind, Unsupported, recognise
from ingest.loaders.limits import check_file_size, check_text_size
from ingest.loaders.losses import Losses
from rag.config import IngestSettings
from rag.errors import DocumentError
from rag.types import Document, Page

__all__ = ["Kind", "Losses", "Unsupported", "file_kind", "load", "load_bytes"]


def load(
    path: Path, limits: IngestSettings | None = None, losses: Losses | None = None
) -> Document:
    """Read the file at `path` whole.

    Raises DocumentError if it cannot be read, is of no supported type, is damaged, locked, too
    large, or holds no text.
    """
    limits = limits or IngestSettings()
    try:
        check_file_size(path.name, path.stat().st_size, limits)
        data = path.read_bytes()
    except OSError as err:
        raise DocumentError(f"{path} cannot be read: {err.strerror or err}") from None
    return load_bytes(data, path, limits, losses)


def load_bytes(
    data: bytes, path: Path, limits: IngestSettings, losses: Losses | None = None
) -> Document:
    """The document that the file at `path` holds, from its bytes. Raises as `load` does."""
    name = path.name
    kind = file_kind(io.BytesIO(data), name)
    if isinstance(kind, Unsupported):
        raise DocumentError(f"{name}: {kind.reason}")
    losses = losses if losses is not None else Losses()
    pages = _load_pages(kind, data, name, limits, losses)
    unread = sum(page.text.count("\ufffd") for page in pages)
    losses.count("character in no known encoding", "characters in no known encoding", unread)
    check_text_size(name, sum(len(page.text) for page in pages), limits)
    if not any(page.text.strip() for page in pages):
        raise DocumentError(f"{name} holds no text that a reader would see: nothing to index")
    return Document(
        document_id=hashlib.sha256(data).hexdigest(),
        name=name,
        path=str(path.resolve()),
        media_type=MEDIA_TYPES[kind],
        pages=pages,
        bytes=len(data),
    )


def file_kind(stream: BinaryIO, name: str) -> Kind | Unsupported:
    """What the file is, from its beginning (and its directory, if it is an archive).

    Raises DocumentError if it is not what its name says.
    """
    head = stream.read(HEAD_BYTES)
    return recognise(name, head, _members(stream) if head.startswith(b"PK") else frozenset())


def _members(stream: BinaryIO) -> frozenset[str]:
    """The member names of a ZIP archive; none if it is damaged."""
    try:
        with zipfile.ZipFile(stream) as archive:
            return frozenset(archive.namelist())
    except (zipfile.BadZipFile, ValueError, EOFError, OSError):
        return frozenset()


def _load_pages(
    kind: Kind, data: bytes, name: str, limits: IngestSettings, losses: Losses
) -> tuple[Page, ...]:
    """Hand over to the format's loader, imported only when a file needs it."""
    if kind == "pdf":
        from ingest.loaders.pdf import load_pdf

        return load_pdf(data, name, limits, losses)
    if kind == "docx":
        from ingest.loaders.docx import load_docx

        return load_docx(data, name, limits, losses)
    check_text_size(name, len(data), limits)
    if kind == "html":
        from ingest.loaders.html import load_html

        return load_html(data, name, losses)
    if kind == "markdown":
        from ingest.loaders.markdown import load_markdown

        return load_markdown(data, name, losses)
    from ingest.loaders.plain import load_text

    return load_text(data, name)
