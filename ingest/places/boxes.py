"""Where the characters of a page stand on its picture, and the rectangles that mark a span.

A box is (left, top, right, bottom) in units of 1/32,000 of the width and the height of the page
as it is shown, so that it fits a picture of any size. Pure functions.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence

import numpy as np

from rag.types import Span

UNIT = 32_000
Box = tuple[int, int, int, int]

_SAME_LINE = 0.5
"""Share of the lower box's height by which two boxes of one line overlap."""
_NEAR = 2.0
"""Heights of a box up to which a gap within a line is marked through."""


def rectangles(boxes: Sequence[Box | None], spans: Iterable[Span]) -> list[Box]:
    """The rectangles that cover the characters of the spans (offsets as those of `boxes`), one for
    each stretch of a line."""
    found: list[Box] = []
    for start, end in spans:
        last: Box | None = None
        for box in boxes[max(start, 0) : end]:
            if box is None:
                continue
            if last is not None and (_goes_on(last, box) or _goes_on(_turned(last), _turned(box))):
                found[-1] = _joined(found[-1], box)
            else:
                found.append(box)
            last = box
    return found


def _goes_on(last: Box, box: Box) -> bool:
    """Whether two characters stand side by side, whichever way the script runs."""
    height = min(last[3] - last[1], box[3] - box[1])
    overlap = min(last[3], box[3]) - max(last[1], box[1])
    gap = max(box[0] - last[2], last[0] - box[2])
    return overlap >= _SAME_LINE * height and gap <= _NEAR * max(height, 1)


def _turned(box: Box) -> Box:
    """The box with across and down exchanged: lines of a page that is shown turned run down."""
    left, top, right, bottom = box
    return top, left, bottom, right


def _joined(one: Box, other: Box) -> Box:
    return (
        min(one[0], other[0]),
        min(one[1], other[1]),
        max(one[2], other[2]),
        max(one[3], other[3]),
    )


def pack(boxes: Iterable[tuple[Span, Box]]) -> bytes:
    """Stretches of a page's text with their boxes as compact bytes; `unpack` reads them. Stretches
    that adjoin and share a line are put together where their characters are of like width."""
    rows: list[tuple[int, ...]] = []
    for span, box in boxes:
        if rows and _adjoin(rows[-1], (*span, *box)):
            start, _, left, top, _, bottom = rows[-1]
            rows[-1] = (start, span[1], left, min(top, box[1]), box[2], max(bottom, box[3]))
        else:
            rows.append((*span, *box))
    return zlib.compress(np.array(rows, dtype="<i4").tobytes()) if rows else b""


def _adjoin(row: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether two stretches may be put together: (start, end, left, top, right, bottom)."""
    width = (row[4] - row[2]) / max(row[1] - row[0], 1)
    added = (other[4] - other[2]) / max(other[1] - other[0], 1)
    level = 0.3 * (row[5] - row[3])
    return (
        row[1] == other[0]
        and abs(other[2] - row[4]) <= 0.2 * width
        and abs(added - width) <= 0.25 * width
        and abs(other[3] - row[3]) <= level
        and abs(other[5] - row[5]) <= level
    )


def unpack(packed: bytes, length: int) -> list[Box | None]:
    """The box of each character of a text of `length` characters. The characters of a stretch
    share its width by how wide they print."""
    found: list[Box | None] = [None] * length
    rows = np.frombuffer(zlib.decompress(packed), dtype="<i4").reshape(-1, 6) if packed else ()
    for start, end, left, top, right, bottom in (map(int, row) for row in rows):
        width = (right - left) / max(end - start, 1)
        for offset in range(start, min(end, length)):
            at = left + round((offset - start) * width)
            found[offset] = (at, top, left + round((offset - start + 1) * width), bottom)
    return found
