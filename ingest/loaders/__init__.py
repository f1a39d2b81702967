"""Files -> `Document`s. One loader per format, chosen by content first and name second.

Knows nothing of chunks, models or collections. Every failure is a DocumentError with one sentence
that names the file and the mend. What a reader would see and the text does not hold is added to
the `Losses` that the caller passes.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from ingest.loaders.detect import HEAD_BYTES, KIND_NAMES, MEDIA_TYPES, Kind, Unsupported, recognise
from ingest.loaders.limits import check_file_size, check_text_size, too_much_memory
from ingest.loaders.losses import Losses
from ingest.loaders.nesting import Nesting
from ingest.loaders.packed import MAGIC, inner_name, unpacked, unpacked_head
from ingest.loaders.spelled import spelled_page
from ingest.loaders.unseen import is_seen, without_endless_words
from rag.config import IngestSettings
from rag.errors import DocumentError, NothingToRead
from rag.types import Document, Page

__all__ = [
    "PICTURES",
    "Kind",
    "Losses",
    "Unsupported",
    "file_kind",
    "is_none_of_ours",
    "load",
    "load_bytes",
    "load_safely",
]

PICTURES: frozenset[Kind] = frozenset(["png", "jpeg", "tiff"])
_WITH_LIMITS = frozenset(["pdf", "docx", "pptx", "xlsx", "odt", "epub", *PICTURES])


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
    content, name = unpacked(data, path.name, limits)
    kind = file_kind(io.BytesIO(content), name)
    if isinstance(kind, Unsupported):
        raise NothingToRead(f"{path.name}: {kind}")
    losses = losses if losses is not None else Losses()
    pages = without_endless_words(load_safely(kind, content, name, limits, losses), losses)
    unread = sum(page.text.count("\ufffd") for page in pages)
    losses.count("character in no known encoding", "characters in no known encoding", unread)
    check_text_size(name, sum(len(page.text) for page in pages), limits)
    if not any(is_seen(page.text) for page in pages):
        raise DocumentError(f"{name} holds no text that a reader would see: nothing to index")
    return Document(
        document_id=hashlib.sha256(data).hexdigest(),
        name=path.name,
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
    if not head.startswith(b"PK"):
        return recognise(name, head)
    members = _members(stream)
    if members is None:
        raise DocumentError(f"{name} is damaged, or was copied in part: get a whole copy of it")
    return recognise(name, head, members)


def is_none_of_ours(path: Path) -> Unsupported | None:
    """Why a file is not to be read at all, if its name and its first bytes tell that already.

    An archive is not looked into: its directory alone may be a trap. Raises DocumentError if the
    file cannot be read, or is not what its name says.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
    except OSError as err:
        raise DocumentError(f"{path.name} cannot be read: {err.strerror or err}") from None
    name = path.name
    if head.startswith(MAGIC):
        head, name = unpacked_head(head, HEAD_BYTES), inner_name(name)
        if not head:
            return None  # damaged: what reads it will say so
    if head.startswith(b"PK"):
        return None
    kind = recognise(name, head)
    return kind if isinstance(kind, Unsupported) else None


def _members(stream: BinaryIO) -> frozenset[str] | None:
    """The member names of a ZIP archive; None if it is damaged."""
    try:
        with zipfile.ZipFile(stream) as archive:
            return frozenset(archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, OSError):
        return None


def load_safely(
    kind: Kind,
    data: bytes,
    name: str,
    limits: IngestSettings,
    losses: Losses,
    nesting: Nesting | None = None,
) -> tuple[Page, ...]:
    """What `load_pages` gives; every error is a DocumentError. The libraries that read formats
    promise no closed set of errors on damaged files, and one file must not end a run."""
    try:
        pages = load_pages(kind, data, name, limits, losses, nesting)
        return tuple(map(spelled_page, pages))
    except DocumentError:
        raise
    except MemoryError:
        raise too_much_memory(name, limits.max_memory_mb) from None
    except RecursionError:
        raise DocumentError(
            f"{name} has parts nested too deeply to be read: if it is no trap, save it anew"
        ) from None
    except Exception as err:
        raise DocumentError(
            f"{name} is damaged and cannot be read as {KIND_NAMES[kind]} ({type(err).__name__}): "
            "get a whole copy of it"
        ) from err


def load_pages(
    kind: Kind,
    data: bytes,
    name: str,
    limits: IngestSettings,
    losses: Losses,
    nesting: Nesting | None = None,
) -> tuple[Page, ...]:
    """The pages of a file of that kind; `nesting` tells of the files that it lies in.

    Each format's loader is imported when a file needs it. Raises as `load` does.
    """
    if kind in _WITH_LIMITS:
        return _with_limits(kind)(data, name, limits, losses)
    if kind in ("mail", "zip"):
        from ingest.loaders.mail import load_mail
        from ingest.loaders.zipped import load_zip

        read = load_mail if kind == "mail" else load_zip
        return read(data, name, limits, losses, nesting or Nesting())
    check_text_size(name, len(data), limits)
    if kind == "text":
        from ingest.loaders.plain import load_text

        return load_text(data, name)
    return _marked_up(kind, limits)(data, name, losses)


def _with_limits(kind: Kind) -> Callable[..., tuple[Page, ...]]:
    """The loader of a format that may hold far more than its bytes say."""
    if kind == "pdf":
        from ingest.loaders.pdf import load_pdf

        return load_pdf
    if kind == "docx":
        from ingest.loaders.docx import load_docx

        return load_docx
    if kind == "pptx":
        from ingest.loaders.pptx import load_pptx

        return load_pptx
    if kind == "xlsx":
        from ingest.loaders.xlsx import load_xlsx

        return load_xlsx
    if kind in PICTURES:
        from ingest.loaders.picture import load_picture

        return load_picture
    if kind == "odt":
        from ingest.loaders.odt import load_odt

        return load_odt
    from ingest.loaders.epub import load_epub

    return load_epub


def _marked_up(
    kind: Kind, limits: IngestSettings
) -> Callable[[bytes, str, Losses], tuple[Page, ...]]:
    """The loader of a format that is text with marks."""
    if kind == "html":
        from ingest.loaders.html import load_html
        from ingest.loaders.inner_pictures import InnerPictures

        return lambda data, name, losses: load_html(
            data, name, losses, InnerPictures(losses, ocr=limits.ocr)
        )
    if kind == "markdown":
        from ingest.loaders.inner_pictures import InnerPictures
        from ingest.loaders.markdown import load_markdown

        return lambda data, name, losses: load_markdown(
            data, name, losses, InnerPictures(losses, ocr=limits.ocr)
        )
    if kind == "rst":
        from ingest.loaders.rst import load_rst

        return load_rst
    from ingest.loaders.structured import load_json

    return load_json
