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


def test_characters_that_adjoin_are_packed_as_one_stretch() -> None:
    """As long as they are of like width and on one line: a hundred take little more than one."""
    level = [((n, n + 1), (100 * n, 50 + n % 2, 100 * n + 96, 90)) for n in range(100)]
    assert len(pack(level)) < len(pack(level[:1])) + 8
    for place, box in enumerate(unpack(pack(level), 100)):
        assert box is not None
        assert abs(box[0] - level[place][1][0]) < 10
    lower = [((100, 101), (10_000, 300, 10_096, 340))]
    assert unpack(pack(level + lower), 101)[100] == (10_000, 300, 10_096, 340)


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
