"""Line breaks that wrap against line breaks that end."""

from __future__ import annotations

from rag.text.lines import display_width, soft_breaks, starts_item


def test_wide_characters_take_two_columns() -> None:
    assert display_width("abc") == 3
    assert display_width("中文a，") == 7


def test_full_lines_wrap_and_short_ones_end() -> None:
    lines = [
        "This paragraph is wrapped at forty cols,",
        "so its lines are as full as can be, and",
        "end.",
    ]
    text = "\n".join([*lines, "Title", "Another paragraph follows here with more"])
    assert soft_breaks(text) == [len(lines[0]), len(lines[0]) + 1 + len(lines[1])]


def test_blank_lines_and_table_rows_part_blocks() -> None:
    wide = "x" * 60
    assert soft_breaks(f"{wide}\n\n{wide}") == []
    assert soft_breaks(f"{wide}\n| {wide} |\n{wide}") == []


def test_lists_of_short_lines_do_not_wrap() -> None:
    assert soft_breaks("Apple\nBerry\nCherry") == []


def test_slack_forgives_proportional_fonts() -> None:
    text = "a" * 50 + "\n" + "b" * 49 + "\n" + "c" * 44 + "\nDd dd"
    assert soft_breaks(text, slack=0.0) == [50, 100]
    assert soft_breaks(text, slack=0.15) == [50, 100, 145]


def test_one_line_that_juts_out_does_not_make_the_others_short() -> None:
    text = "\n".join(
        ["word " * 12 + "end", "word " * 12 + "end", "/usr/" * 30, "word " * 12 + "end"]
    )
    assert len(soft_breaks(text, slack=0.15)) >= 2


def test_items() -> None:
    assert starts_item("- one")
    assert starts_item("2) two")
    assert starts_item("1.2.3 Scope")
    assert starts_item("（三）其他")
    assert starts_item("第十二条 本办法")
    assert not starts_item("3.5 million")
    assert not starts_item("第三方可以")


def test_columns_set_apart_by_blanks_stay_lines() -> None:
    assert soft_breaks("Elsewhere in western Europe      EUR 130\nSingapore      SGD 220") == []


def test_a_line_that_ends_with_a_comma_goes_on() -> None:
    line = "The daily allowance is RMB 100 in China,"
    longer = "EUR 50 in the Netherlands and in all other European countries that we know."
    assert soft_breaks(f"{line}\n{longer}") == [len(line)]


def test_lines_with_the_same_label_are_records_however_long_they_are() -> None:
    rows = [f"name: Person {n}; extension: {4100 + n}; locker: {200 + n}" for n in range(4)]
    assert soft_breaks("\n".join(rows)) == []
    assert soft_breaks("\n".join(row.replace("name: ", "姓名： ") for row in rows)) == []


def test_a_label_that_only_one_line_has_does_not_part_a_paragraph() -> None:
    first = "Note: this paragraph is wrapped at 50 columns, and"
    assert soft_breaks(f"{first}\nNo: the second line goes on, as a wrapped one does") == [
        len(first)
    ]
