"""Quotes that state nothing."""

from __future__ import annotations

import pytest

from rag.checking.align import Quote
from rag.hollow import rest_on_nothing, states_nothing
from tests.builders import hit


def quote(text: str) -> Quote:
    return Quote(hit(text, "a.md"), 0, len(text), 1.0)


@pytest.mark.parametrize(
    ("text", "nothing"),
    [
        ("Where does goblin mode come from?", True),
        ("“哥布林模式”从何而来？", True),
        ("最佳导演; 最佳编剧; 大众 ...", True),
        ("The best film was …", True),
        ("今年的报名人数是多少呢，想必大家非常清楚。", True),
        ("今年的报名人数没有呢，想必大家非常清楚。", False),
        ("The best film was Home.", False),
        ("Price: EUR 12", False),
    ],
)
def test_a_question_and_what_breaks_off_state_nothing(text: str, nothing: bool) -> None:
    assert states_nothing(text) is nothing


@pytest.mark.parametrize(
    ("question", "sentence", "quoted", "hollow"),
    [
        ("年度词汇是什么？", "年度词汇是“哥布林模式”。", "“哥布林模式”从何而来？", True),
        ("年度词汇是什么？", "年度词汇是“内卷”。", "年度词汇选了“内卷”，为什么？", False),
        ("When did it open?", "It opened on 17 October 2022.", "Oct 17, 2022 ...", True),
        ("When did it open?", "It opened on 17 October 2022.", "17 October 2022: opened.", False),
        ("Is smoking allowed?", "Smoking is not allowed.", "Is smoking allowed?", False),
        ("When did it open?", "It opened on 17 October 2022.", "2022-10-17 | 09:30", True),
        ("主编是谁？", "主编 2022 年到任。", "Kurz joined in 2022.", False),
        ("何时开幕？", "2022 年 10 月 17 日开幕。", "It opened on 17 October 2022.", False),
        ("How much?", "It costs EUR 145.", "| Call-out | EUR 145 |", False),
    ],
)
def test_a_sentence_must_rest_on_a_statement(
    question: str, sentence: str, quoted: str, hollow: bool
) -> None:
    assert rest_on_nothing(question, sentence, [quote(quoted)]) is hollow


def test_one_statement_is_enough_and_none_is_not_judged() -> None:
    said = "It opened on 17 October 2022."
    date, told = quote("Oct 17, 2022"), quote("It was opened on a Monday.")
    assert not rest_on_nothing("When did it open?", said, [date, told])
    assert not rest_on_nothing("When did it open?", said, [])
