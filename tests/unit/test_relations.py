"""One relation's answer taken for another's."""

from __future__ import annotations

import pytest

from rag.check import check_claims, judge_claims
from rag.evidence.choose import Passage
from rag.relations import names_the_relation, told_of_another_relation
from tests.builders import OverlapScorer, hit
from tests.fakes import FakeEmbedder

SHEET = "The MT-260 is made for vaccines. It holds 310 litres gross, 226 litres net."


@pytest.mark.parametrize(
    ("question", "sentence", "quote", "another"),
    [
        (
            "《重生》的导演是谁？",
            "《重生》的导演是王俊凯和张译。",
            "主要讲述庄文杰（王俊凯饰）结识警官罗坚（张译饰）的故事。",
            True,
        ),
        ("《重生》的导演是谁？", "导演是杨冬。", "杨冬执导，王俊凯主演。", False),
        ("《重生》的导演是谁？", "导演是杨冬。", "杨冬说，王俊凯主演很好。", False),
        ("Who is the sales director?", "It is Ann Lee.", "Ann Lee plays a part in sales.", False),
        ("《重生》在哪里拍摄？", "在青岛拍摄。", "导演住在青岛。", False),
        ("导演是谁？", "导演是杨冬。", "杨冬设计了装饰。", False),
        ("What is the maximum?", "It is 43.", "From a minimum of 5 to a max of 43.", False),
        ("What is the maximum?", "It is 5.", "A minimum of 5 to begin with.", True),
        ("Who won the men's final?", "It was won by Ann Lee.", "Ann Lee took the silver.", True),
        ("Who won the final?", "It was won by Ann Lee.", "Ann Lee beat silver medallist X.", True),
        ("Who won the final?", "It was won by Ann Lee.", "Champion Ann Lee, silver to X.", False),
        ("男子单打冠军是谁？", "冠军是王曼昱。", "王曼昱在女子单打中获胜。", True),
        ("男单冠军是谁？", "冠军是李诗沣。", "李诗沣、安洗莹分获男女单打冠军。", False),
        ("冠军是谁？", "冠军是王曼昱。", "王曼昱在女子单打中夺冠。", False),
        ("地震造成多少人遇难？", "地震造成18人遇难。", "已造成10人死亡，18人受伤。", True),
        ("地震造成多少人遇难？", "地震造成10人遇难。", "已造成10人死亡，18人受伤。", False),
        ("What was the revenue?", "Revenue was 12.5 million.", "Profit: 12.5 million.", True),
        ("What was the revenue?", "Revenue was 12.5 million.", "Revenue and profit: 12.5.", False),
        ("Revenue and profit?", "Revenue was 12.5 million.", "Profit: 12.5 million.", False),
        ("利润同比增长多少？", "同比增长 8%。", "利润环比增长 8%。", True),
        ("2021 年总营收多少？", "总营收为 302 亿元。", "持有现金和定期存款 302 亿元。", True),
        ("全国棉花产量是多少？", "产量是 143.9 公斤。", "棉花单产 143.9 公斤。", True),
        ("全国棉花产量是多少？", "产量是 597.7 万吨。", "棉花总产量 597.7 万吨。", False),
        ("全国棉花产量是多少？", "全国种植 4500 万亩。", "播种面积 4500 万亩。", True),
        ("汽车出口量是多少？", "出口均价是 1.9 万美元。", "汽车出口均价为 1.9 万美元。", True),
        ("汽车出口量是多少？", "出口了 31 万辆。", "汽车出口量 31 万辆，均价 1.9 万。", False),
        ("What was the sales volume?", "It was 12.", "The average price was 12.", True),
        ("首架客机的交付时间？", "2020 年 6 月交付。", "2020 年 6 月，首架客机完成測試。", True),
        ("首架客机的交付时间？", "2022 年 12 月交付。", "首架客机 2022 年 12 月交付。", False),
        ("主演是谁？", "主演是唐海岩。", "总制片人唐海岩为资深制作人，曾获奖。", True),
        ("How much on the first day?", "It is 31.", "The first and last day 31 a day.", False),
        ("首日发送多少人？", "首日 1.3 万人。", "自 12 月以来，每天约 1.3 万人。", True),
        (
            "How many on the first day?",
            "There were 13.",
            "On the first day 13, a day later 9.",
            False,
        ),
        ("When is it finished?", "It is finished in 2027.", "It was begun in 2027.", True),
        ("何时竣工？", "5 月竣工。", "4 月开工，5 月竣工。", False),
        ("What is the net volume?", "It is 226 litres.", SHEET, False),
        ("What is the net volume?", "It is 310 litres.", SHEET, True),
        ("Who is it?", "It is Ann.", "", False),
    ],
)
def test_what_stands_in_another_relation_is_seen(
    question: str, sentence: str, quote: str, another: bool
) -> None:
    assert told_of_another_relation(question, sentence, [quote]) is another


@pytest.mark.parametrize(
    ("question", "text", "named"),
    [
        ("《重生之门》的导演是谁？", "《重生之门》打开了市场。", False),
        ("《重生之门》的导演是谁？", "《重生之门》由杨冬执导。", True),
        ("净重和毛重各是多少？", "70 公斤", True),
        ("有多重？", "70 公斤", True),
    ],
)
def test_the_relation_asked_for_is_named(question: str, text: str, named: bool) -> None:
    assert names_the_relation(question, text) is named


def test_such_a_sentence_is_not_supported() -> None:
    asked = "What is the net volume of the MT-260?"
    passage = Passage(hit(SHEET, "mt260.md"), ((0, len(SHEET)),), 0)
    for litres, supported in (("310", False), ("226", True)):
        said = f"The net volume of the MT-260 is {litres} litres."
        claims = judge_claims(
            asked,
            check_claims(asked, said, [passage], FakeEmbedder()),
            [f"{passage.evidence} {said}"],
            OverlapScorer(),
        )
        assert [claim.verdict == "supported" for claim in claims] == [supported]
