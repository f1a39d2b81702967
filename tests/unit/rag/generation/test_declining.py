"""The decision to refuse, and what counts as the model declining."""

from __future__ import annotations

import pytest

from rag.generation.prompt import REFUSAL
from rag.checking.decide import ABSTENTION, Signals, confidence, hopeless, is_refusal


@pytest.mark.parametrize(
    "text",
    [
        *REFUSAL.values(),
        *ABSTENTION.values(),
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


def test_confidence_never_falls_with_a_signal_and_stays_in_bounds() -> None:
    low = Signals(answerable=0.2, cited=0.2, relevant=0.2, support=0.2, refused=False)
    for better in (
        Signals(0.9, 0.2, 0.2, 0.2, False),
        Signals(0.2, 0.9, 0.2, 0.2, False),
        Signals(0.2, 0.2, 0.9, 0.2, False),
        Signals(0.2, 0.2, 0.2, 0.9, False),
    ):
        assert 0.0 < confidence(low) <= confidence(better) < 1.0
    assert confidence(low) < confidence(Signals(0.9, 0.9, 0.9, 0.9, False))


def test_strong_signals_answer_weak_ones_abstain() -> None:
    assert confidence(Signals(1.0, 1.0, 1.0, 1.0, refused=False)) > 0.5
    assert confidence(Signals(0.05, 0.05, 0.05, 0.9, refused=False)) < 0.5


def test_a_model_that_declines_is_believed() -> None:
    assert confidence(Signals(1.0, 1.0, 1.0, 1.0, refused=True)) == 0.0


def test_nothing_is_generated_when_no_passage_comes_near() -> None:
    assert hopeless(0.0, min_confidence=0.5)
    assert not hopeless(0.5, min_confidence=0.5)
    assert not hopeless(0.0, min_confidence=0.0)
