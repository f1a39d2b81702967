"""Days told without their month."""

from __future__ import annotations

import pytest

from rag.dates import has_the_month, names_a_bare_day


@pytest.mark.parametrize(
    ("question", "told", "bare"),
    [
        ("会议何时闭幕？", "会议于10日上午闭幕。", True),
        ("会议何时闭幕？", "会议于１０号闭幕。", True),
        ("会议何时闭幕？", "会议于3月10日闭幕。", False),
        ("会议何时闭幕？", "会议于2022-03-10闭幕，即10日。", False),
        ("会议 3 月几日闭幕？", "会议于10日闭幕。", False),
        ("会议何时闭幕？", "会议于星期三闭幕。", False),
    ],
)
def test_a_day_without_its_month_is_seen(question: str, told: str, bare: bool) -> None:
    assert names_a_bare_day(question, [told]) is bare


def test_the_same_day_with_its_month_completes_it() -> None:
    told = ["会议于10日上午闭幕。"]
    assert has_the_month(told, "3月10日，会议闭幕。")
    assert not has_the_month(told, "3月11日，会议闭幕。")
    assert not has_the_month(told, "会议于10日闭幕。")
    assert not has_the_month(told, "")
