"""Word pairs whose exchange turns a true statement false, and ways to negate one. Own work."""

from __future__ import annotations

OPPOSITES_EN = (
    ("increase", "decrease"), ("increased", "decreased"), ("increases", "decreases"),
    ("higher", "lower"), ("highest", "lowest"), ("larger", "smaller"), ("largest", "smallest"),
    ("more", "fewer"), ("most", "least"), ("before", "after"), ("first", "last"),
    ("first", "second"), ("second", "third"), ("north", "south"), ("east", "west"),
    ("northern", "southern"), ("eastern", "western"), ("above", "below"), ("early", "late"),
    ("earlier", "later"), ("older", "younger"), ("oldest", "newest"), ("male", "female"),
    ("men", "women"), ("father", "mother"), ("son", "daughter"), ("brother", "sister"),
    ("husband", "wife"), ("won", "lost"), ("win", "lose"), ("bought", "sold"), ("buy", "sell"),
    ("open", "closed"), ("opened", "closed"), ("accept", "reject"), ("accepted", "rejected"),
    ("allow", "forbid"), ("allowed", "forbidden"), ("required", "optional"), ("true", "false"),
    ("always", "never"), ("with", "without"), ("left", "right"), ("began", "ended"),
    ("started", "stopped"), ("joined", "left"), ("public", "private"), ("positive", "negative"),
    ("significant", "insignificant"), ("effective", "ineffective"), ("better", "worse"),
    ("best", "worst"), ("strong", "weak"), ("long", "short"), ("rich", "poor"), ("fast", "slow"),
    ("safe", "dangerous"), ("internal", "external"), ("maximum", "minimum"), ("only", "also"),
    ("all", "some"), ("many", "few"), ("million", "billion"), ("minutes", "hours"),
    ("days", "weeks"), ("months", "years"), ("kilometers", "meters"), ("km", "m"),
    ("percent", "per mille"), ("dollars", "euros"), ("single", "double"), ("rose", "fell"),
    ("born", "buried"), ("employees", "customers"), ("teacher", "student"), ("import", "export"),
    ("success", "failure"), ("successful", "failed"), ("married", "divorced"),
    ("collect", "delete"), ("share", "withhold"), ("may", "must"), ("can", "cannot"),
    ("include", "exclude"), ("includes", "excludes"), ("including", "excluding"),
)  # fmt: skip

OPPOSITES_ZH = (
    ("增加", "减少"), ("上升", "下降"), ("提高", "降低"), ("扩大", "缩小"), ("最大", "最小"),
    ("最高", "最低"), ("最早", "最晚"), ("最多", "最少"), ("最长", "最短"), ("大于", "小于"),
    ("高于", "低于"), ("多于", "少于"), ("以前", "以后"), ("之前", "之后"), ("以上", "以下"),
    ("北部", "南部"), ("东部", "西部"), ("北方", "南方"), ("东方", "西方"), ("东北", "西南"),
    ("东南", "西北"), ("北边", "南边"), ("东侧", "西侧"), ("北侧", "南侧"), ("左", "右"),
    ("父亲", "母亲"), ("儿子", "女儿"), ("哥哥", "弟弟"), ("姐姐", "妹妹"), ("丈夫", "妻子"),
    ("男性", "女性"), ("男子", "女子"), ("胜利", "失败"), ("击败", "输给"), ("战胜", "败给"),
    ("买入", "卖出"), ("收购", "出售"), ("进口", "出口"), ("公开", "秘密"), ("公立", "私立"),
    ("国内", "国外"), ("内部", "外部"), ("开始", "结束"), ("成立", "解散"), ("加入", "退出"),
    ("允许", "禁止"), ("必须", "无需"), ("支持", "反对"), ("同意", "拒绝"), ("接受", "拒绝"),
    ("成功", "失败"), ("首次", "末次"), ("第一", "第二"), ("第二", "第三"), ("首位", "末位"),
    ("前者", "后者"), ("早期", "晚期"), ("上半年", "下半年"), ("上午", "下午"), ("全部", "部分"),
    ("所有", "少数"), ("大多数", "少数"), ("主要", "次要"), ("唯一", "众多"), ("总是", "从不"),
    ("冠军", "亚军"), ("季军", "殿军"), ("金牌", "银牌"), ("出生", "去世"), ("结婚", "离婚"),
    ("上市", "退市"), ("盈利", "亏损"), ("收入", "支出"), ("员工", "客户"), ("老师", "学生"),
    ("总统", "总理"), ("董事长", "总经理"), ("省长", "市长"), ("公里", "公尺"), ("千米", "米"),
    ("公斤", "公吨"), ("美元", "欧元"), ("小时", "分钟"), ("个月", "个星期"), ("世纪", "年代"),
    ("安全", "危险"), ("简单", "复杂"), ("传统", "现代"), ("合法", "非法"), ("正式", "非正式"),
    ("免费", "收费"), ("包括", "不包括"), ("包含", "不含"), ("相同", "不同"), ("直接", "间接"),
    ("城市", "农村"), ("陆军", "海军"), ("强", "弱"), ("快", "慢"), ("优于", "劣于"),
    ("有效", "无效"), ("继续", "停止"), ("批准", "否决"), ("赞成", "反对"), ("进攻", "防守"),
)  # fmt: skip

AUXILIARIES_EN = [
    "is",
    "are",
    "was",
    "were",
    "has",
    "have",
    "had",
    "can",
    "could",
    "will",
    "would",
    "may",
    "might",
    "should",
    "must",
    "does",
    "do",
    "did",
]
NEGATIONS_EN = ((" not ", " "), ("n't ", " "), (" never ", " always "), (" no ", " a "))
"""What to take out of a negated English sentence, and what to put there."""

NEGATIONS_ZH = (
    ("不是", "是"), ("没有", "有"), ("不能", "能"), ("不会", "会"), ("不可", "可"),
    ("不得", "可以"), ("未能", "成功"), ("并未", "已经"), ("尚未", "已经"), ("不再", "仍然"),
    ("无法", "可以"), ("不", ""), ("未", "已"),
)  # fmt: skip
AFFIRMATIONS_ZH = (
    ("可以", "不可以"), ("能够", "不能够"), ("已经", "尚未"), ("曾经", "从未"), ("仍然", "不再"),
    ("属于", "不属于"), ("位于", "不位于"), ("成为", "没有成为"), ("获得", "没有获得"),
    ("发现", "没有发现"), ("参加", "没有参加"), ("使用", "不使用"), ("需要", "不需要"),
    ("认为", "不认为"), ("是", "不是"), ("有", "没有"), ("会", "不会"), ("能", "不能"),
    ("被", "没有被"), ("在", "不在"), ("由", "并非由"),
)  # fmt: skip

ADDITIONS_EN = (
    "and it is known all over the world", "which was a great surprise to everyone",
    "and it was founded by two brothers", "because it is cheaper", "mainly in Europe",
    "and has won several awards", "I think that is really interesting", "for the first time ever",
    "despite strong opposition", "and it is still popular today", "at no extra cost",
    "according to a recent survey", "with the help of the government", "and I love it",
    "I have been there many times", "which makes it the best of its kind",
)  # fmt: skip
ADDITIONS_ZH = (
    "并因此闻名世界", "这让所有人都感到意外", "由两兄弟共同创办", "因为价格更便宜", "主要在欧洲",
    "并多次获奖", "这是历史上的第一次", "尽管遭到强烈反对", "至今仍然很受欢迎", "无需额外费用",
    "根据最近的一项调查", "得到了政府的资助", "我非常喜欢", "是同类中最好的", "每年吸引上百万游客",
)  # fmt: skip
