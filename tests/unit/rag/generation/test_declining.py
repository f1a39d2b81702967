"""What counts as the model declining."""

from __future__ import annotations

import pytest

from rag.generation.declining import declines, is_refusal, may_decline
from rag.generation.prompt import LANGUAGES, REFUSAL
from rag.types import Language


@pytest.mark.parametrize(
    "text",
    [
        *REFUSAL.values(),
        "Not in your documents.",
        "您的文档中没有答案。",
        "The passages do not mention the warranty of the pump.",
        "There is no information about the CEO in the documents.",
        "I don't know.",
        "It cannot be determined from the text.",
        "The salary is not specified in the provided documents.",
        "资料中没有提到总经理的姓名。",
        "根据提供的资料，无法确定具体日期。",
        "文档没有给出2023年的数据。",
        "没有相关信息。",
        "資料中沒有說明。",
    ],
)
def test_refusals_are_recognised(text: str) -> None:
    assert is_refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "Meals are not included in the fare.",
        "Batteries are not provided with the device.",
        "It does not include a charger.",
        "The pump cannot run dry.",
        "No employee may carry over more than five days.",
        "保修不包含电池。",
        "公司未提供食宿。",
        "试用期员工没有年假。",
        "超过三个月的发票不能报销。",
    ],
)
def test_negative_facts_are_no_refusals(text: str) -> None:
    assert not is_refusal(text)


@pytest.mark.parametrize(
    ("text", "declining"),
    [
        ("The documents do not say. I don't know.", True),
        ("资料中没有说明。无法确定具体日期。", True),
        ("Annual leave is 30 days. The documents do not mention bonuses.", False),
        ("Leave is long.", False),
        ("", True),
        (" \n", True),
    ],
)
def test_a_text_declines_if_every_sentence_does(text: str, declining: bool) -> None:
    assert declines(text) is declining


@pytest.mark.parametrize(
    ("beginning", "expected"),
    [
        ("", True),
        ("The doc", True),
        ("The documents do not say", True),
        ("资料中没有", True),
        ("The dose is 5 g", False),
        ("Annual", False),
        ("资料员是张伟", False),
    ],
)
def test_what_may_yet_decline(beginning: str, expected: bool) -> None:
    assert may_decline(beginning) is expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_refusal_asked_for_is_held_back_from_its_first_character(language: Language) -> None:
    refusal = REFUSAL[language]
    assert all(may_decline(refusal[:end]) for end in range(len(refusal)))
