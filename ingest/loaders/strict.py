"""Office files in the strict form of ISO 29500, put into the transitional one that the libraries
know: the same parts under other names of their namespaces.
"""

from __future__ import annotations

import io
import re
import zipfile

from ingest.loaders.archive import read_member

_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/")
_TRANSITIONAL = rb"http://schemas.openxmlformats.org/\1/2006/"
_RELATIONS = "_rels/.rels"
_MARKUP = (".xml", ".rels")


def transitional(part: bytes) -> bytes:
    """A part of a package, its namespaces named as in the transitional form."""
    return _STRICT.sub(_TRANSITIONAL, part)


def in_transitional_form(data: bytes) -> bytes:
    """The package in `data`, a ZIP archive that opens; as it is, if it is so already."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if not _STRICT.search(read_member(archive, _RELATIONS) or b""):
            return data
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as copy:
            for info in archive.infolist():
                part = read_member(archive, info) or b""
                is_markup = info.filename.endswith(_MARKUP)
                copy.writestr(info.filename, transitional(part) if is_markup else part)
    return buffer.getvalue()
