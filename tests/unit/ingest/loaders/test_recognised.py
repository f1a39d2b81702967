"""Recognised lines become a page's characters: level, in order, each with its box."""

from __future__ import annotations

import pytest

from ingest.loaders.ocr import OcrLine, Recognition, Sign
from ingest.loaders.pdf.pieces import pieces_of
from ingest.loaders.pdf.recognised import recognised_page
from ingest.loaders.pdf.text import lines_on
from ingest.places import UNIT

PIXELS, POINTS = (1000, 1400), (595.0, 833.0)


def line(text: str, left: float, top: float, *, slope: float = 0.0, step: float = 15) -> OcrLine:
    """A line of characters `step` pixels wide and 30 high."""
    signs = tuple(
        Sign(char, left + n * step, left + (n + (char != " ")) * step)
        for n, char in enumerate(text)
    )
    return OcrLine(signs, 0.9, left, left + len(text) * step, top, top + 30, slope)


def texts(*lines: OcrLine, quarters: int = 0) -> list[str]:
    page = recognised_page(Recognition(lines, quarters), PIXELS, POINTS)
    return [found.text for found in lines_on(pieces_of(page.sheet.glyphs))]


def test_cells_of_a_row_stay_a_row_though_the_page_is_turned_a_little() -> None:
    rows = [("Monday", "Choir", "A03"), ("Friday", "Dance", "B12"), ("Sunday", "Chess", "C07")]
    lines = [
        line(text, left, 100 + 60 * number + 0.02 * left, slope=0.02)
        for number, row in enumerate(rows)
        for left, text in zip((80.0, 400.0, 750.0), row, strict=True)
    ]
    lines.append(line("A long line of words below the table", 80, 400, slope=0.02))
    assert texts(*reversed(lines))[:3] == [
        "| Monday | Choir | A03 |",
        "| Friday | Dance | B12 |",
        "| Sunday | Chess | C07 |",
    ]


def test_columns_of_running_text_follow_one_another() -> None:
    left = [line(f"left column line {n} goes on", 50, 200 + 45 * n) for n in range(6)]
    right = [line(f"right column line {n} as well", 530, 200 + 45 * n) for n in range(6)]
    title = line("A title across both of the columns of this page", 50, 100, step=18)
    found = texts(*[one for pair in zip(left, right, strict=True) for one in pair], title)
    assert found == [one.text for one in (title, *left, *right)]


def test_boxes_follow_the_slope_of_the_line() -> None:
    page = recognised_page(Recognition((line("ab", 100, 700, slope=0.1),)), PIXELS, POINTS)
    (first, second) = page.signs
    assert first == ("a", (3200, round(700.75 * UNIT / 1400), 3680, round(730.75 * UNIT / 1400)))
    assert second[1][0] == 3680
    assert second[1][1] > first[1][1]
    assert page.confidence == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("quarters", "corner"),
    [(0, (0, 0)), (1, (UNIT, 0)), (2, (UNIT, UNIT)), (3, (0, UNIT))],
)
def test_boxes_of_a_turned_page_lie_on_the_page_as_it_is(
    quarters: int, corner: tuple[int, int]
) -> None:
    """The first sign stands in the upper left corner of the page once that is upright: before it
    was turned against the clock by a quarter, that was the upper right one."""
    page = recognised_page(Recognition((line("a", 0, 0),), quarters), PIXELS, POINTS)
    ((_, box),) = page.signs
    assert corner[0] in (box[0], box[2])
    assert corner[1] in (box[1], box[3])
