"""Values of made-up tables and records, in both languages. Own work."""

from __future__ import annotations

import random

from rag.types import Language
from training.fact_lists import MONTHS
from training.facts import draw_value
from training.grid_lists import VALUES
from training.sheet_lists import Both

_PLACED: tuple[Both, ...] = (
    ("Head of the {} Plant", "{}工厂负责人"),
    ("Plant Manager, {}", "{}工厂厂长"),
    ("Manager of the {} Office", "{}办事处主任"),
    ("Sales Manager for {}", "{}销售经理"),
    ("Head of the {} Laboratory", "{}实验室主任"),
    ("Warehouse Manager in {}", "{}仓库主管"),
    ("Regional Director, {}", "{}区域总监"),
)
"""Posts at a place: the same post elsewhere, and another one there, are other people's."""
_CLASSES: dict[str, tuple[Both, ...]] = {
    "cabin": (
        ("economy class", "经济舱"), ("premium economy", "超级经济舱"),
        ("business class", "公务舱"), ("first class", "头等舱"),
    ),
    "seat": (("first class", "一等座"), ("second class", "二等座"), ("a sleeper", "卧铺")),
}  # fmt: skip
_JOINED = 0.25
_QUARTERS: Both = ("{} quarter of {}", "{} 年第{}季度")


def draw(kind: str, rng: random.Random) -> Both:
    """A value of a kind that `training.grid_lists` or `training.facts` knows, or of one of these:
    code, order, phone, month, quarter, moment (a month or a quarter), post, hours, fare, cabin,
    seat, term (months)."""
    if kind in VALUES:
        return rng.choice(VALUES[kind])
    if kind == "code":
        return _same(
            f"{rng.choice('ABCEFHKLMPRSTX')}{rng.choice(('', '-', 'T-'))}{rng.randint(1, 990)}"
        )
    if kind == "order":
        return _same(f"{rng.choice(('PO', 'A', 'SO', 'N'))}-{rng.randint(1000, 99999)}")
    if kind == "phone":
        country, area, number = (
            rng.randint(30, 90),
            rng.randint(10, 999),
            rng.randint(1000, 9999999),
        )
        return _same(f"+{country} {area} {number}")
    if kind == "moment":
        kind = rng.choice(("month", "month", "quarter"))
    if kind == "month":
        year, month = rng.randint(1995, 2028), rng.randrange(12)
        return f"{MONTHS[month]} {year}", f"{year} 年 {month + 1} 月"
    if kind == "quarter":
        at, year = rng.randrange(4), rng.randint(2015, 2028)
        first = ("first", "second", "third", "fourth")[at]
        return f"the {_QUARTERS[0].format(first, year)}", _QUARTERS[1].format(year, "一二三四"[at])
    if kind == "post":
        return _post(rng)
    if kind in _CLASSES:
        return rng.choice(_CLASSES[kind])
    if kind == "hours":
        hours = rng.choice((rng.randint(1, 9) / 10, rng.randint(1, 12)))
        return f"{hours} hours", f"{hours} 小时"
    if kind == "fare":
        amount = rng.randint(2, 90) * 10
        unit = rng.choice((("EUR", "欧元"), ("RMB", "元"), ("USD", "美元")))
        return f"{unit[0]} {amount}", f"{amount} {unit[1]}"
    if kind == "term":
        months = rng.choice((6, 12, 18, 24, 36, 48, 60))
        return f"{months} months", f"{months} 个月"
    return draw_value(kind, rng)


def languages(rng: random.Random, crossing: float) -> tuple[Language, Language]:
    """The language that a text is told in and that it is asked in, which is another one in the
    share `crossing` of cases."""
    told_in: Language = rng.choice(("en", "zh"))
    other: Language = "zh" if told_in == "en" else "en"
    return told_in, other if rng.random() < crossing else told_in


def near_post(post: Both, rng: random.Random) -> Both:
    """The same post at another place, or another post at the same place; any other, if the post
    has no place."""
    for form in _PLACED:
        for town in VALUES["town"]:
            if post[0].endswith(form[0].format(town[0])):
                if rng.random() < 0.6:
                    return _placed(form, rng.choice([t for t in VALUES["town"] if t != town]))
                return _placed(rng.choice([f for f in _PLACED if f != form]), town)
    return rng.choice([officer for officer in VALUES["officer"] if officer != post])


def _post(rng: random.Random) -> Both:
    post = _placed(rng.choice(_PLACED), rng.choice(VALUES["town"]))
    if rng.random() > _JOINED:
        return post
    officer = rng.choice(VALUES["officer"])
    return f"{officer[0]}, {post[0]}", f"{officer[1]}兼{post[1]}"


def _placed(form: Both, town: Both) -> Both:
    return form[0].format(town[0]), form[1].format(town[1])


def _same(text: str) -> Both:
    return text, text
