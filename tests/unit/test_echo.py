"""Sentences that say their question again."""

from __future__ import annotations

import pytest

from rag.echo import only_repeats, wants_yes_or_no


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("第十届大会在哪里举办？", "第十届大会在大会举办。"),
        ("MT 系列维护手册的主编是谁？", "MT 系列维护手册的主编是 MT 系列。"),
        ("Who edits the manual of the MT-260?", "The MT-260 edits the manual."),
        ("How long is the warranty?", "The warranty is how long the warranty is."),
        ("Who will succeed He Siyuan in August?", "He Siyuan will succeed him in August."),
        ("差旅保险由哪家保险公司承保？", "差旅保险由一家保险公司承保。"),
        ("Which company made the fans?", "A company made the fans."),
        ("被拘留的日报记者是谁？", "安全局拘留的日报记者是《日报》记者。"),
        ("被拘留的日报记者是谁？", "今天安全局拘留一名《日报》记者。"),
        ("《不熟》是什么电影？", "《不熟》是一部电影。"),
        ("Who leads the Hefei plant?", "The leader of the Hefei plant in China is the plant."),
    ],
)
def test_the_words_of_the_question_are_no_answer(question: str, sentence: str) -> None:
    assert only_repeats(question, sentence)


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("第十届大会在哪里举办？", "第十届大会在苏州举办。"),
        ("报警灯是什么颜色？", "报警灯是红色。"),
        ("公司有多少家分店？", "公司没有分店。"),
        ("MT-260 有几个压缩机？", "MT-260 有 1 个压缩机。"),
        ("MT-260 有几个压缩机？", "MT-260 有一个压缩机。"),
        ("MT-120 和 MT-260 哪个更响？", "MT-260 更响。"),
        ("哪家公司承保？", "平安公司承保。"),
        ("谁是安全主管？", "李安是安全主管。"),
        ("被拘留的日报记者是谁？", "李安是一名日报记者。"),
        ("被拘留的日报记者是谁？", "今天拘留一名日报记者李安。"),
        ("Who is the head of the plant?", "Ann Lee is the head of the plant."),
        ("Who wrote the manual?", "Cheng Liqun wrote the manual."),
        ("How many branches does the firm have?", "The firm does not have branches."),
        ("How many compressors does it have?", "It has one compressor."),
        ("Which is louder, the MT-260 or the MT-120?", "The MT-260 is louder."),
        ("Is the MT-260 covered?", "The MT-260 is covered."),
        ("Does the alarm sound when the door is open?", "The alarm sounds when the door is open."),
        ("Is there a fan which is covered?", "There is a fan which is covered."),
        ("制冷剂是氨还是二氧化碳？", "制冷剂是氨。"),
        ("有冷藏箱吗？", "有冷藏箱。"),
    ],
)
def test_a_word_a_number_or_a_no_is_one(question: str, sentence: str) -> None:
    assert not only_repeats(question, sentence)


@pytest.mark.parametrize(
    ("question", "wants"),
    [
        ("Does the warranty cover damage by water?", True),
        ("And is it covered?", True),
        ("保修包括进水造成的损坏吗？", True),
        ("是否可以退货？", True),
        ("What does the warranty cover?", False),
        ("二十大开幕时间", False),
        ("保修多久？", False),
    ],
)
def test_a_question_for_yes_or_no(question: str, wants: bool) -> None:
    assert wants_yes_or_no(question) is wants
