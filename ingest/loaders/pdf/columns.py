"""Columns of tables that are set by distance alone: parts of lines that stand below one another.

Works on the lines of a page, in place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ingest.loaders.pdf.lines import Line
from ingest.loaders.tables import labelled

_ALIGNED = 1.0
_NEAR = 4


def split_columns(lines: Sequence[Line]) -> None:
    """Turn plain lines into rows, in place, where parts of them stand below one another.

    The parts must begin at the same place in lines nearby, after a wide gap in at least one of
    them: running text does not line up so.
    """
    splits = [_aligned(lines, number) for number in range(len(lines))]
    for line, offsets in zip(lines, splits, strict=True):
        if offsets:
            text = line.cells[0]
            line.cells = [text[a:b].strip() for a, b in pairwise([0, *offsets, len(text)])]
            xs = [line.x, *(start.x for start in line.starts if start.offset in offsets)]
            ends = [x - 0.5 * line.size for x in xs[1:]]
            line.spans = list(zip(xs, [*ends, line.right], strict=True))


def _aligned(lines: Sequence[Line], number: int) -> list[int]:
    """The offsets in line `number` that stand above or below a start in a line nearby."""
    line = lines[number]
    if line.in_table:
        return []
    near = [
        other
        for other in lines[max(0, number - _NEAR) : number + _NEAR + 1]
        if other is not line and abs(other.y - line.y) <= 2 * _NEAR * line.size
    ]
    there = [start for other in near for start in other.starts]
    return [
        here.offset
        for here in line.starts
        if any(abs(here.x - s.x) < _ALIGNED and (here.wide or s.wide) for s in there)
    ]


_NUMBER = re.compile(r"\d{1,2}$")
_TITLE = re.compile(r"[^\W\d_]{2}|[\u4e00-\u9fff]")
_NUMBER_GAP = 3.0


def join_numbers(lines: Sequence[Line]) -> None:
    """Make a line of text of a number and a title that stand alone, such as "2 Related work"."""
    for index, line in enumerate(lines):
        near = [*lines[max(0, index - 1) : index], *lines[index + 1 : index + 2]]
        if len(line.cells) != 2 or any(other.in_table for other in near):
            continue
        gap = line.spans[1][0] - line.spans[0][1] if len(line.spans) == 2 else 0.0
        fits = _NUMBER.match(line.cells[0]) and _TITLE.match(line.cells[1])
        if fits and gap < _NUMBER_GAP * line.size:
            line.cells = [" ".join(line.cells)]
            line.spans = [(line.x, line.right)]


_STRETCHED = 2.5
_FEWEST_WORDS = 4


def join_stretched(lines: Sequence[Line]) -> None:
    """Make a line of text of words that justification set far apart, all by the same space."""
    for index, line in enumerate(lines):
        near = [*lines[max(0, index - 1) : index], *lines[index + 1 : index + 2]]
        if len(line.cells) < _FEWEST_WORDS or len(line.spans) != len(line.cells):
            continue
        gaps = [right[0] - left[1] for left, right in pairwise(line.spans)]
        even = max(gaps) - min(gaps) < 0.35 * line.size and max(gaps) < _STRETCHED * line.size
        words = sum(_TITLE.search(cell) is not None for cell in line.cells) > 0.6 * len(line.cells)
        if even and words and any(not other.in_table for other in near):
            line.cells, line.spans = [" ".join(line.cells)], [(line.x, line.right)]


_ROW_GAP = 3.0
_NEAREST = 1.5


def align_columns(lines: Sequence[Line]) -> None:
    """Give rows that lack a cell an empty one in its place, so that no cell moves to the left.

    The columns are those of the fullest rows of a table; a row whose cells do not fit them stays
    as it is. Rows of a table with bars in its cells are written with the names of its head.
    """
    for block in _blocks(lines):
        _align(block)
        head = block[0].cells
        if any("|" in cell for line in block[1:] for cell in line.cells) and all(head):
            for line in block[1:]:
                line.cells, line.row = [labelled(head, line.cells)], True


def _align(block: Sequence[Line]) -> None:
    """Fill up the rows of one table."""
    width = max(len(line.cells) for line in block)
    full = [line for line in block if len(line.cells) == width]
    columns = [
        (min(line.spans[c][0] for line in full), max(line.spans[c][1] for line in full))
        for c in range(width)
    ]
    if width < 3 or any(a[1] > b[0] for a, b in pairwise(columns)):
        return
    for line in block:
        places = _places(line, columns) if len(line.cells) < width else []
        if places:
            cells = dict(zip(places, line.cells, strict=True))
            line.cells = [cells.get(column, "") for column in range(width)]


def _blocks(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Stretches of rows that follow one another."""
    block: list[Line] = []
    for line in lines:
        near = bool(block) and 0 < block[-1].last_y - line.y < _ROW_GAP * line.size
        if not near and len(block) > 1:
            yield block
        block = block if near else []
        if len(line.cells) > 1 and len(line.spans) == len(line.cells):
            block.append(line)
        elif block:
            if len(block) > 1:
                yield block
            block = []
    if len(block) > 1:
        yield block


def _places(line: Line, columns: Sequence[tuple[float, float]]) -> list[int]:
    """The column of each cell, ascending; none if a cell fits no column or two."""
    places: list[int] = []
    for left, right in line.spans:
        over = [c for c, column in enumerate(columns) if left < column[1] and right > column[0]]
        if not over:
            middle = (left + right) / 2
            distance, nearest = min(
                (max(column[0] - middle, middle - column[1]), c) for c, column in enumerate(columns)
            )
            over = [nearest] if distance < _NEAREST * line.size else []
        if len(over) != 1 or (places and over[0] <= places[-1]):
            return []
        places.append(over[0])
    return places
