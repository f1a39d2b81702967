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
from training.fact_lists import MONTHS, RELATIONS, VALUES, Relation


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
        bare = question and (right or told.value != fact.value) and rng.random() < 0.2
        claim = told.held(asked) if bare else told.say(asked, rng)
        kind = "fact+" if right else "fact-"
        return Case(Pair(question, claim, passage), right, () if right else None, kind)

    def _passage_facts(self) -> list[_Fact]:
        rng = self._rng
        kind = rng.choice(sorted({relation.subject for relation in RELATIONS}))
        fitting = [relation for relation in RELATIONS if relation.subject == kind]
        subjects = rng.sample(VALUES[kind], 2)
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
        return draw_value(relation.value, self._rng)

    def _missing(self, fact: _Fact, facts: list[_Fact]) -> _Fact:
        """A fact near to `fact` whose question the passage does not answer."""
        rng = self._rng
        choices: list[_Fact] = []
        others = [s for s in VALUES[fact.relation.subject] if all(f.subject != s for f in facts)]
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
        untrue = [choice for choice in choices if not any(_same(choice, told) for told in facts)]
        return rng.choice(untrue or [self._missing(fact, facts)])


def _same(a: _Fact, b: _Fact) -> bool:
    """Whether two facts say the same; the year counts only where it is said."""
    alike = (a.relation, a.subject, a.value) == (b.relation, b.subject, b.value)
    return alike and (a.year == b.year or not _dated(a.relation))


def _dated(relation: Relation) -> bool:
    return all("{y}" in form for form in (*relation.ask_en, *relation.en))


def draw_value(kind: str, rng: random.Random) -> tuple[str, str]:
    """A value of a kind of `VALUES`, or a date, an amount or a count, in both languages."""
    if kind in VALUES:
        return rng.choice(VALUES[kind])
    if kind == "year":
        year = rng.randint(1900, 2026)
        return str(year), f"{year}年"
    if kind == "date":
        month, day = rng.randrange(12), rng.randint(1, 28)
        year = rng.randint(1950, 2026)
        return f"{day} {MONTHS[month]} {year}", f"{year}年{month + 1}月{day}日"
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
