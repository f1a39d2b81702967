"""Questions for several things, taken apart; what must stay whole, whole."""

from __future__ import annotations

import pytest

from rag.decompose import decompose
from rag.part import Part


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (
            "What is the notice period and who signs the contract?",
            ["What is the notice period?", "Who signs the contract?"],
        ),
        (
            "What is the deposit, and is it refundable?",
            ["What is the deposit?", "Is the deposit refundable?"],
        ),
        (
            "Until when does the lease with Acme run, and at what rent?",
            [
                "Until when does the lease with Acme run?",
                "At what rent does the lease with Acme run?",
            ],
        ),
        (
            "How long does the lamp burn in the X100, and how long in the X200?",
            [
                "How long does the lamp burn in the X100?",
                "How long does the lamp burn in the X200?",
            ],
        ),
        (
            "What cover does the pump have under the 2020 edition of the terms, and what under the "
            "2023 edition?",
            [
                "What cover does the pump have under the 2020 edition of the terms?",
                "What cover does the pump have under the 2023 edition of the terms?",
            ],
        ),
        (
            "In 2025, what was the revenue and what was the profit?",
            ["In 2025, what was the revenue?", "In 2025, what was the profit?"],
        ),
        (
            "How many staff did Acme have at the end of 2020 and at the end of June 2023?",
            [
                "How many staff did Acme have at the end of 2020?",
                "How many staff did Acme have at the end of June 2023?",
            ],
        ),
        (
            "What is the price of the X100 and the X200?",
            ["What is the price of the X100?", "What is the price of the X200?"],
        ),
        (
            "What are the opening hours in Berlin and in Munich?",
            ["What are the opening hours in Berlin?", "What are the opening hours in Munich?"],
        ),
        (
            "How did the fee for visitors change from the 2020 to the 2022 price list?",
            [
                "What was the fee for visitors in the 2020 price list?",
                "What is the fee for visitors in the 2022 price list?",
            ],
        ),
        (
            "When was the lease with Acme signed, and by whom?",
            ["When was the lease with Acme signed?", "By whom was the lease with Acme signed?"],
        ),
        ("租期多久？押金多少？", ["租期多久？", "押金多少？"]),
        ("租约什么时候生效，适用于哪些员工？", ["租约什么时候生效？", "租约适用于哪些员工？"]),
        ("A 产品和 B 产品的价格分别是多少？", ["A 产品的价格是多少？", "B 产品的价格是多少？"]),
        (
            "苏州工厂的面积和员工数各是多少？",
            ["苏州工厂的面积是多少？", "苏州工厂的员工数是多少？"],
        ),
        ("张三和李四各负责什么？", ["张三负责什么？", "李四负责什么？"]),
        (
            "按新办法，租金上限，2020 年版和 2023 年版条款分别规定为多少？",
            [
                "按新办法，租金上限，2020 年版条款规定为多少？",
                "按新办法，租金上限，2023 年版条款规定为多少？",
            ],
        ),
        (
            "公司在 2020 年底和 2023 年第一季度末各有多少员工？",
            ["公司在 2020 年底有多少员工？", "公司在 2023 年第一季度末有多少员工？"],
        ),
    ],
)
def test_each_part_stands_alone(question: str, expected: list[str]) -> None:
    assert decompose(question) == [Part(text) for text in expected]


@pytest.mark.parametrize(
    "question",
    [
        "How long is annual leave?",
        "Who is the CEO of Siemens and Bosch?",
        "What does the research and development department do?",
        "When and where was the treaty signed?",
        "What is the difference between the price in 2020 and in 2023?",
        "What was the total of the fees in 2020 and in 2023?",
        "An X100 was delivered in May 2020. For how long is its pump covered?",
        "Johnson and Johnson was founded when?",
        "What changed, and why?",
        "Who approved the plan, and when?",
        "2020 年和 2023 年的收入相差多少？",
        "各部门的预算是多少？",
        "预算有变化吗？现在是多少？",
        "",
    ],
)
def test_one_question_stays_one(question: str) -> None:
    assert decompose(question) == [Part(question)]


def test_a_question_for_too_much_stays_whole() -> None:
    question = "What is a? What is b? What is c? What is d? What is e?"
    assert decompose(question) == [Part(question)]
    story = "We met the tenant in May and in June. " * 20 + "What is the rent and who pays it?"
    assert decompose(story) == [Part(story)]


@pytest.mark.parametrize(
    ("question", "first", "second"),
    [
        (
            "Which company makes the fan, and where is it based?",
            "Which company makes the fan?",
            "Where is it based?",
        ),
        (
            "What part does E11 call for, and what does that part cost?",
            "What part does E11 call for?",
            "What does that part cost?",
        ),
        (
            "风机是哪家公司制造的？该公司在哪个城市？",
            "风机是哪家公司制造的？",
            "该公司在哪个城市？",
        ),
    ],
)
def test_a_part_that_leans_on_the_one_before_says_so(
    question: str, first: str, second: str
) -> None:
    assert decompose(question) == [Part(first), Part(second, leans=True)]
