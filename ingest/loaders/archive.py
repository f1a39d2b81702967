"""ZIP archives, which many formats are: opened if they are whole and no trap. Nothing is unpacked
to the disk, so no member can lead out of a folder.
"""

from __future__ import annotations

import io
import zipfile

from ingest.loaders.limits import MIB
from rag.config import IngestSettings
from rag.errors import DocumentError

_XML_PER_TEXT = 20
"""Bytes of markup that a format may spend on one byte of text before it looks like a bomb."""
_UNPACKED_PER_FILE = 4
_MARKUP = (".xml", ".rels", ".xhtml", ".html", ".htm", ".opf", ".ncx")
_MOST_MEMBERS = 20_000


def open_archive(data: bytes, name: str, what: str, limits: IngestSettings) -> zipfile.ZipFile:
    """The archive in `data`, a file of the format `what`.

    Raises DocumentError when it is broken, or would unpack to more than the limits allow.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError):
        raise DocumentError(f"{name} is a damaged {what} file: get a whole copy of it") from None
    markup = sum(m.file_size for m in members if m.filename.lower().endswith(_MARKUP))
    everything = sum(member.file_size for member in members)
    too_much = everything > _UNPACKED_PER_FILE * limits.max_file_mb * MIB
    if too_much or markup > _XML_PER_TEXT * limits.max_text_mb * MIB:
        setting = "max_file_mb" if too_much else "max_text_mb"
        raise DocumentError(
            f"{name} would unpack to {everything / MIB:,.0f} MiB and is refused: "
            f"if it is no trap, split it, or raise the setting ingest.{setting}"
        )
    if len(members) > _MOST_MEMBERS:
        raise DocumentError(
            f"{name} holds {len(members):,} files and is refused: up to {_MOST_MEMBERS:,} are read"
        )
    return archive


def read_member(archive: zipfile.ZipFile, member: str | zipfile.ZipInfo) -> bytes | None:
    """The bytes of a member; None if there is none of that name, or it is damaged or locked."""
    try:
        return archive.read(member)
    except (KeyError, zipfile.BadZipFile, RuntimeError, NotImplementedError, ValueError, OSError):
        return None
    except Exception:  # zlib, lzma and bz2 raise errors of their own on damaged data
        return None
