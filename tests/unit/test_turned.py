"""The predecessor for the successor, and the reason for a no as that of a yes."""

from __future__ import annotations

import pytest

from rag.turned import reason_of_a_no, told_of_the_predecessor

LETTER = "On 1 July 2025 I took over as chief executive from Shen Yuelan, who had led the firm."
NOT_AFFECTED = "The MT-120 is not affected, because its fan comes from elsewhere."


@pytest.mark.parametrize(
    ("question", "sentence", "quote", "turned"),
    [
        ("Who leads the firm?", "Shen Yuelan leads the firm.", LETTER, True),
        ("Who led it before July?", "Shen Yuelan led it before July.", LETTER, False),
        ("Who is Shen Yuelan?", "Shen Yuelan had led the firm.", LETTER, False),
        ("Who leads the firm?", "Gu Wenbo leads the firm.", LETTER, False),
        ("Who heads it?", "Jiang Hui heads it.", "Tang Min followed Jiang Hui, who retired.", True),
        ("Who heads it?", "Tang Min heads it.", "Tang Min followed Jiang Hui, who retired.", False),
        (
            "Who heads it?",
            "Jiang Hui heads it.",
            "Tang Min followed Jiang Hui. Then Jiang Hui came back.",
            False,
        ),
        ("Who heads it?", "Jiang Hui heads it.", "Jiang Hui has headed it since May.", False),
        ("Which fan is in it?", "KV-31 is in it.", "Since May KV-32 replaces KV-31.", False),
        ("谁是主管？", "主管是沈月澜。", "顾文博接替沈月澜担任主管。", True),
        ("谁是主管？", "主管是顾文博。", "顾文博接替沈月澜担任主管。", False),
        ("前任主管是谁？", "前任主管是沈月澜。", "顾文博接替沈月澜担任主管。", False),
    ],
)
def test_the_predecessor_is_seen(question: str, sentence: str, quote: str, turned: bool) -> None:
    assert told_of_the_predecessor(question, sentence, [quote]) is turned


@pytest.mark.parametrize(
    ("sentence", "quote", "turned"),
    [
        ("It was recalled because its fan comes from elsewhere.", NOT_AFFECTED, True),
        ("It was not recalled because its fan comes from elsewhere.", NOT_AFFECTED, False),
        ("Its fan comes from elsewhere.", NOT_AFFECTED, False),
        ("It was recalled because of its fan.", "It was recalled because of its fan.", False),
        ("It was recalled because of its fan.", "Its fan was noisy.", False),
        (
            "It was recalled because of its fan.",
            "Not sold as a unit in 2024, it was recalled because of its fan.",
            False,
        ),
        ("召回 MT-120 是因为风机有问题。", "因为风机来自别处，MT-120 不受影响。", True),
        ("召回 MT-260S 是因为风机有问题。", "因为风机有问题，召回了 MT-260S。", False),
    ],
)
def test_the_reason_of_a_no_is_seen(sentence: str, quote: str, turned: bool) -> None:
    assert reason_of_a_no(sentence, [quote]) is turned
