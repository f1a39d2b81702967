"""Follow-ups: resolved by rules, by the model only where no rule applies."""

from __future__ import annotations

import pytest

from rag.rewrite import needs_history, standalone
from rag.types import Turn
from tests.fakes import FakeChat

FOLLOW_UPS = [
    ("How many vacation days do employees in Germany get?", "30.", "What about France?",
     "How many vacation days do employees in France get?"),
    ("What was the revenue of Nordwind in 2022?", "12 million.", "And in 2023?",
     "What was the revenue of Nordwind in 2023?"),
    ("What is the notice period for interns?", "2 weeks.", "And for managers?",
     "What is the notice period for managers?"),
    ("How many days do full-time employees get?", "30.", "What about part-time employees?",
     "How many days do part-time employees get?"),
    ("What does the P200 pump cost?", "1,200 euros.", "How long is its warranty?",
     "How long is the P200 pump's warranty?"),
    ("Who leads the Leipzig plant?", "Anna Weber leads it.", "When did she join?",
     "When did Anna Weber join?"),
    ("What is the limit for travel expenses?", "500 euros.", "Who approves them?",
     "Who approves the travel expenses?"),
    ("2022年公司的营业收入是多少？", "12亿元。", "那2023年呢？", "2023年公司的营业收入是多少？"),
    ("北京办公室的地址在哪里？", "朝阳区。", "上海呢？", "上海办公室的地址在哪里？"),
    ("销售部的差旅报销上限是多少？", "500元。", "那研发部呢？", "研发部的差旅报销上限是多少？"),
    ("全职员工每年有多少天年假？", "15天。", "兼职员工呢？", "兼职员工每年有多少天年假？"),
    ("P200水泵的价格是多少？", "1200元。", "它的保修期多长？", "P200水泵的保修期多长？"),
    ("谁是莱比锡工厂的负责人？", "是王建国。", "他什么时候入职的？", "王建国什么时候入职的？"),
]  # fmt: skip
FOLLOW_UPS += [
    ("2022年一季度医用冷藏的收入是多少？", "1亿。", "运输呢？", "2022年一季度运输的收入是多少？"),
    ("X-20 冷藏箱的净重是多少？", "90 千克。", "一个货柜能装多少台？",
     "一个货柜能装多少台（X-20 冷藏箱）？"),
    ("How many cabinets are affected by the recall?", "Nine.", "Who repairs them?",
     "Who repairs the cabinets?"),
]  # fmt: skip
FOLLOW_UPS += [
    ("How many pumps does bulletin SB-2021-03 concern?", "Nine.",
     "How long does each of them take?", "How long does each of the pumps take (SB-2021-03)?"),
    ("合肥二期什么时候竣工？", "十二月。", "预算有变化吗？", "预算有变化吗（合肥二期）？"),
]  # fmt: skip


@pytest.mark.parametrize(("earlier", "answer", "question", "expected"), FOLLOW_UPS)
def test_rules_resolve_the_usual_follow_ups(
    earlier: str, answer: str, question: str, expected: str
) -> None:
    rewrite = standalone(question, [Turn(earlier, answer)])
    assert (rewrite.question, rewrite.by) == (expected, "rules")


@pytest.mark.parametrize(
    "question",
    ["How many employees work at the Hamburg site?", "谁负责数据安全？", "Is it possible to park?"],
)
def test_questions_that_stand_alone_are_left_alone(question: str) -> None:
    history = [Turn("What does the P200 pump cost?", "1,200 euros.")]
    assert standalone(question, history).question == question


@pytest.mark.parametrize(
    "question",
    ["机房内氨浓度达到多少时，事故风机会自动启动？", "氨溅入眼睛后应当用清水冲洗多久？"],
)
def test_a_chinese_question_of_several_things_is_whole(question: str) -> None:
    history = [Turn("按 2026 年版差旅办法，在东京住宿每晚限额是多少？", "文档中没有答案。")]
    assert standalone(question, history).by == "none"
    assert standalone("住宿标准是多少？", history).question == "住宿标准是多少（东京住宿）？"


def test_without_history_nothing_changes() -> None:
    assert standalone("What about it?", []).by == "none"


def test_a_chain_of_follow_ups_keeps_its_subject() -> None:
    history = [
        Turn("What was the revenue of Nordwind in 2021?", "10 million."),
        Turn("And in 2022?", "12 million."),
    ]
    asked = standalone("What about 2023?", history).question
    assert asked == "What was the revenue of Nordwind in 2023?"


@pytest.mark.parametrize(
    ("earlier", "question"),
    [("When was the Leipzig plant closed?", "Why?"), ("莱比锡工厂什么时候关闭的？", "为什么？")],
)
def test_a_bare_word_gets_the_earlier_question_beside_it(earlier: str, question: str) -> None:
    asked = standalone(question, [Turn(earlier, "2022")]).question
    assert asked.startswith(question[:3].rstrip("？?"))
    assert "Leipzig" in asked or "莱比锡" in asked


def test_the_model_is_asked_only_when_no_rule_applies() -> None:
    chat = FakeChat(replies=["Why was the Leipzig plant closed?"])
    history = [Turn("When was the Leipzig plant closed?", "It was closed in 2022.")]
    assert standalone("And in 2023?", history, chat).by == "rules"
    assert chat.prompts == []
    assert standalone("Why?", history, chat).question == "Why was the Leipzig plant closed?"


def test_a_proposal_with_words_that_nobody_said_is_refused() -> None:
    chat = FakeChat(replies=["Why did Elon Musk buy Twitter?"])
    history = [Turn("When was the Leipzig plant closed?", "In 2022.")]
    rewrite = standalone("Why?", history, chat)
    assert "Musk" not in rewrite.question
    assert rewrite.by == "rules"


def test_leaning_is_recognised() -> None:
    assert needs_history("How much is it?")
    assert needs_history("那价格呢？")
    assert not needs_history("Which documents mention ammonia safety training?")


def test_what_was_named_two_turns_ago_is_still_meant() -> None:
    history = [
        Turn("What does a Silver contract cost in 2024?", "90 euros."),
        Turn("How fast is the phone answered?", "At once."),
    ]
    rewrite = standalone("And how quickly is an engineer on site?", history)
    assert rewrite.question == "How quickly is an engineer on site (Silver contract, 2024)?"
    assert rewrite.by == "rules"


def test_a_new_name_takes_the_place_of_the_old_one() -> None:
    history = [
        Turn("What does a Silver contract cost?", "90 euros."),
        Turn("Where is the Leeds office?", "In the High Street."),
    ]
    asked = standalone("And how many engineers are on duty at night?", history).question
    assert "Leeds" in asked
    assert "Silver" not in asked


def test_what_begins_with_and_but_is_not_whole_keeps_the_question_before() -> None:
    asked = standalone("And why?", [Turn("Was hall 3 closed in July?", "Yes.")]).question
    assert "closed" in asked
