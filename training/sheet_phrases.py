"""How people ask for what a sheet says, and how a text says it: for each attribute, questions and
sentences that do not use its name, and values that fit it. Own work.

In every text `{i}` is the item and `{v}` the value, `{}` in a value its number.
"""

from __future__ import annotations

from dataclasses import dataclass

from rag.types import Language
from training.sheet_lists import Both


@dataclass(frozen=True, slots=True)
class Phrases:
    """Of one attribute. `values` are forms in both languages, `numbers` the range of their number;
    `decimal` allows one digit behind the point."""

    asks: dict[Language, tuple[str, ...]]
    says: dict[Language, tuple[str, ...]]
    values: tuple[Both, ...]
    numbers: tuple[int, int]
    decimal: bool = False


def _of(
    asks: Both | tuple[tuple[str, ...], tuple[str, ...]],
    says: Both,
    values: tuple[Both, ...],
    numbers: tuple[int, int],
    decimal: bool = False,
) -> Phrases:
    en, zh = ((a,) if isinstance(a, str) else a for a in asks)
    return Phrases({"en": en, "zh": zh}, {"en": (says[0],), "zh": (says[1],)}, values, numbers,
                   decimal)  # fmt: skip


_MONEY: tuple[Both, ...] = (
    ("EUR {}", "{} 欧元"), ("USD {}", "{} 美元"), ("RMB {}", "{} 元"), ("SGD {}", "{} 新加坡元"),
)  # fmt: skip
_SUMS: tuple[Both, ...] = (
    ("RMB {} million", "{} 百万元"),
    ("EUR {} million", "{} 百万欧元"),
    ("{}", "{}"),
)
_SPANS: tuple[Both, ...] = (
    ("{} days", "{} 天"),
    ("{} weeks", "{} 周"),
    ("{} months", "{} 个月"),
    ("{} years", "{} 年"),
)
_SHORT: tuple[Both, ...] = (("{} hours", "{} 小时"), ("{} minutes", "{} 分钟"))

PHRASES: dict[str, Phrases] = {
    "price": _of(
        (
            ("What does {i} cost?", "How much is {i}?", "How much do I pay for {i}?"),
            ("{i}多少钱？", "{i}卖多少钱？", "买{i}要花多少钱？"),
        ),
        ("{i} sells for {v}.", "{i}售价{v}。"), _MONEY, (12, 9900),
    ),
    "monthly fee": _of(
        (("How much does one pay a month for {i}?",), ("{i}每月收多少钱？", "{i}一个月多少钱？")),
        ("{i} is charged at {v} a month.", "{i}每月收费{v}。"), _MONEY, (5, 900),
    ),
    "deposit": _of(
        ("How much has to be left as security for {i}?", "{i}要先交多少押金？"),
        ("For {i} a security of {v} is kept.", "{i}须先交押金{v}。"), _MONEY, (20, 2000),
    ),
    "discount": _of(
        ("How much cheaper is it for {i}?", "{i}可以便宜多少？"),
        ("For {i} the bill is reduced by {v}.", "{i}可减{v}。"), (("{} percent", "{}%"),), (2, 60),
    ),
    "fine": _of(
        ("What has to be paid when {i} breaks the rule?", "{i}违规要罚多少钱？"),
        ("A breach costs {i} {v}.", "{i}违规罚{v}。"), _MONEY, (10, 900),
    ),
    "budget": _of(
        ("How much may be spent for {i}?", "{i}最多可以花多少钱？"),
        ("{i} may spend up to {v}.", "{i}最多可花{v}。"), (*_MONEY, *_SUMS), (40, 9900),
    ),
    "allowance": _of(
        (("How much is paid per day for {i}?",), ("{i}每天补多少钱？", "去{i}每天能领多少补助？")),
        ("For {i}, {v} is paid for each day.", "{i}每天发给{v}。"), _MONEY, (15, 400),
    ),
    "shipping cost": _of(
        ("What is charged for sending {i}?", "寄送{i}要多少钱？"),
        ("Sending {i} adds {v} to the bill.", "寄送{i}另收{v}。"), _MONEY, (4, 300),
    ),
    "notice period": _of(
        ("How long in advance must {i} give word?", "{i}要提前多久说？"),
        ("{i} must give word {v} ahead.", "{i}须提前{v}告知。"), _SPANS, (2, 90),
    ),
    "delivery time": _of(
        ("How long does it take until {i} arrives?", "{i}多久能送到？"),
        ("{i} arrives within {v}.", "{i}在{v}内送到。"), _SPANS[:3], (2, 60),
    ),
    "warranty": _of(
        (
            ("For how long is {i} covered?", "How many months is {i} under guarantee?"),
            ("{i}保修多久？", "{i}质保几个月？"),
        ),
        ("{i} is covered for {v}.", "{i}质保{v}。"), _SPANS[2:], (3, 84),
    ),
    "opening time": _of(
        ("When do the doors open for {i}?", "{i}几点可以进？"),
        ("{i} may come in from {v}.", "{i}{v}起可以进入。"), (("{} o'clock", "{} 点"),), (6, 20),
    ),
    "response time": _of(
        ("How quickly does somebody react for {i}?", "{i}多快有人处理？"),
        ("Somebody reacts within {v} for {i}.", "{i}在{v}内有人处理。"), _SHORT, (2, 72),
    ),
    "service life": _of(
        ("How long does {i} last?", "{i}能用多久？"),
        ("{i} lasts {v}.", "{i}可用{v}。"), (*_SPANS[2:], ("{} hours", "{} 小时")), (6, 9000),
    ),
    "inspection interval": _of(
        ("How often must {i} be looked at?", "{i}多久检查一次？"),
        ("{i} is looked at every {v}.", "{i}每{v}检查一次。"), _SPANS, (2, 60),
    ),
    "deadline for applications": _of(
        ("Until when can one apply for {i}?", "{i}最迟要什么时候申请？"),
        ("One has to apply for {i} {v} before.", "{i}须在{v}之前申请。"), _SPANS[:2], (2, 60),
    ),
    "weight": _of(
        ("How heavy is {i}?", "{i}有多重？"),
        ("{i} weighs {v}.", "{i}重{v}。"),
        (("{} kg", "{} 公斤"), ("{} g", "{} 克")), (2, 900), True,
    ),
    "height": _of(
        ("How tall is {i}?", "{i}有多高？"),
        ("{i} stands {v} tall.", "{i}高{v}。"),
        (("{} mm", "{} 毫米"), ("{} cm", "{} 厘米")), (20, 2400),
    ),
    "power consumption": _of(
        ("How much electricity does {i} use?", "{i}用多少电？"),
        ("{i} draws {v}.", "{i}耗电{v}。"),
        (("{} W", "{} 瓦"), ("{} kWh a day", "每天 {} 度")), (2, 900), True,
    ),
    "capacity": _of(
        (("How much fits into {i}?", "How many litres does {i} hold?"),
         ("{i}能装多少？", "{i}能装多少升？")),
        ("{i} holds {v}.", "{i}可装{v}。"),
        (("{} litres", "{} 升"), ("{} pieces", "{} 件")), (2, 900),
    ),
    "noise level": _of(
        ("How loud is {i}?", "{i}声音有多大？"),
        ("{i} is heard at {v}.", "{i}的声音为{v}。"),
        (("{} dB", "{} 分贝"), ("{} dB(A)", "{} dB(A)")), (20, 90),
    ),
    "operating temperature": _of(
        ("How warm may it be where {i} is used?", "{i}可以在多少度下使用？"),
        ("{i} may be used up to {v}.", "{i}可在{v}以下使用。"),
        (("{} °C", "{} °C"), ("{} degrees", "{} 度")), (5, 90),
    ),
    "pressure": _of(
        ("How many bar does {i} stand?", "{i}能承受几巴？"),
        ("{i} stands {v}.", "{i}可承受{v}。"),
        (("{} bar", "{} 巴"), ("{} kPa", "{} 千帕")), (2, 400), True,
    ),
    "speed": _of(
        ("How fast is {i}?", "{i}有多快？"),
        ("{i} does {v}.", "{i}每小时{v}。"),
        (("{} km/h", "{} 公里"), ("{} rpm", "{} 转")), (5, 3000),
    ),
    "battery life": _of(
        ("How long does {i} run after a power failure?", "{i}断电后能撑多久？"),
        ("Without mains {i} goes on for {v}.", "停电时{i}还能工作{v}。"), _SHORT, (2, 96),
    ),
    "part number": _of(
        ("Which part must be ordered for {i}?", "{i}要订哪个零件？"),
        ("For {i}, order {v}.", "{i}请订购 {v}。"),
        (("KX-{}", "KX-{}"), ("No. {}", "{} 号")), (1000, 99000),
    ),
    "turnover": _of(
        (("How much did {i} take in?", "What revenue did {i} bring?", "How much was sold in {i}?"),
         ("{i}卖了多少钱？", "{i}的营业收入是多少？", "{i}的销售额是多少？")),
        ("{i} brought in {v}.", "{i}收入{v}。"), _SUMS, (3, 980), True,
    ),
    "number of employees": _of(
        (("How many people work in {i}?", "What is the headcount of {i}?"),
         ("{i}有多少人？", "{i}的人数是多少？")),
        ("{v} people work in {i}.", "{i}共有{v}人。"), (("{}", "{}"),), (8, 3000),
    ),
    "number of orders": _of(
        ("How many orders came from {i}?", "{i}接了多少订单？"),
        ("{v} orders came from {i}.", "{i}接到 {v} 份订单。"), (("{}", "{}"),), (8, 9000),
    ),
    "profit": _of(
        ("How much did {i} earn?", "{i}赚了多少？"),
        ("{i} earned {v}.", "{i}赚了{v}。"), _SUMS, (2, 300), True,
    ),
    "number of complaints": _of(
        ("How often did people complain about {i}?", "{i}被投诉了几次？"),
        ("People complained {v} times about {i}.", "{i}被投诉 {v} 次。"), (("{}", "{}"),), (2, 400),
    ),
    "growth": _of(
        ("By how much did {i} grow?", "{i}增长了多少？"),
        ("{i} grew by {v}.", "{i}增长{v}。"),
        (("{} percent", "{}%"), ("+{}%", "+{}%")), (2, 60), True,
    ),
    "stock at the end of the year": _of(
        ("How much was left over in {i} in December?", "{i}年底还剩多少？"),
        ("In December, {v} were left in {i}.", "{i}到年底还剩{v}。"),
        (("{} pieces", "{} 件"), ("{}", "{}")), (8, 9000),
    ),
    "market share": _of(
        ("What part of the market belongs to {i}?", "{i}占多大市场？"),
        ("{i} holds {v} of the market.", "{i}占市场的{v}。"),
        (("{} percent", "{}%"),), (2, 70), True,
    ),
}  # fmt: skip
