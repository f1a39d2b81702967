"""Relations: whether an answer takes who or what stands in one relation for another's.

Asked for the director, "(played by Wang)" holds a name and not the director's; asked for the net
volume, "gross 260 L" a volume and not the net one. The words here come in groups of which one
excludes the others. Seen only where everything that the answer adds stands in clauses that name
another of the group than the question does. Pure functions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from rag.added import added_to, clauses_with
from rag.text import fold_width, simplify

_GROUPS: tuple[tuple[re.Pattern[str], ...], ...] = tuple(
    tuple(re.compile(words, re.IGNORECASE) for words in group)
    for group in (
        (
            r"冠军|夺冠|金牌|第一名|\bchampions?\b|\bgold\b|\bwinners?\b|\bw[io]n(?:s|ning)?\b",
            r"亚军|银牌|第二名|\brunners?-up\b|\bsilver\b",
            r"季军|铜牌|第三名|\bbronze\b",
        ),
        (
            r"导演|执导|\bdirect(?:or|ed|s|ing)\b",
            r"主演|(?<![装首服修])饰(?!品|面|条)|出演|扮演|\bstarring\b|\bplayed by\b",
            r"编剧|\bscreenplay\b|\bscreenwriter\b",
            r"制片人|监制|出品人|\bproduc(?:er|ed by)\b",
        ),
        (
            r"男女?[子单双篮足排]|\bmen(?:['’]s)?\b|\bmale\b",
            r"女[子单双篮足排]|\bwomen(?:['’]s)?\b|\bfemale\b",
        ),
        (
            r"收入|营收|\brevenues?\b|\bturnover\b",
            r"利润|净利|盈利|\bprofits?\b|\bearnings\b",
            r"现金|负债|市值|\bcash\b|\bliabilit\w+|\bmarket value\b",
        ),
        (
            r"(?<!位面积)(?<!平均)产量|\b(?:production|output)\b",
            r"单产|亩产|单位面积产量|平均产量|\byields?\b",
            r"(?:播种|种植|耕地)面积|\b(?:sown|planted) area\b",
        ),
        (
            r"(?:出口|进口|销售?|产|成交|交易|用)量|\bvolumes?\b|\bquantit\w+",
            r"均价|单价|价格|\b(?:unit |average )?prices?\b",
        ),
        (r"净(?:重|利|容积|面积)|\bnet\b", r"毛(?:重|利|容积|面积)|\bgross\b"),
        (r"进口|\bimport(?:s|ed)?\b", r"出口|\bexport(?:s|ed)?\b"),
        (r"最[高大多长]|\bmax(?:im\w+)?\b|\bhighest\b", r"最[低小少短]|\bminim\w+|\blowest\b"),
        (r"出生|\bborn\b|\bbirth", r"去世|逝世|病逝|\bdied\b|\bdeath\b"),
        (
            r"首[末尾]?[日天]|第一天|\bfirst\b.{0,12}\bdays?\b",
            r"每[天日]|日均|\b(?:daily|every day|(?:per|a) day)\b",
        ),
        (
            r"竣工|完工|建成|完成|\bcomplet\w+|\bfinish\w*",
            r"开工|动工|\bbeg[aiu]n\w*|\bstart(?:s|ed|ing)?\b",
        ),
        (
            r"交付|\bdeliver(?:y|ed|s)?\b",
            r"首飞|试飞|\b(?:maiden|test) flights?\b",
            r"测试|试验",
        ),
        (r"开幕|\bopening\b", r"闭幕|\bclosing\b"),
        (
            r"死亡|遇难|丧生|\bkilled\b|\bdead\b|\bdeaths?\b|\bdied\b",
            r"受伤|伤者|\binjur\w+|\bwounded\b",
            r"失踪|失联|\bmissing\b",
        ),
        (r"同比|\byear[- ]on[- ]year\b", r"环比|\b(?:quarter|month)[- ]on[- ](?:quarter|month)\b"),
    )
)


def told_of_another_relation(question: str, sentence: str, quotes: Iterable[str]) -> bool:
    """Whether the `question` names one relation of a group, and what `sentence` adds to it, its
    numbers if it has any, stands in the quotes only in clauses that name others of the group and
    not that one."""
    asked = simplify(fold_width(question))
    added = added_to(question, sentence)
    holding = clauses_with(added, quotes)
    return bool(holding) and any(_another(group, asked, holding) for group in _GROUPS)


def names_the_relation(question: str, text: str) -> bool:
    """Whether `text` names every relation of a group that the `question` names alone of its
    group: the director where the director is asked for."""
    asked, told = simplify(fold_width(question)), simplify(fold_width(text))
    wanted = ([words for words in group if words.search(asked)] for group in _GROUPS)
    return all(words[0].search(told) for words in wanted if len(words) == 1)


def _another(group: tuple[re.Pattern[str], ...], asked: str, holding: list[str]) -> bool:
    wanted = [words for words in group if words.search(asked)]
    if len(wanted) != 1:
        return False
    others = [words for words in group if words is not wanted[0]]
    return all(
        not wanted[0].search(clause) and any(words.search(clause) for words in others)
        for clause in holding
    )
