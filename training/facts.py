"""Made-up facts about made-up people, firms and products, said in several ways in two languages.

They teach what no English or cross-language source here does: that subject, time and relation of
the question must be those of the passage. Every passage holds facts about two subjects; the near
misses ask for the other subject's value, another year or another relation.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from rag.crossinput import Pair
from rag.types import Language, Span


@dataclass(frozen=True, slots=True)
class Relation:
    """Statements use {s} subject, {v} value, {y} year; `question` uses {s} and {y}.
    `subject` and `value` name kinds of `_VALUES`."""

    subject: str
    value: str
    en: tuple[str, ...]
    zh: tuple[str, ...]
    ask_en: tuple[str, ...]
    ask_zh: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A labelled pair as `training.pairs.Example` wants it."""

    pair: Pair
    label: bool
    spans: tuple[Span, ...] | None
    kind: str


@dataclass(frozen=True, slots=True)
class _Fact:
    relation: Relation
    subject: tuple[str, str]
    value: tuple[str, str]
    year: int

    def say(self, language: Language, rng: random.Random) -> str:
        form = rng.choice(self.relation.en if language == "en" else self.relation.zh)
        return self._fill(form, language)

    def ask(self, language: Language, rng: random.Random) -> str:
        form = rng.choice(self.relation.ask_en if language == "en" else self.relation.ask_zh)
        return self._fill(form, language)

    def held(self, language: Language) -> str:
        return self.value[language == "zh"]

    def _fill(self, form: str, language: Language) -> str:
        at = int(language == "zh")
        return form.format(s=self.subject[at], v=self.value[at], y=self.year)


class Facts:
    """Draws cases: claims to support and questions to answer, half of them false."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def draw(self) -> Case:
        """One case; the two languages meet in a quarter of them."""
        rng = self._rng
        facts = self._passage_facts()
        told: Language = rng.choice(("en", "zh"))
        asked: Language = told if rng.random() < 0.7 else ("zh" if told == "en" else "en")
        glue = " " if told == "en" else ""
        passage = glue.join(fact.say(told, rng) for fact in facts)
        fact = rng.choice(facts)
        right = rng.random() < 0.5
        if rng.random() < 0.5:
            return self._question(fact, facts, passage, told, asked, right)
        return self._claim(fact, facts, passage, asked, right)

    def _question(
        self,
        fact: _Fact,
        facts: list[_Fact],
        passage: str,
        told: Language,
        asked: Language,
        right: bool,
    ) -> Case:
        if right:
            value = fact.held(told)
            at = passage.find(value)
            spans = ((at, at + len(value)),) if at >= 0 else None
            return Case(Pair(fact.ask(asked, self._rng), "", passage), True, spans, "fact-qa+")
        question = self._missing(fact, facts).ask(asked, self._rng)
        return Case(Pair(question, "", passage), False, (), "fact-qa-")

    def _claim(
        self, fact: _Fact, facts: list[_Fact], passage: str, asked: Language, right: bool
    ) -> Case:
        rng = self._rng
        told = fact if right else self._false(fact, facts)
        question = fact.ask(asked, rng) if rng.random() < 0.5 else ""
        claim = told.held(asked) if question and rng.random() < 0.2 else told.say(asked, rng)
        kind = "fact+" if right else "fact-"
        return Case(Pair(question, claim, passage), right, () if right else None, kind)

    def _passage_facts(self) -> list[_Fact]:
        rng = self._rng
        kind = rng.choice(sorted({relation.subject for relation in RELATIONS}))
        fitting = [relation for relation in RELATIONS if relation.subject == kind]
        subjects = rng.sample(_VALUES[kind], 2)
        facts: list[_Fact] = []
        for subject in subjects:
            for relation in rng.sample(fitting, rng.randint(1, 2)):
                facts.append(self._fact(relation, subject))
        rng.shuffle(facts)
        return facts

    def _fact(self, relation: Relation, subject: tuple[str, str]) -> _Fact:
        value = self._value(relation)
        while value == subject:
            value = self._value(relation)
        return _Fact(relation, subject, value, self._rng.randint(1950, 2026))

    def _value(self, relation: Relation) -> tuple[str, str]:
        return _draw_value(relation.value, self._rng)

    def _missing(self, fact: _Fact, facts: list[_Fact]) -> _Fact:
        """A fact near to `fact` whose question the passage does not answer."""
        rng = self._rng
        choices: list[_Fact] = []
        others = [s for s in _VALUES[fact.relation.subject] if all(f.subject != s for f in facts)]
        choices.append(_Fact(fact.relation, rng.choice(others), fact.value, fact.year))
        told = {(f.relation, f.subject) for f in facts}
        for relation in RELATIONS:
            if relation.subject == fact.relation.subject and (relation, fact.subject) not in told:
                choices.append(_Fact(relation, fact.subject, fact.value, fact.year))
        if _dated(fact.relation):
            year = fact.year + rng.choice((-5, -2, -1, 1, 2, 5))
            choices += [_Fact(fact.relation, fact.subject, fact.value, year)] * 4
        return rng.choice(choices)

    def _false(self, fact: _Fact, facts: list[_Fact]) -> _Fact:
        """`fact` with another value, subject or year, taken from the passage if possible."""
        rng = self._rng
        choices = [
            _Fact(fact.relation, fact.subject, other.value, fact.year)
            for other in facts
            if other.relation.value == fact.relation.value and other.value != fact.value
        ] * 2
        choices += [
            _Fact(fact.relation, other.subject, fact.value, fact.year)
            for other in facts
            if other.subject != fact.subject
        ]
        value = self._value(fact.relation)
        if value != fact.value:
            choices.append(_Fact(fact.relation, fact.subject, value, fact.year))
        if _dated(fact.relation):
            year = fact.year + rng.choice((-5, -2, -1, 1, 2, 5))
            choices.append(_Fact(fact.relation, fact.subject, fact.value, year))
        return rng.choice(choices or [self._missing(fact, facts)])


def _dated(relation: Relation) -> bool:
    return all("{y}" in form for form in (*relation.ask_en, *relation.en))


def _draw_value(kind: str, rng: random.Random) -> tuple[str, str]:
    if kind in _VALUES:
        return rng.choice(_VALUES[kind])
    if kind == "year":
        year = rng.randint(1900, 2026)
        return str(year), f"{year}年"
    if kind == "date":
        month, day = rng.randrange(12), rng.randint(1, 28)
        year = rng.randint(1950, 2026)
        return f"{day} {_MONTHS[month]} {year}", f"{year}年{month + 1}月{day}日"
    if kind == "money":
        amount = rng.choice((1, 2, 3, 5, 8)) * rng.randint(1, 99)
        return f"{amount * 10:,},000 yuan", f"{amount}万元"
    if kind == "percent":
        share = rng.randint(2, 95)
        return f"{share} percent", f"{share}%"
    if kind == "days":
        days = rng.choice((3, 5, 7, 10, 14, 15, 20, 21, 30, 45, 60, 90))
        return f"{days} days", f"{days}天"
    count = rng.randint(2, 980)
    return str(count), str(count)


_MONTHS = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
]  # fmt: skip

_VALUES: dict[str, list[tuple[str, str]]] = {
    "person": [
        ("Li Wenbo", "李文博"), ("Zhang Yuqing", "张雨晴"), ("Wang Jianhua", "王建华"),
        ("Chen Siyuan", "陈思远"), ("Zhao Lihua", "赵丽华"), ("Liu Haotian", "刘浩天"),
        ("Anna Keller", "安娜·凯勒"), ("Peter Novak", "彼得·诺瓦克"), ("Maria Lopez", "玛丽亚·洛佩斯"),
        ("John Carter", "约翰·卡特"), ("Emma Wilson", "艾玛·威尔逊"), ("Sun Qiming", "孙启明"),
        ("David Brown", "大卫·布朗"), ("Zhou Min", "周敏"), ("Xu Jing", "徐静"),
    ],
    "company": [
        ("Northwind Logistics", "北风物流"), ("Blue Harbor", "蓝港公司"), ("Sunrise Foods", "朝阳食品"),
        ("Cloudpeak", "云峰科技"), ("Golden Bridge Bank", "金桥银行"), ("Evergreen Paper", "常青纸业"),
        ("Starlight Media", "星光传媒"), ("Redwood Steel", "红木钢铁"), ("Silver Lake Hotel", "银湖酒店"),
        ("Pioneer Motors", "先锋汽车"), ("Jade River Tea", "玉河茶业"), ("Orion Labs", "猎户座实验室"),
    ],
    "product": [
        ("the Model K7 printer", "K7打印机"), ("the A20 router", "A20路由器"), ("the Aurora tablet", "极光平板"),
        ("the Falcon drone", "猎鹰无人机"), ("the basic plan", "基础版套餐"), ("the premium plan", "高级版套餐"),
        ("the travel insurance", "旅行保险"), ("the X5 pump", "X5水泵"), ("the Swift bicycle", "雨燕自行车"),
        ("the Nova camera", "新星相机"),
    ],
    "staff": [
        ("full-time employees", "全职员工"), ("part-time employees", "兼职员工"), ("interns", "实习生"),
        ("contractors", "外包人员"), ("new employees", "新员工"), ("managers", "经理"),
        ("night-shift workers", "夜班工人"), ("drivers", "司机"),
    ],
    "event": [
        ("the World Chess Cup", "国际象棋世界杯"), ("the City Marathon", "城市马拉松"),
        ("the Asian Swimming Championship", "亚洲游泳锦标赛"), ("the National Robot Contest", "全国机器人大赛"),
        ("the Spring Film Festival", "春季电影节"), ("the Youth Football League", "青年足球联赛"),
        ("the Book Fair", "图书博览会"), ("the Design Award", "设计大奖赛"),
    ],
    "place": [
        ("Beijing", "北京"), ("Shanghai", "上海"), ("Berlin", "柏林"), ("Paris", "巴黎"), ("Tokyo", "东京"),
        ("Chengdu", "成都"), ("Cairo", "开罗"), ("Madrid", "马德里"), ("Guangzhou", "广州"), ("Toronto", "多伦多"),
        ("Sydney", "悉尼"), ("Rome", "罗马"), ("Hangzhou", "杭州"), ("Seoul", "首尔"),
    ],
    "role": [
        ("chief engineer", "总工程师"), ("finance director", "财务总监"), ("sales manager", "销售经理"),
        ("chairman", "董事长"), ("head of research", "研发主管"), ("editor", "编辑"), ("lawyer", "法务"),
    ],
    "subject_taught": [
        ("physics", "物理学"), ("history", "历史"), ("medicine", "医学"), ("economics", "经济学"),
        ("architecture", "建筑学"), ("mathematics", "数学"),
    ],
    "color": [("red", "红色"), ("blue", "蓝色"), ("green", "绿色"), ("black", "黑色"), ("white", "白色")],
}  # fmt: skip

RELATIONS: tuple[Relation, ...] = (
    Relation("company", "year",
        ("{s} was founded in {v}.", "In {v}, {s} came into being.", "{s} dates back to {v}."),
        ("{s}成立于{v}。", "{v},{s}正式创立。", "{s}的历史可以追溯到{v}。"),
        ("When was {s} founded?", "In which year was {s} established?"),
        ("{s}是哪一年成立的?", "{s}成立于何时?")),
    Relation("company", "place",
        ("{s} has its headquarters in {v}.", "{s} is based in {v}.", "The head office of {s} is in {v}."),
        ("{s}总部位于{v}。", "{s}的总公司设在{v}。", "{s}是一家总部在{v}的企业。"),
        ("Where is the headquarters of {s}?", "In which city is {s} based?"),
        ("{s}的总部在哪里?", "{s}的总部设在哪座城市?")),
    Relation("company", "place",
        ("{s} opened its first branch abroad in {v}.", "The first foreign branch of {s} was in {v}."),
        ("{s}的第一家海外分公司开在{v}。", "{s}首个海外分支机构落户{v}。"),
        ("Where did {s} open its first foreign branch?",), ("{s}的第一家海外分公司在哪里?",)),
    Relation("company", "person",
        ("{s} was founded by {v}.", "{v} is the founder of {s}.", "It was {v} who set up {s}."),
        ("{s}由{v}创办。", "{v}是{s}的创始人。", "{v}一手创立了{s}。"),
        ("Who founded {s}?", "Who is the founder of {s}?"), ("{s}的创始人是谁?", "谁创办了{s}?")),
    Relation("company", "person",
        ("In {y}, {v} became chief executive of {s}.", "{v} took over as head of {s} in {y}."),
        ("{y}年,{v}出任{s}首席执行官。", "{v}于{y}年接掌{s}。"),
        ("Who became chief executive of {s} in {y}?", "Who took charge of {s} in {y}?"),
        ("{y}年谁出任{s}首席执行官?", "{s}在{y}年的新任首席执行官是谁?")),
    Relation("company", "money",
        ("In {y}, the revenue of {s} was {v}.", "{s} had sales of {v} in {y}."),
        ("{y}年,{s}的营业收入为{v}。", "{s}{y}年实现收入{v}。"),
        ("What was the revenue of {s} in {y}?", "How much did {s} sell in {y}?"),
        ("{s}{y}年的营业收入是多少?", "{y}年{s}收入多少?")),
    Relation("company", "money",
        ("In {y}, {s} made a profit of {v}.", "The net profit of {s} in {y} came to {v}."),
        ("{y}年,{s}净利润为{v}。", "{s}{y}年盈利{v}。"),
        ("What was the net profit of {s} in {y}?", "How much profit did {s} make in {y}?"),
        ("{s}{y}年的净利润是多少?", "{y}年{s}盈利多少?")),
    Relation("company", "count",
        ("{s} employs {v} people.", "The staff of {s} numbers {v}.", "{v} people work for {s}."),
        ("{s}有{v}名员工。", "{s}的员工人数为{v}人。", "共有{v}人在{s}工作。"),
        ("How many employees does {s} have?", "How many people work at {s}?"),
        ("{s}有多少名员工?", "{s}的员工人数是多少?")),
    Relation("company", "percent",
        ("In {y}, {s} held {v} of the market.", "The market share of {s} was {v} in {y}."),
        ("{y}年,{s}的市场份额为{v}。", "{s}在{y}年占据了{v}的市场。"),
        ("What was the market share of {s} in {y}?",), ("{s}{y}年的市场份额是多少?",)),
    Relation("person", "date",
        ("{s} was born on {v}.", "The birthday of {s} is {v}."),
        ("{s}生于{v}。", "{s}出生于{v}。"),
        ("When was {s} born?", "What is the date of birth of {s}?"), ("{s}是什么时候出生的?", "{s}的生日是哪一天?")),
    Relation("person", "place",
        ("{s} was born in {v}.", "{s} comes from {v}.", "{v} is the birthplace of {s}."),
        ("{s}出生在{v}。", "{s}的出生地是{v}。", "{s}是{v}人。"),
        ("Where was {s} born?", "Which city does {s} come from?"), ("{s}出生在哪里?", "{s}是哪里人?")),
    Relation("person", "place",
        ("In {y}, {s} moved to {v}.", "{s} settled in {v} in {y}."),
        ("{y}年,{s}迁居{v}。", "{s}在{y}年搬到了{v}。"),
        ("Where did {s} move in {y}?",), ("{y}年{s}搬到了哪里?",)),
    Relation("person", "role",
        ("Since {y}, {s} has been {v} of the firm.", "{s} was appointed {v} in {y}."),
        ("{y}年,{s}被任命为{v}。", "自{y}年起,{s}担任公司{v}。"),
        ("What post did {s} take up in {y}?", "What was {s} appointed in {y}?"),
        ("{s}在{y}年被任命为什么职务?", "{y}年{s}担任什么职务?")),
    Relation("person", "subject_taught",
        ("{s} studied {v} at university.", "{s} holds a degree in {v}."),
        ("{s}大学时学的是{v}。", "{s}拥有{v}学位。"),
        ("What did {s} study?", "In which subject does {s} hold a degree?"), ("{s}学的是什么专业?", "{s}拥有什么学位?")),
    Relation("person", "person",
        ("{s} is married to {v}.", "{v} is the spouse of {s}."), ("{s}与{v}结婚。", "{v}是{s}的配偶。"),
        ("Who is {s} married to?",), ("{s}和谁结婚了?", "{s}的配偶是谁?")),
    Relation("person", "person",
        ("{s} was taught by {v}.", "{v} was the teacher of {s}."), ("{s}师从{v}。", "{v}是{s}的老师。"),
        ("Who taught {s}?", "Who was the teacher of {s}?"), ("{s}的老师是谁?", "{s}师从何人?")),
    Relation("product", "money",
        ("{s} costs {v}.", "The price of {s} is {v}.", "You pay {v} for {s}."),
        ("{s}售价{v}。", "{s}的价格是{v}。", "购买{s}需要{v}。"),
        ("How much does {s} cost?", "What is the price of {s}?"), ("{s}多少钱?", "{s}的价格是多少?")),
    Relation("product", "days",
        ("{s} can be returned within {v}.", "Buyers may send {s} back for {v} after delivery."),
        ("{s}可在{v}内退货。", "{s}收货后{v}内支持退货。"),
        ("Within how many days can {s} be returned?", "How long is the return period of {s}?"),
        ("{s}几天内可以退货?", "{s}的退货期限是多久?")),
    Relation("product", "days",
        ("{s} is delivered within {v}.", "Delivery of {s} takes {v}."), ("{s}在{v}内送达。", "{s}的配送需要{v}。"),
        ("How long does delivery of {s} take?",), ("{s}多久能送到?",)),
    Relation("product", "color",
        ("{s} is sold only in {v}.", "The colour of {s} is {v}."), ("{s}只有{v}。", "{s}的颜色是{v}。"),
        ("What colour is {s}?",), ("{s}是什么颜色的?",)),
    Relation("product", "person",
        ("{s} was designed by {v}.", "{v} is the designer of {s}."), ("{s}由{v}设计。", "{v}是{s}的设计者。"),
        ("Who designed {s}?",), ("{s}是谁设计的?", "{s}的设计者是谁?")),
    Relation("staff", "days",
        ("Holidays for {s}: {v} a year.", "{s} are entitled to {v} of annual leave."),
        ("{s}每年享有{v}年假。", "{s}的年假为{v}。"),
        ("How much annual leave do {s} get?", "How many days of holiday do {s} have?"),
        ("{s}每年有几天年假?", "{s}的年假是多少天?")),
    Relation("staff", "days",
        ("{s} must give {v} notice before leaving.", "The notice period for {s} is {v}."),
        ("{s}离职须提前{v}通知。", "{s}的离职通知期为{v}。"),
        ("What is the notice period for {s}?", "How long before leaving must {s} give notice?"),
        ("{s}离职要提前多少天通知?",)),
    Relation("staff", "money",
        ("In {y}, the bonus for {s} was {v}.", "{s} received a bonus of {v} in {y}."),
        ("{y}年,{s}的奖金为{v}。", "{s}在{y}年获得奖金{v}。"),
        ("What was the bonus for {s} in {y}?",), ("{y}年{s}的奖金是多少?",)),
    Relation("event", "person",
        ("{v} won {s} in {y}.", "In {y}, the winner of {s} was {v}.", "The {y} title of {s} went to {v}."),
        ("{y}年{s}的冠军是{v}。", "{v}在{y}年{s}中夺冠。", "{y}年,{v}赢得了{s}。"),
        ("Who won {s} in {y}?", "Who was the winner of {s} in {y}?"), ("{y}年{s}的冠军是谁?", "谁赢得了{y}年{s}?")),
    Relation("event", "person",
        ("{v} came second in {s} in {y}.", "In {y}, the runner-up of {s} was {v}."),
        ("{y}年{s}的亚军是{v}。", "{v}在{y}年{s}中获得第二名。"),
        ("Who came second in {s} in {y}?",), ("{y}年{s}的亚军是谁?",)),
    Relation("event", "place",
        ("In {y}, {s} was held in {v}.", "{v} hosted {s} in {y}."), ("{y}年,{s}在{v}举行。", "{v}承办了{y}年{s}。"),
        ("Where was {s} held in {y}?", "Which city hosted {s} in {y}?"), ("{y}年{s}在哪里举行?", "哪座城市承办了{y}年{s}?")),
    Relation("event", "date",
        ("In {y}, {s} opens on {v}.", "The opening day of {s} of {y} is {v}."), ("{y}年{s}于{v}开幕。", "{y}年{s}的开幕日是{v}。"),
        ("When does {s} of {y} open?",), ("{y}年{s}什么时候开幕?",)),
    Relation("event", "count",
        ("{v} people took part in {s} in {y}.", "In {y}, {s} had {v} participants."),
        ("{y}年共有{v}人参加{s}。", "{y}年{s}的参加人数为{v}人。"),
        ("How many people took part in {s} in {y}?",), ("{y}年有多少人参加了{s}?",)),
)  # fmt: skip
