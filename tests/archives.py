"""Archives for tests, from the names and contents of their members."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    """A ZIP archive of these members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def unzipped(data: bytes) -> dict[str, bytes]:
    """The members of an archive by name."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def in_strict_form(parts: Mapping[str, bytes]) -> dict[str, bytes]:
    """An Office file's parts as ISO 29500 strict has them."""
    known = re.compile(rb"http://schemas.openxmlformats.org/(\w+ml|officeDocument)/2006/")
    return {
        name: known.sub(rb"http://purl.oclc.org/ooxml/\1/", part) for name, part in parts.items()
    }
