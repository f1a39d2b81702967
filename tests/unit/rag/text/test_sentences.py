"""Sentences of real prose: what is one, and that nothing is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text import sentence_spans


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He left. She stayed! Why? No one knew.", 4),
        ("Dr. Smith met Prof. Lee at 5 p.m. on Monday.", 1),
        ("J. K. Rowling wrote it.", 1),
        ("See Fig. 3 and No. 5 on pp. 12 to 14.", 1),
        ("The answer is No. Then he left.", 2),
        ("It costs $3.50 or 1,000.25 in all. Pay now.", 2),
        ("Acme Inc. makes fans. Acme Inc. The board met.", 3),
        ("Ask the U.S. Government about it.", 1),
        ("e.g. this, i.e. that, etc. and so on.", 1),
        ("He said “Go.” Then he went.", 2),
        ("Read http://x.example/?a=1&b=2!c for more.", 1),
        ("Well... perhaps. Or not.", 2),
        ("Version 3.11 is out. Get it.", 2),
        ("你好。世界！真的吗？是的；当然。", 5),
        ("他说：“走吧。”然后走了。", 2),
        ("价格为3.5元。第2条适用。", 2),
        ("他想了想……还是走了。", 1),
        ("他想了想……\n\n还是走了。", 2),
        ("使用 Python 3.11 版。中文与 English 混排. 下一句。", 3),
    ],
)
def test_counts_sentences(text: str, expected: int) -> None:
    assert len(sentences(text)) == expected, sentences(text)


def test_a_wrapped_line_goes_on() -> None:
    text = (
        "The quick brown fox jumps over the lazy dog and\n"
        "then rests for a while in the shade of an old\n"
        "tree. It sleeps."
    )
    assert sentences(text)[1] == "It sleeps."
    assert len(sentences(text)) == 2


def test_a_number_at_a_line_start_is_not_a_list_item() -> None:
    text = "In the year that followed the revenue of the firm grew by\n3.5 million euros in total."
    assert len(sentences(text)) == 1


def test_headings_items_and_rows_stand_alone() -> None:
    text = (
        "INTRODUCTION\nThis guide explains how the machine is cleaned every week.\n"
        "1. Switch it off\n2. Take out the filter\n- Rinse it\n| Part | Price |\n| Filter | 3 |"
    )
    assert sentences(text) == text.split("\n")


def test_chinese_headings_and_clauses_stand_alone() -> None:
    text = "第一章 总则\n第一条 本办法适用于全体员工。\n一、范围\n（一）正式员工"
    assert sentences(text) == text.split("\n")


def test_a_wrapped_chinese_line_goes_on() -> None:
    text = "冷藏箱运输后应直立静置不少于四小时，背面与墙壁的距离\n不小于一百毫米，侧面也一样。"
    assert len(sentences(text)) == 1


@given(st.text(alphabet="ab Z。.!?；…\n \t1“”)|-中文，", max_size=200))
def test_every_character_is_in_exactly_one_sentence(text: str) -> None:
    spans = sentence_spans(text)
    covered = [place for start, end in spans for place in range(start, end)]
    assert len(covered) == len(set(covered))
    assert {n for n, char in enumerate(text) if not char.isspace()} <= set(covered)
    assert all(text[start:end] == text[start:end].strip() for start, end in spans)
    assert spans == sorted(spans)
