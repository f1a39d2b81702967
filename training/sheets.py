"""Made-up sheets: tables, data sheets and rules as firms and offices keep them, in two languages.

They teach to pick the one row or sentence that a question is about: another item's row, another
column, another year's edition and the head of the table are near to it and do not answer. Question
and sheet are in different languages in half of the cases. Own work; it knows nothing of `examples`.
"""

from __future__ import annotations

import random
from dataclasses import replace

from rag.crossinput import Pair
from rag.types import Language
from training.facts import Case
from training.sheet_forms import Entry, Forms, Shown, other_attribute
from training.sheet_lists import ITEMS, TOPICS, Both
from training.sheet_phrases import PHRASES

_CROSSING = 0.5
_IN_OWN_WORDS = 0.5
"""This share of the questions does not use the attribute's name."""
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
_DATED: dict[Language, tuple[str, ...]] = {
    "en": ("In {y}, {q}", "Under the {y} {d}, {q}", "According to the {d} of {y}: {q}"),
    "zh": ("{y} 年，{q}", "按 {y} 年版{d}，{q}", "{d}（{y}年版）中，{q}"),
}


class Sheets:
    """Draws questions with one row, line, sentence or table, about half of them answered by it."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._forms = Forms(rng)

    def draw(self) -> Case:
        """One case."""
        rng = self._rng
        told: Language = rng.choice(("en", "zh"))
        asked: Language = told
        if rng.random() < _CROSSING:
            asked = "zh" if told == "en" else "en"
        entry = self._entry()
        draw = rng.random()
        if draw < 0.12:
            return self._two_parts(entry, asked, told)
        if draw < 0.24:
            return self._years(entry, asked, told)
        dated = rng.random() < 0.5
        question = self._ask(entry, asked, dated)
        if draw < 0.58:
            return _answered(question, self._forms.show(entry, told), "sheet+")
        if draw < 0.64:
            return Case(Pair(question, "", self._forms.empty(entry, told)), False, (), "sheet-head")
        shown = self._forms.show(self._near(entry, dated), told, {entry.item[0]})
        return Case(Pair(question, "", shown.text), False, (), "sheet-")

    def _entry(self) -> Entry:
        rng = self._rng
        topic = rng.choice(TOPICS)
        attribute, other = rng.sample(topic.attributes, 2)
        return Entry(
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

    def _ask(
        self, entry: Entry, language: Language, dated: bool, *, of_edition: bool = True
    ) -> str:
        """A question for the entry; `dated` with its year, as that of an edition or not."""
        rng, at = self._rng, language == "zh"
        kept = None if of_edition else 1
        words = {"i": entry.item[at], "d": entry.document[at], "y": entry.year}
        if rng.random() >= _IN_OWN_WORDS:
            form = rng.choice((_ASK_YEAR if dated else _ASK)[language][:kept])
            return form.format(a=entry.attribute[at], **words)
        asked = rng.choice(PHRASES[entry.attribute[0]].asks[language]).format(**words)
        if not dated:
            return asked
        if asked.startswith(("How", "What", "When", "Which", "For", "Until")):
            asked = asked[0].lower() + asked[1:]
        return rng.choice(_DATED[language][:kept]).format(q=asked, **words)

    def _two_parts(self, entry: Entry, asked: Language, told: Language) -> Case:
        """A question for two things; a row that answers one of them is wanted."""
        rng, at = self._rng, asked == "zh"
        second = replace(entry, item=self._other_item(entry))
        form = rng.choice(_ASK_TWO[asked])
        question = form.format(
            a=entry.attribute[at], i=entry.item[at], b=entry.attribute[at], j=second.item[at]
        )
        if rng.random() < 0.6:
            return _answered(
                question, self._forms.show(rng.choice((entry, second)), told), "sheet-two+"
            )
        near = replace(entry, item=self._third_item(entry, second))
        shown = self._forms.show(near, told, {entry.item[0], second.item[0]})
        return Case(Pair(question, "", shown.text), False, (), "sheet-two-")

    def _years(self, entry: Entry, asked: Language, told: Language) -> Case:
        """A table with a column for each of two years, the year asked for among them or not."""
        question = self._ask(entry, asked, dated=True, of_edition=False)
        if self._rng.random() < 0.5:
            return _answered(question, self._forms.by_year(entry, told), "sheet-year+")
        far = replace(entry, year=entry.year + self._rng.choice((-4, -3, -2, 2, 3, 4)))
        shown = self._forms.by_year(far, told)
        return Case(Pair(question, "", shown.text), False, (), "sheet-year-")

    def _near(self, entry: Entry, dated: bool) -> Entry:
        rng = self._rng
        kinds = ["item", "item", "attribute"] + ["year", "document"] * dated
        kind = rng.choice(kinds)
        if kind == "item":
            return replace(entry, item=self._other_item(entry))
        if kind == "attribute":
            return replace(entry, attribute=other_attribute(entry, rng))
        if kind == "year":
            return replace(entry, year=entry.year + rng.choice((-3, -2, -1, 1, 2, 3)))
        topic = rng.choice([t for t in TOPICS if t.document != entry.document])
        return replace(entry, document=topic.document, section=rng.choice(topic.sections))

    def _other_item(self, entry: Entry) -> Both:
        return self._third_item(entry, entry)

    def _third_item(self, first: Entry, second: Entry) -> Both:
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


def _answered(question: str, shown: Shown, kind: str) -> Case:
    return Case(Pair(question, "", shown.text), True, (shown.value,), kind)
