"""Merged cells of a workbook, cut to a size that can be opened.

openpyxl makes a cell for each that a span covers: one over the whole sheet would take days.
"""

from __future__ import annotations

import io
import re
import zipfile

from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import range_boundaries

MOST_SPANNED = 1000
"""Rows, and columns, beyond which a span says nothing more of the cells around."""
_MOST_CELLS = 20_000
_MERGED = re.compile(rb"""(<(?:\w+:)?mergeCell\s[^>]*?ref=)(["'])([A-Z]+\d+:[A-Z]+\d+)\2""")


def with_small_spans(data: bytes) -> bytes:
    """The workbook in `data`, a whole ZIP archive, with no span larger than that."""
    changed: dict[str, bytes] = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                sheet = archive.read(name)
                cut = _MERGED.sub(_cut, sheet)
                if cut != sheet:
                    changed[name] = cut
        return _replaced(archive, changed) if changed else data


def _cut(match: re.Match[bytes]) -> bytes:
    before, quote, span = match.groups()
    left, top, right, bottom = range_boundaries(span.decode())
    right = min(right, left + MOST_SPANNED)
    bottom = min(bottom, top + MOST_SPANNED, top + _MOST_CELLS // (right - left + 1))
    small = f"{get_column_letter(left)}{top}:{get_column_letter(right)}{bottom}"
    return b"".join([before, quote, small.encode(), quote])


def _replaced(archive: zipfile.ZipFile, changed: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as copy:
        for info in archive.infolist():
            content = changed.get(info.filename)
            copy.writestr(info, archive.read(info) if content is None else content)
    return buffer.getvalue()
