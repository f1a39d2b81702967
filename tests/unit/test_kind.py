"""Sentences that cannot be what is asked for."""

from __future__ import annotations

import pytest

from rag.check import Claim, answers
from rag.kind import is_of_another_kind, says_nothing


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("MT 系列维护手册的主编是谁？", "MT 系列维护手册的主编是 SM-MT-CN。"),
        ("Who is the editor of the manual?", "The editor of the manual is SM-MT-CN."),
        ("开幕时间是什么时候？", "开幕时间在开幕式直播的同时。"),
        ("When does the fair open?", "The fair opens with a speech by the mayor."),
        ("How many pumps were sold?", "The pumps were sold to hospitals."),
        ("2024 年售出多少台水泵？", "2024 年水泵售往医院。"),
        ("2024 年售出多少台水泵？", "2024 年售出的水泵售往医院。"),
        ("我国2021年人口出生率", "我国2021年人口出生率为1062万人。"),
        ("我国2021年人口出生率", "多重因素造成出生人口下降，2021年出生人口1062万人。"),
        ("我国2021年人口出生率", "国家统计局17日公布，2021年我国出生人口1062万人。"),
        ("2023年土耳其地震的震级是多少？", "地震于2023年2月6日凌晨4时17分发生在南部边境。"),
        ("君子盟首播时间", "《君子盟》首播 10 集。"),
        ("When does the series begin?", "The series begins with 10 episodes."),
        ("What percentage of the staff is part-time?", "12 people of the staff are part-time."),
        ("大会的开幕时间", "大会的开幕时间在直播的同时。"),
        ("参展人数是？", "参展人数由主办方公布。"),
        ("2021年宝马全球销量", "2021年宝马全球销量为1112.39亿欧元。"),
        ("How many pumps were sold?", "Pumps for 12 million euros were sold."),
        ("特大桥主桥长", "特大桥主拱预计在上半年完成合龙。"),
        ("K-650 机组的标价是多少？", "K-650 机组的标价是 1,935 单位。"),
        ("What is the list price of the K-650?", "The list price of the K-650 is 1,935 units."),
        ("葬礼将在哪里举行？", "葬礼将在9月3日上午举行。"),
        ("葬礼将在哪里举行？", "葬礼将于9月3日举行，并对公众开放。"),
        ("Where is the fair held?", "The fair is held on Monday, 3 March 2025 at 10:00."),
        ("银行的破产时间", "[49] 银行是自2007年－2008年金融危机以来倒闭的最大银行。"),
        ("银行的破产时间", "银行是自2008年金融危机以来倒闭的最大银行。"),
        ("银行的破产时间", "银行的破产时间是2008年金融危机以来倒闭的最大银行。"),
        ("清明档票房是多少", "清明档票房是3天总票房。"),
        ("宝马2021年全球销量？", "全球销量为近34%。"),
        ("How many pumps were sold?", "34 percent of the pumps were sold."),
        ("电影的主创团队都有谁？", "电影的主创团队有《2022》主创团队。"),
    ],
)
def test_no_number_no_time_and_nobody(question: str, sentence: str) -> None:
    assert is_of_another_kind(question, sentence)
    assert says_nothing(question, sentence)
    assert not answers(question, Claim(sentence, "", "supported", 0.9, ()))


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("主编是谁？", "主编是程立群。"),
        ("Who do I call at night?", "At night call 0512 6688 2040."),
        ("什么时候发言？", "会议结束后发言。"),
        ("他精通哪几门语言？", "他精通英语和法语。"),
        ("剧院运营多长时间了？", "剧院从 1870 年运营到 1939 年。"),
        ("多少选民同意？", "大多数选民同意。"),
        ("什么用于计算横截面积？", "压力项用于计算横截面积。"),
        ("How many channels does it carry?", "It carries hundreds."),
        ("How many of the pumps were sold?", "34 percent of the pumps were sold."),
        ("清明档票房是多少", "清明档票房是3.6亿元。"),
        ("When many are arrested, what is the tactic?", "The tactic is solidarity."),
        ("When was it occupied?", "It was occupied at the end of the war."),
        ("葬礼将在哪里举行？", "葬礼将于9月3日在圆柱大厅举行。"),
        ("Where is the fair held?", "The fair is held on 3 March in Hall 5."),
        ("银行何时破产？", "银行3月10日破产，是2008年金融危机以来最大的。"),
        ("公司何时成立？", "公司自1998年成立以来首次亏损。"),
        ("When is the filter changed?", "The filter is changed at every start."),
        ("How many pumps were sold?", "Twelve pumps were sold."),
        ("How many pumps were sold?", "No pumps were sold."),
        ("How long does the licence last?", "The licence lasts for life."),
        ("有多少名员工？", "员工共一百二十人。"),
        ("Which wine is served to a guest who arrives early?", "Riesling is served."),
        ("Is it known when the fair opens?", "The fair opens with a speech."),
        ("标价是多少？", "标价是 1,935 元。"),
        ("我国2021年人口出生率", "我国2021年人口出生率为7.52‰。"),
        ("水库的蓄水率", "水库的蓄水率为八成。"),
        ("2023年土耳其地震的震级是多少？", "2023年2月6日的地震为7.8级。"),
        ("报销期限是多少？", "须在返回后30日内提交。"),
        ("保存多少年？", "2024年起保存10年。"),
        ("公司成立的年份是多少？", "公司成立于2011年。"),
        ("合同的有效期是多少？", "合同有效至2027年5月31日。"),
        ("君子盟首播时间", "《君子盟》1 月 30 日首播 10 集。"),
        ("比赛时间是什么时候？", "比赛在 30 分钟内结束。"),
        ("When does the series begin?", "The 10 episodes begin on Monday."),
        ("汇率是多少？", "汇率是 7.1 元。"),
        ("What share of the staff is part-time?", "One in 5 people is part-time."),
        ("大会的开幕时间", "大会于 10 月 16 日开幕。"),
        ("保修时间", "保修 12 个月。"),
        ("葬礼将在哪里举行？", "葬礼将于9月3日在莫斯科举行，并对公众开放。"),
        ("葬礼将在哪里举行？", "葬礼于9月3日举行，地点是工会大厦。"),
        ("按销量计算的奖金是多少？", "奖金是 300 元。"),
        ("What is the charge time of the battery?", "The charge time is 3 hours."),
        ("2021年宝马全球销量", "2021年宝马全球销量为252万辆。"),
        ("How many pumps were sold?", "For 12 million euros 300 pumps were sold."),
        ("特大桥主桥长", "主桥长 504 米。"),
        ("What does a repair cost?", "A repair of 3 hours costs EUR 290."),
        ("What does the licence for 12 months cost?", "For 12 months it costs 120."),
        ("What does it cost?", "It costs 120."),
        ("How is the pump cleaned?", "The pump is cleaned with vinegar."),
    ],
)
def test_what_may_be_an_answer_is_let_alone(question: str, sentence: str) -> None:
    assert not is_of_another_kind(question, sentence)
