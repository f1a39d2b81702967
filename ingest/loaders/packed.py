"""A file packed by gzip -> the file itself. It is one file, not an archive of several, and is read
as if it were not packed."""

from __future__ import annotations

import zlib
from pathlib import PurePath

from ingest.loaders.limits import MIB, check_file_size
from rag.config import IngestSettings
from rag.errors import DocumentError

MAGIC = b"\x1f\x8b\x08"
_WINDOW = 31
"""zlib's number for data with the head of gzip."""


def unpacked(data: bytes, name: str, limits: IngestSettings) -> tuple[bytes, str]:
    """What is packed in `data`, and its name ("NEWS" for "NEWS.gz"); `data` and `name` if nothing
    is.

    Raises DocumentError if it is damaged, or larger than any file may be.
    """
    if not data.startswith(MAGIC):
        return data, name
    most = limits.max_file_mb * MIB
    content = b""
    try:
        while data.startswith(MAGIC) and len(content) <= most:  # gzip files may be joined
            stream = zlib.decompressobj(_WINDOW)
            content += stream.decompress(data, most + 1 - len(content))
            if not stream.eof and len(content) <= most:
                raise zlib.error("cut short")
            data = stream.unused_data
    except zlib.error:
        raise DocumentError(
            f"{name} is a damaged gzip file, or was copied in part: get a whole copy of it"
        ) from None
    check_file_size(name, len(content), limits)
    return content, inner_name(name)


def unpacked_head(head: bytes, count: int) -> bytes:
    """The first `count` bytes of what is packed, from its own first bytes; empty if damaged."""
    try:
        return zlib.decompressobj(_WINDOW).decompress(head, count)
    except zlib.error:
        return b""


def inner_name(name: str) -> str:
    """The name without the ending that says that it is packed."""
    path = PurePath(name)
    if path.suffix.lower() == ".tgz":
        return f"{path.stem}.tar"
    return path.stem if path.suffix.lower() in (".gz", ".gzip", ".z") else name
