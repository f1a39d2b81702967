"""A figure that is told of another thing in the same sentence."""

from __future__ import annotations

import pytest

from rag.clauses import (
    told_of_a_year_compared,
    told_of_another,
    told_of_another_quarter,
    told_of_another_year,
    told_of_something_else,
    told_under_another,
)

STAND = "运输后应直立静置：MT-120 和 MT-260 不少于 4 小时，MT-260S 不少于 12 小时。"
LIMITS = "The limit was RMB 550 in 2024, and RMB 1,600 in 2026."
SOLD = "In 2025 the MT-260S sold 3,870 units, 80 percent more than in the year before."


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        ("MT-260S 开机前须直立静置 4 小时。", STAND),
        ("The MT-260 must stand upright for 12 hours.", STAND),
        ("In 2026 the limit is RMB 550.", LIMITS),
        ("The 2024 limit was 1600 yuan.", LIMITS),
    ],
)
def test_a_neighbours_figure_is_seen(sentence: str, quote: str) -> None:
    assert told_of_another(sentence, [quote])


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        ("MT-260S 开机前须直立静置 12 小时。", STAND),
        ("The MT-120 must stand upright for 4 hours.", STAND),
        ("MT-260 为 4 小时，MT-260S 为 12 小时。", STAND),
        ("The K-650 must stand upright for 4 hours.", STAND),  # of that the quote says nothing
        ("In 2024 the limit was RMB 550.", LIMITS),
        ("The limit was 550 yuan.", LIMITS),
        ("The MT-260S sold 80 percent more in 2025.", SOLD),  # the subject is carried over
        ("Sales of the MT-260S in 2025 were 3870 units.", SOLD),
    ],
)
def test_its_own_figure_is_left_alone(sentence: str, quote: str) -> None:
    assert not told_of_another(sentence, [quote])


def test_another_quote_may_hold_the_figure() -> None:
    own = "The MT-260S may rest for 4 hours in the crate."
    assert not told_of_another("MT-260S 静置 4 小时。", [STAND, own])


HELD = (
    "Because of the ice lining the content stays below 8 degrees for at least 52 hours at 32 "
    "degrees ambient. At 43 degrees ambient it is 31 hours."
)
ASKED = "环境温度 32 度时，MT-260S 断电后能保冷多少小时？"


def test_the_figure_of_another_condition_is_seen_across_languages() -> None:
    assert told_under_another(ASKED, "环境温度 32 度时能保冷 31 小时。", [HELD])
    assert not told_under_another(ASKED, "环境温度 32 度时能保冷 52 小时。", [HELD])
    assert not told_under_another(ASKED, "能保冷 31 小时。", [HELD])  # which, it does not say
    only_the_other = "At 43 degrees ambient it is 31 hours."
    assert not told_under_another(ASKED, "环境温度 32 度时能保冷 31 小时。", [only_the_other])


SPENT = "Kelvara spent RMB 58.7 million on research and development, 6.5 percent of revenue."
TOOK = "凯澜在研发上投入 5,870 万元，占营业收入的 6.5%。"


@pytest.mark.parametrize(
    ("question", "sentence", "quote"),
    [
        ("What was the revenue in 2025?", "The revenue in 2025 was RMB 58.7 million.", SPENT),
        ("营业收入是多少？", "营业收入是 5,870 万元。", TOOK),
    ],
)
def test_a_figure_that_is_told_of_something_else_is_seen(
    question: str, sentence: str, quote: str
) -> None:
    assert told_of_something_else(question, sentence, [quote])
    also = "The revenue was RMB 58.7 million." if quote == SPENT else "营业收入为 5,870 万元。"
    assert not told_of_something_else(question, sentence, [quote, also])


@pytest.mark.parametrize(
    ("question", "sentence", "quote"),
    [
        ("What was spent on research?", "RMB 58.7 million was spent on research.", SPENT),
        ("What share of revenue was that?", "It was 6.5 percent of revenue.", SPENT),
        ("研发投入多少？", "研发投入 5,870 万元。", TOOK),
        (
            "How many cabinets received the new fan?",
            "868 cabinets received it.",
            "Of the 1,312 cabinets called back, 868 had received the new fan at the end of 2025.",
        ),
        (
            "What was the revenue?",
            "The revenue was RMB 903.7 million.",
            "Revenue rose by 10.4 percent in the year under report, to RMB 903.7 million.",
        ),
    ],
)
def test_what_an_earlier_clause_names_is_carried_over(
    question: str, sentence: str, quote: str
) -> None:
    assert not told_of_something_else(question, sentence, [quote])


@pytest.mark.parametrize(
    ("sentence", "quote", "seen"),
    [
        ("我国2021年人口出生率为6.77‰。", "人口出生率为6.77‰，比2021年下降0.75个千分点；", True),
        ("2022年人口出生率为6.77‰。", "人口出生率为6.77‰，比2021年下降0.75个千分点；", False),
        ("2021年人口出生率为7.52‰。", "2021年人口出生率为7.52‰，比2020年下降1.00‰。", False),
        ("比2021年下降0.75个千分点。", "人口出生率为6.77‰，比 2021 年下降0.75个千分点；", False),
        ("In 2024 sales were 480 units.", "Sales were 480 units, 80 more than in 2024.", True),
        (
            "In 2025 sales were 480 units.",
            "Sales were 480 units in 2025, 80 more than in 2024.",
            False,
        ),
        ("In 2024 sales rose by 80.", "Sales were 480 units, 80 more than in 2024.", False),
        ("It has led since 2019, with 12 sites.", "Since 2019 it has 12 sites.", False),
    ],
)
def test_a_year_that_is_only_compared_with_has_no_figure_of_its_own(
    sentence: str, quote: str, seen: bool
) -> None:
    assert told_of_a_year_compared(sentence, [quote]) == seen


@pytest.mark.parametrize(
    ("sentence", "quote", "other"),
    [
        ("2026 年第二季度的收入是 2.286 亿元。", "第一季度收入 2.286 亿元，增长 9.1%。", True),
        ("2026 年第一季度的收入是 2.286 亿元。", "第一季度收入 2.286 亿元，增长 9.1%。", False),
        ("Revenue in Q2 was EUR 12 million.", "First quarter: revenue EUR 12 million.", True),
        ("Revenue in Q2 was EUR 12 million.", "In Q2, revenue rose to EUR 12 million.", False),
        ("Revenue in the second half was EUR 12 million.", "H1: revenue EUR 12 million", True),
        ("上半年收入 12 万元。", "下半年收入 12 万元。", True),
        ("Revenue was EUR 12 million.", "In Q2 revenue was EUR 12 million.", False),
        ("In Q2 labour cost EUR 96.", "The first half hour of labour costs EUR 96.", False),
        ("第二季度门票 12 元。", "公园四季开放门票 12 元。", False),
    ],
)
def test_the_figure_of_another_quarter_is_seen(sentence: str, quote: str, other: bool) -> None:
    assert told_of_another_quarter(sentence, [quote]) is other


@pytest.mark.parametrize(
    ("sentence", "quote", "other"),
    [
        ("一季度增长率是 5.7%。", "我们维持今年经济增长 5.7% 的预测。", True),
        ("一季度增长率是 4.5%。", "今年一季度经济同比增长 4.5%。", False),
        ("一季度增长率是 4.5%。", "一季度数据公布，今年以来增长 4.5%。", False),
        ("一季度增长率是 4.5%。", "经济增长 4.5%。", False),
        ("Growth in the first quarter was 5.7 %.", "Annual growth is seen at 5.7 %.", True),
        ("上半年销量为 5.4 万辆。", "2022 年 12 月销量 5.4 万辆，是近年最低。", True),
        ("上半年销量为 5.4 万辆。", "截至 6 月销量 5.4 万辆。", False),
        ("上半年销量为 5.4 万辆。", "1-6 月销量 5.4 万辆。", False),
        ("上半年销量为 5.4 万辆。", "6 月底公布销量 5.4 万辆。", False),
        ("上半年销量为 5.4 万辆。", "2022年1-11月实销 5.4 万辆。", True),
        ("一季度销量为 5.4 万辆。", "1 月至 3 月销量 5.4 万辆。", False),
        ("1-11月销量为 5.4 万辆。", "1-11月销量 5.4 万辆。", False),
        ("Sales in the first half were 540.", "From January to November 540 were sold.", True),
        ("Sales in the first half were 540.", "January through June: 540.", False),
        ("In the first half 540 were sold.", "In December 540 were sold.", True),
    ],
)
def test_the_figure_of_the_whole_year_or_of_a_month_is_not_a_quarters(
    sentence: str, quote: str, other: bool
) -> None:
    assert told_of_another_quarter(sentence, [quote]) is other


def test_the_quarter_may_be_named_by_the_question_alone() -> None:
    told = "2022 年全年累计销售 67 万辆。"
    assert told_of_another_quarter(told, [told], "2022 年上半年的销量是多少？")
    assert not told_of_another_quarter(told, [told], "2022 年的销量是多少？")


@pytest.mark.parametrize(
    ("sentence", "quote", "other"),
    [
        (
            "2021 年旅客吞吐量超 7 万人次。",
            "2022 年元旦 3 天假期，预计日均旅客吞吐量超 7 万人次。",
            True,
        ),
        ("2022 年春节档总票房突破 3 亿。", "2023 年春节档预售五天后，总票房突破 3 亿。", True),
        ("In 2021 it sold 400 units.", "In 2022, after a slow start, it sold 400 units.", True),
        ("In 2021 it sold 400 units.", "It sold 400 units, and 500 in 2022.", False),
        ("In 2021 it sold 400 units.", "In 2022 it sold 500; 400 units were sold in 2021.", False),
        ("In 2021 it sold 400 units.", "It sold 400 units.", False),
        ("It sold 400 units.", "In 2022 it sold 400 units.", False),
        ("From 2020 to 2021 it sold 400 units.", "In 2022 it sold 400 units.", False),
    ],
)
def test_the_figure_of_another_year_is_seen(sentence: str, quote: str, other: bool) -> None:
    assert told_of_another_year(sentence, [quote]) is other


def test_a_date_that_the_question_says_is_not_what_is_told() -> None:
    quote = "截至 3 月 31 日的期限，1,312 台中已更换风机 1,184 台，完成率 90.2%。"
    question = "召回中到 3 月 31 日更换了多少台风机？"
    assert not told_of_something_else(question, "到 3 月 31 日更换了 1,184 台风机。", [quote])
    other = "召回中更换了多少台风机？"
    assert told_of_something_else(other, "更换了 31 台风机。", [quote])
