"""The second taken for the first."""

from __future__ import annotations

import pytest

from rag.ordinals import told_of_another_ordinal


@pytest.mark.parametrize(
    ("question", "sentence", "quote", "another"),
    [
        ("第一家店在哪？", "第一家店在新德里。", "第二家店即将亮相，预计在新德里开业。", True),
        ("首家店在哪？", "首家店在新德里。", "第二家店即将亮相，预计在新德里开业。", True),
        ("第一家店在哪？", "第一家店在孟买。", "首家店在孟买，第二家店在新德里。", False),
        ("第一家店在哪？", "第一家店在孟买。", "店在孟买开业。", False),
        ("第一家店在哪？", "第一家店在孟买。", "第二届大会在孟买举行，店也在孟买。", False),
        ("第十届大会在哪？", "第十届大会在苏州。", "第9届大会在苏州举行。", True),
        ("第10届大会在哪？", "第10届大会在苏州。", "第十届大会在苏州举行。", False),
        ("店在哪？", "店在新德里。", "第二家店在新德里。", False),
        ("Where is the first shop?", "It is in Leeds.", "The second shop is in Leeds.", True),
        ("Where is the 1st shop?", "It is in Leeds.", "The first shop is in Leeds.", False),
        (
            "Where is the first shop?",
            "It is in Leeds.",
            "In its second year Leeds has a shop.",
            False,
        ),
        (
            "When was the second phase first planned?",
            "It was planned for May.",
            "The third phase was planned for May.",
            False,
        ),
        ("Where is the first shop?", "It is in Leeds.", "", False),
    ],
)
def test_another_of_the_kind_is_seen(
    question: str, sentence: str, quote: str, another: bool
) -> None:
    assert told_of_another_ordinal(question, sentence, [quote]) is another
