"""What is mended before offsets are made, and what is left alone."""

from __future__ import annotations

import pytest

from ingest.loaders.normalise import (
    clean_text,
    close_letter_spacing,
    mend_wraps,
    vocabulary,
)


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("a\r\nb\rc", "a\nb\nc"),
        ("nul\0 soft\u00adhyphen zero\u200bwidth\ufeff", "nul softhyphen zerowidth"),
        ("a\u00a0b\u2009c", "a b c"),
        ("\ufb01ne \ufb02ow", "fine flow"),
        ("⼤⽬标⻚⻓", "大目标页长"),
        ("line  \n\n\n\n next\t\n", "line\n\n next"),
        ("lone \ud800 surrogate", "lone  surrogate"),
        ("hid\U000e0041den \u202ereversed", "hidden reversed"),
        ("👩\u200d💻 stays", "👩\u200d💻 stays"),
    ],
)
def test_clean_text(dirty: str, clean: str) -> None:
    assert clean_text(dirty) == clean


def mended(text: str, *, unwrap: bool = True) -> str:
    return mend_wraps(text, vocabulary(text), slack=0.15, unwrap=unwrap)


def test_chinese_words_are_joined_across_a_line_break() -> None:
    text = (
        "冷藏箱运输后应直立静置不少于四小时，背面与墙壁的距\n"
        "离不小于一百毫米，侧面距离也不小于五十毫米。电源插\n座须单独设置。"
    )
    assert mended(text) == text.replace("\n", "")
    assert mended(text, unwrap=False) == text.replace("\n", "")


def test_hyphenated_words_are_joined_unless_the_hyphen_is_theirs() -> None:
    text = (
        "The committee looked at the infor-\nmation that was given by the well-\n"
        "known expert. This well-known information."
    )
    assert "information that" in mended(text)
    assert "well-known expert" in mended(text)


def test_english_lines_are_joined_only_when_asked() -> None:
    text = "The quick brown fox jumps over the lazy\ndog and then it rests."
    assert mended(text) == text.replace("\n", " ")
    assert mended(text, unwrap=False) == text


def test_headings_items_and_sentence_ends_keep_their_break() -> None:
    text = (
        "Introduction\nThe machine is cleaned every week by its\nuser.\n"
        "1. Switch it off\n2. Open it"
    )
    assert mended(text) == text.replace("its\nuser", "its user")


def test_letter_spacing_is_closed_but_table_cells_stay_apart() -> None:
    assert close_letter_spacing("员 工 手 册 总 则") == "员工手册总则"
    assert close_letter_spacing("读取设备 返回结果") == "读取设备 返回结果"


def test_words_torn_on_short_lines_are_joined_if_the_document_knows_them() -> None:
    text = "The main-\ntenance is well-\nknown. A new-\nborn. Maintenance; well-known facts of old."
    assert mended(text, unwrap=False) == (
        "The maintenance is well-known. A new-\nborn. Maintenance; well-known facts of old."
    )
