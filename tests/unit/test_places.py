"""Places and codes that what is quoted knows nothing of."""

from __future__ import annotations

import pytest

from rag.checking.align import Quote
from rag.check import check_claims, judge_claims
from rag.evidence.choose import Passage
from rag.places import knows_the_places, of_another_place, places, told_of_a_part
from tests.builders import OverlapScorer, hit
from tests.fakes import FakeEmbedder

TERMS = "Periods. MT-120 and MT-260 cabinets are covered for 24 months. Leave the box open."
LIMITS = "Limits for hotels a night. In Rotterdam EUR 165, in Nairobi USD 140."


def quote(text: str, part: str, name: str = "terms.md", heading: str = "") -> Quote:
    source = hit(text, name, heading=heading)
    start = text.index(part)
    return Quote(source, start, start + len(part), 1.0)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The limit in Tokyo is higher than in Nairobi.", {"Tokyo", "Nairobi"}),
        ("东京和合肥的限额相同。", {"东京", "合肥"}),
        ("May Silver members use the Bank?", set()),
        ("英文原文是人民币。", set()),
        ("谷歌的模型在长度和延长上胜过伊拉克的。", {"伊拉克"}),
        ("菲律宾的城市和深度。", {"菲律宾"}),
        ("船在滇池竞渡。", {"滇池"}),
    ],
)
def test_places_are_known_from_the_dictionary(text: str, found: set[str]) -> None:
    assert places(text) == found


@pytest.mark.parametrize(
    ("question", "text", "known"),
    [
        ("泸定地震造成多少人遇难？", "随机袭击案造成10人死亡。", False),
        ("泸定地震造成多少人遇难？", "四川泸定发生地震，93人遇难。", True),
        ("游戏在中国大陆何时停运？", "游戏 1 月停运。", True),
        ("游戏在中国大陆何时停运？", "游戏 1 月在日本停运。", False),
        ("What is the limit in Nairobi?", "内罗毕：140 美元", True),
        ("What is the limit?", "内罗毕：140 美元", True),
    ],
)
def test_one_of_the_questions_places_is_known(question: str, text: str, known: bool) -> None:
    assert knows_the_places(question, text) is known


@pytest.mark.parametrize(
    ("sentence", "text", "part", "other"),
    [
        ("In Tokyo the limit is EUR 165.", LIMITS, "In Rotterdam EUR 165", True),
        ("In Rotterdam the limit is EUR 165.", LIMITS, "In Rotterdam EUR 165", False),
        ("在东京住宿限额 165 欧元。", LIMITS, "In Rotterdam EUR 165", True),
        ("在鹿特丹住宿限额 165 欧元。", LIMITS, "In Rotterdam EUR 165", False),
        ("The limit is EUR 165.", LIMITS, "In Rotterdam EUR 165", False),
        ("游戏在中国大陆 1 月停运。", "游戏 1 月停运。", "游戏 1 月停运", False),
        ("游戏在中国大陆 1 月停运。", "游戏 1 月在日本停运。", "游戏 1 月在日本停运", True),
        ("The K-700 is covered for 24 months.", TERMS, "MT-120 and MT-260 cabinets are", True),
        ("The MT-120 is covered for 24 months.", TERMS, "MT-120 and MT-260 cabinets are", False),
        ("The K-700 may be left open.", TERMS, "Leave the box open", False),
        ("In Leeds the fee is EUR 9.", "Fees. For all customers EUR 9.", "For all", False),
        ("青海地区由理藩院管理。", "西藏、青海由理藩院管理。", "西藏、青海", False),
    ],
)
def test_what_is_quoted_must_know_the_place_or_the_code(
    sentence: str, text: str, part: str, other: bool
) -> None:
    assert of_another_place("", sentence, [quote(text, part)]) is other


@pytest.mark.parametrize(
    ("question", "quoted", "other"),
    [
        ("浙江公开赛有多少支队伍参赛？", "108支队伍将在昆明展开竞渡。", True),
        ("浙江公开赛有多少支队伍参赛？", "108支队伍将在浙江昆明两地竞渡。", False),
        ("浙江公开赛有多少支队伍参赛？", "108支队伍将展开竞渡。", False),
        ("公开赛有多少支队伍参赛？", "108支队伍将在昆明展开竞渡。", False),
    ],
)
def test_so_must_it_know_the_questions_place_where_the_answer_names_none(
    question: str, quoted: str, other: bool
) -> None:
    assert of_another_place(question, "共有108支队伍参赛。", [quote(quoted, quoted)]) is other


def test_a_title_names_the_place_for_all_below_it() -> None:
    sentence = "In Suzhou the limit is EUR 165."
    below = quote("Limits. One EUR 165.", "One EUR 165", heading="Suzhou plant")
    assert not of_another_place("", sentence, [below])
    assert not of_another_place("", sentence, [quote(LIMITS, "In Rotterdam"), below])
    assert not of_another_place("", sentence, [])


@pytest.mark.parametrize(
    ("sentence", "part", "heading", "other"),
    [
        ("合肥工厂的充氨量是 2.6 吨。", "充氨量 2.6 吨", "苏州工厂规程 > 概况", True),
        ("苏州工厂的充氨量是 2.6 吨。", "充氨量 2.6 吨", "苏州工厂规程 > 概况", False),
        ("合肥工厂不使用氨。", "合肥工厂不使用氨", "苏州工厂规程 > 概况", False),
        ("合肥工厂的充氨量是 2.6 吨。", "充氨量 2.6 吨", "苏州的规程 > 概况", False),
        ("合肥工厂的充氨量是 2.6 吨。", "充氨量 2.6 吨", "", False),
    ],
)
def test_what_stands_under_another_places_title_is_not_told_of_a_neighbour(
    sentence: str, part: str, heading: str, other: bool
) -> None:
    below = quote("充氨量 2.6 吨。合肥工厂不使用氨。", part, "rules.md", heading)
    assert of_another_place("", sentence, [below]) is other


@pytest.mark.parametrize(
    ("question", "sentence", "quote", "part"),
    [
        (
            "2022年高考报名人数",
            "报名人数为65.5万人。",
            "2022年湖南省高考报名人数达65.5万人。",
            True,
        ),
        (
            "湖南省高考报名人数",
            "报名人数为65.5万人。",
            "2022年湖南省高考报名人数达65.5万人。",
            False,
        ),
        ("2022年高考报名人数", "湖南省为65.5万人。", "2022年湖南省高考报名人数达65.5万人。", False),
        ("2022年高考报名人数", "报名人数为1193万人。", "全国高考报名人数1193万人。", False),
        ("高考有多少人？", "有65.5万人。", "在湖南省长沙市，有65.5万人。", False),
        ("高考报名人数", "报名人数上升。", "湖南省高考报名人数上升。", False),
    ],
)
def test_the_figure_of_a_province_is_not_that_of_all(
    question: str, sentence: str, quote: str, part: bool
) -> None:
    assert told_of_a_part(question, sentence, [quote]) is part


def test_such_a_sentence_is_not_supported() -> None:
    asked = "What is the hotel limit in Tokyo?"
    passage = Passage(hit(LIMITS, "limits.md"), ((0, len(LIMITS)),), 0)
    for place, supported in (("Tokyo", False), ("Rotterdam", True)):
        said = f"The limit for hotels in {place} is EUR 165 a night."
        claims = judge_claims(
            asked,
            check_claims(asked, said, [passage], FakeEmbedder()),
            [f"{passage.evidence} {asked}"],
            OverlapScorer(),
        )
        assert [claim.verdict == "supported" for claim in claims] == [supported]
