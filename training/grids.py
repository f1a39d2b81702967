"""Made-up tables of people, projects, faults, orders and years, in two languages.

`training.sheets` teaches numbers of items. Here a cell may be a name, a date or a few words, what
is asked for may be the row ("who is the treasurer?"), and a year's column may be beside another's;
and sentences are held against rows: the value of the row below is not supported. Own work; it
knows nothing of `examples`.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from rag.crossinput import Pair
from rag.types import Language
from training.fact_lists import VALUES as SUBJECTS
from training.facts import Case
from training.grid_forms import Table, Wanted, show
from training.grid_lists import (
    MEASURES,
    POSTS,
    REGISTERS,
    SINCE,
    SINCE_WHEN,
    VALUES,
    Column,
    Measure,
)
from training.sheet_forms import located
from training.sheet_lists import Both
from training.values import draw, languages, near_post

_CROSSING = 0.45
_CLAIMS = 0.35
_MEASURED = 0.4
_OF_COMPANY = 0.3
_JOINT = 0.4
_NEAR = 0.5
_FIRST: tuple[Both, ...] = (("Segment", "部门"), ("Item", "项目"), ("", ""))
_COMPANY: dict[Language, tuple[str, ...]] = {
    "en": ("At {c}: {q}", "For {c}, {q}", "{q} ({c})"),
    "zh": ("{c}：{q}", "在{c}，{q}", "{q}（{c}）"),
}


class Grids:
    """Draws questions and sentences with tables, about half of them answered or supported."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def draw(self) -> Case:
        """One case."""
        rng = self._rng
        told_in, asked = languages(rng, _CROSSING)
        of_years = rng.random() < _MEASURED
        table, wanted = self._measure(asked) if of_years else self._register(asked)
        if rng.random() < _CLAIMS:
            return self._claim(table, wanted, asked, told_in)
        if rng.random() < 0.5:
            text = show(rng, table, wanted, told_in, marked=True)
            shown = located(text)
            question = self._of_company(wanted.ask, table, asked)
            return Case(Pair(question, "", shown.text), True, (shown.value,), "grid+")
        return self._missing(table, wanted, asked, told_in)

    def _register(self, asked: Language) -> tuple[Table, Wanted]:
        rng, at = self._rng, int(asked == "zh")
        people = [r for r in REGISTERS if r.rows == "name"]
        register = rng.choice([*REGISTERS, *people, *people])  # posts are confused most
        most = min(len(register.columns), 4)
        columns = rng.sample(register.columns, rng.randint(min(2, most), most))
        count = rng.randint(2, 6)
        firsts = self._distinct(register.rows, count)
        values = [self._distinct(column.value, count) for column in columns]
        cells = tuple((first, *(v[i] for v in values)) for i, first in enumerate(firsts))
        head = (register.first, *(c.name for c in columns))
        table = self._table(register.documents, rng.choice(register.sections), head, cells)
        row, column = rng.randrange(count), rng.randrange(len(columns))
        if SINCE in columns and any(c in POSTS for c in columns) and rng.random() < _JOINT:
            return table, self._joint(columns, cells[row], row, asked)
        return table, self._cell(columns[column], cells[row], row, column + 1, asked, at)

    def _joint(
        self, columns: Sequence[Column], cells: Sequence[Both], row: int, asked: Language
    ) -> Wanted:
        """The row that has two cells: who holds an office since a month."""
        rng, at = self._rng, int(asked == "zh")
        since = columns.index(SINCE) + 1
        post = next(i for i, column in enumerate(columns, 1) if column in POSTS)
        ask, say = rng.choice(SINCE_WHEN[asked])
        words = {"v": cells[post][at], "w": cells[since][at]}
        said = say.replace("{w}", words["w"])
        return Wanted(row, post, ask.format(**words), said, True, post=True)

    def _cell(
        self, column: Column, cells: Sequence[Both], row: int, place: int, asked: Language, at: int
    ) -> Wanted:
        rng = self._rng
        finds = bool(column.finds[asked]) and rng.random() < 0.5
        words = {"i": cells[0][at], "v": cells[place][at]}
        ask = rng.choice((column.finds if finds else column.asks)[asked]).format(**words)
        return Wanted(row, place, ask, rng.choice(column.says[asked]), finds, column in POSTS)

    def _measure(self, asked: Language) -> tuple[Table, Wanted]:
        rng, at = self._rng, int(asked == "zh")
        measure = rng.choice(MEASURES)
        section, unit = rng.choice(measure.sections)
        years = rng.randint(2012, 2027)
        columns = [years - n for n in range(rng.randint(1, 3))]
        if rng.random() < 0.5:
            columns.reverse()
        kinds = ("line", "town") if measure.decimal else ("line", "town", "code")
        items = self._distinct(rng.choice(kinds), rng.randint(1, 4))
        whole = rng.choice(VALUES["whole"])
        rows = [*items, whole] if rng.random() < 0.7 else items
        cells = tuple((i, *(self._number(measure) for _ in columns)) for i in rows)
        mark = rng.choice(("", " 年"))
        head = (rng.choice(_FIRST), *((str(y), f"{y}{mark}") for y in columns))
        documents: tuple[Both, ...] = (("annual report", "年度报告"), ("key figures", "主要数据"))
        table = self._table(documents, section, head, cells)
        table = replace(table, year=years)
        row, column = rng.randrange(len(rows)), rng.randrange(len(columns))
        name = rows[row][at]
        if rows[row] is whole:
            name = rng.choice((table.company[at], ("the group", "集团")[at]))
        words = {"i": name, "y": columns[column]}
        said = rng.choice(measure.says[asked]).format(v="{v}", **words)
        ask = rng.choice(measure.asks[asked]).format(**words)
        if unit and rng.random() < 0.5:
            said = said.replace("{v}", f"{{v}}{' ' if asked == 'en' else ''}{_scale(unit, asked)}")
        stray = rng.choice([m for m in MEASURES if m != measure])
        astray = (
            rng.choice(stray.asks[asked]).format(**words),
            rng.choice(stray.says[asked]).format(v="{v}", **words),
        )
        return table, Wanted(row, column + 1, ask, said, False, astray=astray)

    def _table(
        self,
        documents: Sequence[Both],
        section: Both,
        head: tuple[Both, ...],
        cells: tuple[tuple[Both, ...], ...],
    ) -> Table:
        rng = self._rng
        company = rng.choice(SUBJECTS["company"])
        return Table(company, rng.choice(documents), section, rng.randint(2012, 2028), head, cells)

    def _missing(self, table: Table, wanted: Wanted, asked: Language, told_in: Language) -> Case:
        """The question beside rows or columns that do not answer it, or another firm's table."""
        rng = self._rng
        kinds = ["row"] * (len(table.cells) > 1) + ["column"] * (len(table.head) > 2) + ["company"]
        kind = rng.choice([*kinds, *kinds[:-1]])
        question = wanted.ask
        astray = wanted.astray[0] or (self._near_post(table, wanted, asked) if wanted.finds else "")
        if astray and rng.random() < _NEAR:
            question = self._of_company(astray, table, asked)
            text, kind = show(rng, table, wanted, told_in), "near"
        elif kind == "company":
            question = self._company_of(question, table.company, asked)
            others = [c for c in SUBJECTS["company"] if c != table.company]
            table = replace(table, company=rng.choice(others))
            text = show(rng, table, wanted, told_in, titled=True)
        else:
            question = self._of_company(question, table, asked)
            table, left = _without(table, wanted, kind)
            text = show(rng, table, left, told_in)
        return Case(Pair(question, "", text), False, (), f"grid-{kind}")

    def _near_post(self, table: Table, wanted: Wanted, asked: Language) -> str:
        """The question after a post like the one asked for that nobody in the table holds, or
        nothing if no post is asked for."""
        if not wanted.post:
            return ""
        at = asked == "zh"
        value = table.cells[wanted.row][wanted.column]
        return wanted.ask.replace(value[at], self._near_value(table, wanted, value)[at])

    def _claim(self, table: Table, wanted: Wanted, asked: Language, told_in: Language) -> Case:
        rng, at = self._rng, int(asked == "zh")
        right = rng.random() < 0.5
        name = table.cells[wanted.row][0]
        value = table.cells[wanted.row][wanted.column]
        say = wanted.say
        if not right and wanted.astray[1] and rng.random() < _NEAR / 2:
            say = wanted.astray[1]
        elif not right and wanted.post and rng.random() < _NEAR:
            if rng.random() < 0.5:
                value = self._near_value(table, wanted, value)
            else:
                name = self._another_name(table, name)
        elif not right:
            value = self._wrong(table, wanted, value)
        before, _, after = say.partition("{v}")
        before, after = (part.replace("{i}", name[at]) for part in (before, after))
        claim = before + value[at] + after
        spans = () if right else ((len(before), len(before) + len(value[at])),)
        if name != table.cells[wanted.row][0]:
            start = claim.index(name[at])
            spans = ((start, start + len(name[at])),)
        shown = wanted.ask if rng.random() < 0.5 and not wanted.finds else ""
        evidence = show(rng, table, wanted, told_in)
        kind = "grid-claim+" if right else "grid-claim-"
        return Case(Pair(shown, claim, evidence), right, spans, kind)

    def _near_value(self, table: Table, wanted: Wanted, value: Both) -> Both:
        """A post near to `value` that nobody in the table holds."""
        told = [cells[wanted.column][0] for cells in table.cells]
        while True:
            near = near_post(value, self._rng)
            if not any(near[0] in post for post in told):
                return near

    def _another_name(self, table: Table, name: Both) -> Both:
        """A person of another row, or of none."""
        others = [cells[0] for cells in table.cells if cells[0] != name]
        if others and self._rng.random() < 0.8:
            return self._rng.choice(others)
        return self._rng.choice([n for n in VALUES["name"] if n != name])

    def _wrong(self, table: Table, wanted: Wanted, value: Both) -> Both:
        """A value of another row or year if there is one, else of another table."""
        numbers = all(
            cells[1][0].replace(",", "").replace(".", "").isdigit() for cells in table.cells
        )
        near = [c[wanted.column] for c in table.cells]
        if numbers:
            near += table.cells[wanted.row][1:]
        fitting = [v for v in near if v != value]
        if fitting and self._rng.random() < 0.8:
            return self._rng.choice(fitting)
        for kind in VALUES.values():
            if value in kind:
                return self._rng.choice([v for v in kind if v != value])
        return fitting[0] if fitting else _changed(value, self._rng)

    def _of_company(self, question: str, table: Table, language: Language) -> str:
        if self._rng.random() > _OF_COMPANY:
            return question
        return self._company_of(question, table.company, language)

    def _company_of(self, question: str, company: Both, language: Language) -> str:
        name = company[language == "zh"]
        if name in question:
            return question
        return self._rng.choice(_COMPANY[language]).format(c=name, q=question)

    def _distinct(self, kind: str, count: int) -> list[Both]:
        found: dict[Both, None] = {}
        while len(found) < count:
            found[draw(kind, self._rng)] = None
        return list(found)

    def _number(self, measure: Measure) -> Both:
        low, high = measure.numbers
        number: float = self._rng.randint(low, high)
        if measure.decimal:
            number += self._rng.randint(0, 9) / 10
        said = f"{number:,}"
        return said, said


def _without(table: Table, wanted: Wanted, kind: str) -> tuple[Table, Wanted]:
    """The table without the row or the column of the cell, and a cell that is left."""
    if kind == "row":
        cells = tuple(c for i, c in enumerate(table.cells) if i != wanted.row)
        return replace(table, cells=cells), replace(wanted, row=0)
    head = tuple(n for i, n in enumerate(table.head) if i != wanted.column)
    cells = tuple(tuple(v for i, v in enumerate(c) if i != wanted.column) for c in table.cells)
    return replace(table, head=head, cells=cells), replace(wanted, column=1)


def _scale(unit: str, language: Language) -> str:
    currency, scale = unit.split(" ")
    if language == "en":
        return f"{scale} {currency}"
    return {"million": "百万", "thousand": "千"}[scale] + {"RMB": "元", "EUR": "欧元"}[currency]


def _changed(value: Both, rng: random.Random) -> Both:
    """Another number of as many digits."""
    digits = [str(rng.randint(1, 9)) if c.isdigit() else c for c in value[0]]
    said = "".join(digits)
    return said, said if value[0] == value[1] else value[1].replace(value[0], said)
