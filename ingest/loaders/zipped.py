"""A ZIP archive -> the pages of all documents in it, one after the other.

Nothing is written to the disk, so no name of a member leads anywhere.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from functools import partial

from ingest.loaders.archive import open_archive, read_member
from ingest.loaders.contained import Contained
from ingest.loaders.east_asian import east_asian_encoding
from ingest.loaders.losses import Losses
from ingest.loaders.nesting import Nesting
from ingest.loaders.normalise import clean_characters
from rag.config import IngestSettings
from rag.errors import DocumentError
from rag.types import Page

_UTF8_NAME = 1 << 11
_ENCRYPTED = 1


def load_zip(
    data: bytes, name: str, limits: IngestSettings, losses: Losses, nesting: Nesting
) -> tuple[Page, ...]:
    """The pages of the documents in a ZIP archive, each labelled with its place in it.

    Raises DocumentError if the archive is broken, locked, or unpacks to more than the limits allow.
    """
    losses.unit = "part"
    with open_archive(data, name, "ZIP", limits) as archive:
        members = [member for member in archive.infolist() if _is_document(member)]
        if members and all(member.flag_bits & _ENCRYPTED for member in members):
            raise DocumentError(f"{name} is locked by a password: unpack it, and read the files")
        contained = Contained(name, "file", limits, losses, nesting)
        contained.read(_files(archive, sorted(members, key=shown_name)))
    if not contained.pages:
        said = "; ".join(losses.sentences())
        raise DocumentError(f"{name} holds nothing to read: {said}" if said else f"{name} is empty")
    return tuple(contained.pages)


def _files(
    archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]
) -> Iterator[tuple[str, int, Callable[[], bytes | None]]]:
    for member in members:
        yield shown_name(member), member.file_size, partial(read_member, archive, member)


def _is_document(member: zipfile.ZipInfo) -> bool:
    """Whether a member is a file that people put there, not a folder or what a system adds."""
    parts = member.filename.replace("\\", "/").split("/")
    if member.is_dir() or not parts[-1]:
        return False
    return not any(part.startswith((".", "__MACOSX")) and part != ".." for part in parts)


def shown_name(member: zipfile.ZipInfo) -> str:
    """The name of a member as it was meant: in its encoding, with no way out of the archive."""
    name = member.filename
    if not member.flag_bits & _UTF8_NAME and not name.isascii():
        raw = name.encode("cp437", errors="replace")
        try:
            name = raw.decode("utf-8")
        except UnicodeDecodeError:
            encoding = east_asian_encoding(raw)
            name = raw.decode(encoding, errors="replace") if encoding else name
    parts = clean_characters(name.replace("\\", "/")).split("/")
    return "/".join(" ".join(part.split()) for part in parts if part not in ("", ".", "..")) or "?"
