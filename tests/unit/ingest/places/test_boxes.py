"""Boxes are packed without loss, and joined to a rectangle for each line."""

from __future__ import annotations

from ingest.places.boxes import Box, pack, rectangles, unpack


def test_characters_share_the_width_of_their_stretch() -> None:
    packed = pack([((0, 4), (100, 10, 500, 40)), ((5, 6), (0, 50, 30, 80))])
    assert unpack(packed, 6) == [
        (100, 10, 200, 40),
        (200, 10, 300, 40),
        (300, 10, 400, 40),
        (400, 10, 500, 40),
        None,
        (0, 50, 30, 80),
    ]


def test_nothing_packed_is_no_box() -> None:
    assert pack([]) == b""
    assert unpack(b"", 2) == [None, None]


def test_a_span_over_two_lines_makes_two_rectangles() -> None:
    boxes: list[Box | None] = [
        (100, 10, 110, 30),
        (112, 12, 120, 30),
        None,
        (10, 40, 20, 60),
        (22, 40, 30, 60),
    ]
    assert rectangles(boxes, [(0, 5)]) == [(100, 10, 120, 30), (10, 40, 30, 60)]


def test_a_wide_gap_within_a_line_is_not_marked_through() -> None:
    boxes: list[Box | None] = [(0, 0, 10, 20), (500, 0, 510, 20)]
    assert len(rectangles(boxes, [(0, 2)])) == 2


def test_spans_beyond_the_text_mark_nothing() -> None:
    assert rectangles([(0, 0, 1, 1)], [(5, 9)]) == []
