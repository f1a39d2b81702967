"""Recognised lines -> the characters of a page as a PDF has them, so that its tables, paragraphs
and headings are found by the same rules.

The lines are set level and in reading order: columns of running text one after the other, rows of
a table as they stand. Pure functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from ingest.loaders.ocr import OcrLine, Recognition
from ingest.loaders.pdf.glyphs import Glyph, Sheet
from ingest.places import UNIT, Box

_PRINT = 0.78
"""Of the height of a line's box, the size of its print."""
_BASELINE = 0.78
"""Of the height of a line's box, from its top, where its baseline is."""
_ALIKE = 0.22
"""Share by which heights differ that are of one size: a box is higher where letters hang below."""
_SAME_ROW = 0.35
_LONG = 5.0
_FEWEST_LINES = 5
_FULL = 0.6


@dataclass(frozen=True, slots=True)
class Recognised:
    """A page as recognised: its characters, the box of each inked one on the page, in order, and
    how sure the recogniser is of them, in [0, 1]."""

    sheet: Sheet
    signs: tuple[tuple[str, Box], ...]
    confidence: float


def recognised_page(
    found: Recognition, pixels: tuple[int, int], points: tuple[float, float]
) -> Recognised:
    """The page of what was recognised on a picture of `pixels`, which shows a page of so many
    `points` across and up."""
    lines, quarters = found.lines, found.quarters
    if quarters % 2:
        pixels, points = pixels[::-1], points[::-1]
    slope = _slope(lines)
    level = [(line.top + line.bottom) / 2 - slope * line.left for line in lines]
    usual = median([line.bottom - line.top for line in lines]) if lines else 1.0
    order = _in_rows([line.left for line in lines], level, usual)
    order = _in_columns(order, lines, pixels[0])
    across, up = points[0] / pixels[0], points[1] / pixels[1]
    sheet, signs = Sheet(bottom=0.0, top=points[1]), []
    row_level = 0.0
    previous: int | None = None
    for run, number in enumerate(order):
        line = lines[number]
        height = line.bottom - line.top
        height = usual if abs(height - usual) < _ALIKE * usual else height
        same_row = previous is not None and abs(level[number] - row_level) < _SAME_ROW * usual
        row_level = row_level if same_row else level[number]
        previous = number
        size = _PRINT * height * up
        y = points[1] - (row_level + (_BASELINE - 0.5) * height) * up
        for sign in line.signs:
            sheet.glyphs.append(
                Glyph(sign.text, sign.left * across, sign.right * across, y, size, run)
            )
            if not sign.text.isspace():
                box = _box(line, sign.left, sign.right, pixels)
                signs.append((sign.text, _turned_back(box, quarters)))
    return Recognised(sheet, tuple(signs), found.confidence)


def _turned_back(box: Box, quarters: int) -> Box:
    """The box on the page as it lies, before it was turned by so many quarters."""
    for _ in range(quarters):
        left, top, right, bottom = box
        box = UNIT - bottom, left, UNIT - top, right
    return box


def _slope(lines: Sequence[OcrLine]) -> float:
    """How the page is turned: the middle slope of its long lines."""
    long = [
        line.slope for line in lines if line.right - line.left > _LONG * (line.bottom - line.top)
    ]
    return median(long) if long else 0.0


def _in_rows(lefts: Sequence[float], level: Sequence[float], usual: float) -> list[int]:
    """The lines from top to bottom, those of one row from left to right."""
    by_height = sorted(range(len(level)), key=lambda number: level[number])
    rows: list[list[int]] = []
    for number in by_height:
        if rows and level[number] - level[rows[-1][0]] < _SAME_ROW * usual:
            rows[-1].append(number)
        else:
            rows.append([number])
    return [number for row in rows for number in sorted(row, key=lambda n: lefts[n])]


def _in_columns(order: list[int], lines: Sequence[OcrLine], width: int) -> list[int]:
    """The lines with columns of running text one after the other; as they are if there are none.

    A column is told by its lines: most of them fill it. Lines across both end what stands above.
    """
    best: tuple[int, float] = (0, 0.0)
    for part in range(35, 66):
        gutter = width * part / 100
        left = [n for n in order if lines[n].right <= gutter]
        right = [n for n in order if lines[n].left >= gutter]
        if min(len(left), len(right)) < _FEWEST_LINES:
            continue
        if not (_fills(left, lines) and _fills(right, lines)):
            continue
        best = max(best, (len(left) + len(right), gutter), key=lambda found: found[0])
    if best[0] < _FULL * len(order) or not best[0]:
        return order
    ordered: list[int] = []
    waiting: list[int] = []
    for number in order:
        if lines[number].right <= best[1]:
            ordered.append(number)
        elif lines[number].left >= best[1]:
            waiting.append(number)
        else:
            ordered += [*waiting, number]
            waiting = []
    return ordered + waiting


def _fills(column: Sequence[int], lines: Sequence[OcrLine]) -> bool:
    """Whether most lines of a column are as wide as it is."""
    widths = [lines[n].right - lines[n].left for n in column]
    whole = max(lines[n].right for n in column) - min(lines[n].left for n in column)
    height = median([lines[n].bottom - lines[n].top for n in column])
    return whole > 2 * _LONG * height and sum(w > 0.7 * whole for w in widths) > _FULL * len(widths)


def _box(line: OcrLine, left: float, right: float, pixels: tuple[int, int]) -> Box:
    """The box of a sign on the page, where the line is at that place."""
    down = line.slope * ((left + right) / 2 - line.left)
    across, deep = UNIT / pixels[0], UNIT / pixels[1]
    edges = (left * across, (line.top + down) * deep, right * across, (line.bottom + down) * deep)
    bounded = [min(max(round(edge), 0), UNIT) for edge in edges]
    return bounded[0], bounded[1], bounded[2], bounded[3]
