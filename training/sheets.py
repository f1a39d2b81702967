"""Made-up sheets: tables, data sheets and rules as firms and offices keep them, in two languages.

They teach to pick the one row or sentence that a question is about: another item's row, another
column, another year's edition and the head of the table are near to it and do not answer. Question
and sheet are in different languages in half of the cases. Own work; it knows nothing of `examples`.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from rag.crossinput import Pair
from rag.types import Language
from training.facts import Case
from training.sheet_lists import ATTRIBUTES, ITEMS, TOPICS, Both

_CROSSING = 0.5
_ASK: dict[Language, tuple[str, ...]] = {
    "en": (
        "What is the {a} of {i}?", "How high is the {a} for {i}?", "What {a} applies to {i}?",
        "Tell me the {a} for {i}.", "{i}: {a}", "Which {a} is given for {i}?",
    ),
    "zh": (
        "{i}的{a}是多少？", "{i}的{a}是什么？", "{i}适用的{a}是多少？", "{i}{a}",
        "请问{i}的{a}？", "{a}：{i}是多少？",
    ),
}  # fmt: skip
_ASK_YEAR: dict[Language, tuple[str, ...]] = {
    "en": (
        "What was the {a} of {i} in {y}?", "Under the {y} {d}, what is the {a} for {i}?",
        "What {a} does the {d} of {y} give for {i}?", "What is the {a} for {i} in the {y} edition?",
    ),
    "zh": (
        "{y} 年{i}的{a}是多少？", "按 {y} 年版{d}，{i}的{a}是多少？",
        "{y}年的{d}规定{i}的{a}是多少？",
        "{d}（{y}年版）中，{i}的{a}是什么？",
    ),
}  # fmt: skip
_ASK_TWO: dict[Language, tuple[str, ...]] = {
    "en": (
        "What is the {a} of {i}, and what is the {b} of {j}?", "What are the {a} of {i} and {j}?",
        "How does the {a} of {i} compare with that of {j}?",
    ),
    "zh": (
        "{i}的{a}和{j}的{b}分别是多少？", "{i}和{j}的{a}各是多少？", "{i}和{j}的{a}相差多少？",
    ),
}  # fmt: skip
_SAY: dict[Language, tuple[str, ...]] = {
    "en": (
        "The {a} of {i} is {v}.", "{i} has a {a} of {v}.", "For {i}, the {a} comes to {v}.",
        "- {i}: {a} {v}", "{v} is the {a} for {i}.",
    ),
    "zh": ("{i}的{a}为{v}。", "{i}：{a}{v}。", "{a}方面，{i}是{v}。", "{i}的{a}不超过{v}。"),
}  # fmt: skip
_HEAD: dict[Language, tuple[str, ...]] = {
    "en": ("The {a} of every item stands in the table below.", "Ask the office about the {a}."),
    "zh": ("各项的{a}见下表。", "{a}如有疑问，请向办公室查询。"),
}


@dataclass(frozen=True, slots=True)
class _Entry:
    """One fact of a sheet: which document of which year says which attribute of which item."""

    document: Both
    section: Both
    item: Both
    attribute: Both
    year: int
    other: Both
    """Another column of the same table."""


class Sheets:
    """Draws questions with one row, line or sentence, about half of them answered by it."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def draw(self) -> Case:
        """One case."""
        rng = self._rng
        told: Language = rng.choice(("en", "zh"))
        asked: Language = told
        if rng.random() < _CROSSING:
            asked = "zh" if told == "en" else "en"
        entry = self._entry()
        draw = rng.random()
        if draw < 0.15:
            return self._two_parts(entry, asked, told)
        dated = rng.random() < 0.5
        question = self._ask(entry, asked, dated)
        if draw < 0.55:
            return Case(Pair(question, "", self._show(entry, told)), True, None, "sheet+")
        if draw < 0.62:
            return Case(Pair(question, "", self._empty(entry, told)), False, (), "sheet-head")
        near = self._near(entry, dated)
        return Case(Pair(question, "", self._show(near, told)), False, (), "sheet-")

    def _entry(self) -> _Entry:
        rng = self._rng
        topic = rng.choice(TOPICS)
        attribute, other = rng.sample(topic.attributes, 2)
        return _Entry(
            topic.document,
            rng.choice(topic.sections),
            self._item(topic.items),
            attribute,
            rng.randint(2012, 2029),
            other,
        )

    def _item(self, kind: str) -> Both:
        if kind == "model":
            code = self._code()
            return code, code
        return self._rng.choice(ITEMS[kind])

    def _code(self) -> str:
        rng = self._rng
        letters = "".join(rng.choices("ABCDEFGHKLMPRSTVX", k=rng.randint(1, 3)))
        tail = rng.choice(("", "", "S", "X", "-2", " Plus"))
        return f"{letters}-{rng.randint(1, 99) * 10}{tail}"

    def _ask(self, entry: _Entry, language: Language, dated: bool) -> str:
        form = self._rng.choice((_ASK_YEAR if dated else _ASK)[language])
        at = language == "zh"
        return form.format(
            a=entry.attribute[at], i=entry.item[at], d=entry.document[at], y=entry.year
        )

    def _two_parts(self, entry: _Entry, asked: Language, told: Language) -> Case:
        """A question for two things; a row that answers one of them is wanted."""
        rng, at = self._rng, asked == "zh"
        second = replace(entry, item=self._other_item(entry))
        form = rng.choice(_ASK_TWO[asked])
        question = form.format(
            a=entry.attribute[at], i=entry.item[at], b=entry.attribute[at], j=second.item[at]
        )
        if rng.random() < 0.6:
            evidence = self._show(rng.choice((entry, second)), told)
            return Case(Pair(question, "", evidence), True, None, "sheet-two+")
        near = replace(entry, item=self._third_item(entry, second))
        return Case(Pair(question, "", self._show(near, told)), False, (), "sheet-two-")

    def _near(self, entry: _Entry, dated: bool) -> _Entry:
        rng = self._rng
        kinds = ["item", "item", "attribute"] + ["year", "document"] * dated
        kind = rng.choice(kinds)
        if kind == "item":
            return replace(entry, item=self._other_item(entry))
        if kind == "attribute":
            others = [a for a in ATTRIBUTES if a[0] not in (entry.attribute[0], entry.other[0])]
            return replace(entry, attribute=rng.choice(others))
        if kind == "year":
            return replace(entry, year=entry.year + rng.choice((-3, -2, -1, 1, 2, 3)))
        topic = rng.choice([t for t in TOPICS if t.document != entry.document])
        return replace(entry, document=topic.document, section=rng.choice(topic.sections))

    def _other_item(self, entry: _Entry) -> Both:
        return self._third_item(entry, entry)

    def _third_item(self, first: _Entry, second: _Entry) -> Both:
        """An item of the same kind, models by preference with a similar code."""
        taken = {first.item[0], second.item[0]}
        kind = next((k for k, items in ITEMS.items() if first.item in items), "model")
        while True:
            item = self._item(kind)
            if kind == "model" and self._rng.random() < 0.5:
                code = first.item[0].split(" ")[0]
                changed = code[:-1] if code[-1].isalpha() else f"{code}{self._rng.choice('SXE')}"
                item = (changed, changed)
            if item[0] not in taken:
                return item

    def _show(self, entry: _Entry, language: Language) -> str:
        """The row, line or sentence under its document and section."""
        rng, at = self._rng, language == "zh"
        name, value, other = entry.attribute[at], self._value(language), self._value(language)
        item, draw = entry.item[at], rng.random()
        if draw < 0.3:
            return self._under(entry, language, f"| {item} | {value} |", column=name)
        if draw < 0.5:
            head = f"| {('Item', '项目')[at]} | {name} | {entry.other[at]} |"
            row = f"| {item} | {value} | {other} |"
            return self._under(entry, language, f"{head} … {row}" if rng.random() < 0.7 else row)
        if draw < 0.7:
            return self._under(entry, language, f"| {name} | {value} |", column=item)
        said = rng.choice(_SAY[language]).format(a=name, i=item, v=value)
        return self._under(entry, language, said)

    def _empty(self, entry: _Entry, language: Language) -> str:
        said = self._rng.choice(_HEAD[language]).format(a=entry.attribute[language == "zh"])
        return self._under(entry, language, said)

    def _under(self, entry: _Entry, language: Language, text: str, column: str = "") -> str:
        rng, at = self._rng, language == "zh"
        document, section = entry.document[at], entry.section[at]
        stem = f"{entry.document[0].replace(' ', '-')}-{entry.year}"
        edition = (
            f"（{entry.year}年版）" if at else rng.choice((f", {entry.year}", f" {entry.year}"))
        )
        glue = "，" if at else ", "
        above = f"{stem}: {document}{edition} > {section}"
        return f"{above}{glue}{column}: {text}" if column else f"{above}: {text}"

    def _value(self, language: Language) -> str:
        rng = self._rng
        number = rng.choice((rng.randint(2, 99), rng.randint(100, 9900), rng.randint(11, 999) / 10))
        units = {
            "en": ("EUR {}", "{} days", "{} months", "{} hours", "{} kg", "{} percent", "{} litres",
                   "RMB {} million", "{} minutes", "{}", "USD {}", "{} °C", "{} mm"),
            "zh": ("{} 欧元", "{} 天", "{} 个月", "{} 小时", "{} 公斤", "{}%", "{} 升", "{} 万元",
                   "{} 分钟", "{}", "{} 美元", "{} °C", "{} 毫米"),
        }  # fmt: skip
        return rng.choice(units[language]).format(f"{number:,}")
