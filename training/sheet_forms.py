"""How a made-up sheet shows a fact: as a row, bare or with its columns' names, as a line of a data
sheet, as a whole table, with a column for each year, or as a sentence. Own work.

The forms are those in which `rag.units` and `rag.narrow` have tables read.
"""

from __future__ import annotations

import random
import re
from collections.abc import Collection
from dataclasses import dataclass, replace

from rag.types import Language, Span
from training.sheet_lists import ATTRIBUTES, ITEMS, Both
from training.sheet_phrases import PHRASES

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
_FIRST_COLUMN: dict[str, Both] = {
    "city": ("Place", "地点"), "department": ("Department", "部门"), "person": ("Group", "对象"),
    "tier": ("Plan", "套餐"), "part": ("Part", "零件"), "region": ("Region", "地区"),
    "model": ("Model", "型号"),
}  # fmt: skip
BEGIN, END = "\x02", "\x03"
"""Set about the value asked for until its place is told by `located`."""
_PLAIN: Both = ("Item", "项目")


@dataclass(frozen=True, slots=True)
class Entry:
    """One fact of a sheet: which document of which year says which attribute of which item;
    `other` is another column of the same table."""

    document: Both
    section: Both
    item: Both
    attribute: Both
    year: int
    other: Both


@dataclass(frozen=True, slots=True)
class Shown:
    """A text, and where in it (0-based characters) the value asked for stands."""

    text: str
    value: Span


class Forms:
    """Shows entries, with values drawn for them."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def show(self, entry: Entry, language: Language, never: Collection[str] = ()) -> Shown:
        """The fact under its document and section. The items called `never` (English) are in no
        row that is added."""
        return located(self._shown(entry, language, never))

    def _shown(self, entry: Entry, language: Language, never: Collection[str]) -> str:
        draw = self._rng.random()
        if draw < 0.42:
            return self._row(entry, language)
        if draw < 0.56:
            return self._table(entry, language, {*never, entry.item[0]})
        if draw < 0.70:
            return self._line(entry, language)
        name, item, value = self._words(entry, language)
        own = PHRASES[entry.attribute[0]].says[language]
        form = self._rng.choice(own if self._rng.random() < 0.5 else _SAY[language])
        said = form.format(a=name, i=item, v=value)
        return self._under(entry, language, said[0].upper() + said[1:])

    def by_year(self, entry: Entry, language: Language) -> Shown:
        """A row with a column for the year of the entry and one for the year before or after, as
        the document of the later year shows them."""
        rng = self._rng
        later = replace(entry, year=entry.year + rng.choice((0, 1)))
        item, first = entry.item[language == "zh"], self._first_column(entry, language)
        years = (later.year, later.year - 1)
        values = [
            self._value(entry.attribute, language, asked=year == entry.year) for year in years
        ]
        name = entry.attribute[language == "zh"]
        if rng.random() < 0.5:
            told = ", ".join(f"{y} {v}" for y, v in zip(years, values, strict=True))
            return located(self._under(later, language, f"{first} {item}: {told}", column=name))
        head = f"| {first} | {years[0]} | {years[1]} |"
        row = f"| {item} | {values[0]} | {values[1]} |"
        return located(self._under(later, language, f"{head} … {row}", column=name))

    def empty(self, entry: Entry, language: Language) -> str:
        """A line that speaks of the attribute and holds no value."""
        said = self._rng.choice(_HEAD[language]).format(a=entry.attribute[language == "zh"])
        return self._under(entry, language, said)

    def _words(self, entry: Entry, language: Language) -> tuple[str, str, str]:
        at = language == "zh"
        value = self._value(entry.attribute, language, asked=True)
        return entry.attribute[at], entry.item[at], value

    def _row(self, entry: Entry, language: Language) -> str:
        """One row: under the name of its column, under the head of the table, or told."""
        rng, at = self._rng, language == "zh"
        name, item, value = self._words(entry, language)
        if rng.random() < 0.3:
            return self._under(entry, language, f"| {item} | {value} |", column=name)
        cells = [(name, value), (entry.other[at], self._value(entry.other, language))]
        rng.shuffle(cells)
        first = self._first_column(entry, language)
        if rng.random() < 0.5:
            told = ", ".join(f"{column} {cell}" for column, cell in cells)
            return self._under(entry, language, f"{first} {item}: {told}")
        head = f"| {first} | {' | '.join(column for column, _ in cells)} |"
        row = f"| {item} | {' | '.join(cell for _, cell in cells)} |"
        return self._under(entry, language, f"{head} … {row}" if rng.random() < 0.7 else row)

    def _table(self, entry: Entry, language: Language, taken: set[str]) -> str:
        """Several rows, as a passage shows them."""
        rng, at = self._rng, language == "zh"
        kind = _kind(entry.item)
        pool = [item for item in ITEMS.get(kind, ()) if item[0] not in taken]
        others = rng.sample(pool, min(len(pool), rng.randint(1, 4)))
        items = [entry.item, *others]
        rng.shuffle(items)
        columns = (entry.attribute, entry.other)[: rng.randint(1, 2)]
        first = self._first_column(entry, language)
        rows = [
            [item[at]]
            + [self._value(c, language, asked=item == entry.item and not n)
               for n, c in enumerate(columns)]
            for item in items
        ]  # fmt: skip
        if rng.random() < 0.5:
            names = [column[at] for column in columns]
            told = [
                f"{first} {row[0]}: "
                + ", ".join(f"{n} {v}" for n, v in zip(names, row[1:], strict=True))
                for row in rows
            ]
            return self._under(entry, language, " … ".join(told))
        head = [first, *(column[at] for column in columns)]
        return self._under(entry, language, " ".join(f"| {' | '.join(r)} |" for r in (head, *rows)))

    def _line(self, entry: Entry, language: Language) -> str:
        """A line of the item's own data sheet, perhaps with the line after it."""
        rng = self._rng
        name, item, value = self._words(entry, language)
        form = rng.choice(("| {} | {} |", "{}: {}"))
        lines = [form.format(name, value)]
        if rng.random() < 0.4:
            other = entry.other[language == "zh"]
            lines.append(form.format(other, self._value(entry.other, language)))
            rng.shuffle(lines)
        return self._under(entry, language, " … ".join(lines), column=item)

    def _first_column(self, entry: Entry, language: Language) -> str:
        kind = _kind(entry.item)
        named = _FIRST_COLUMN[kind] if self._rng.random() < 0.6 else _PLAIN
        return named[language == "zh"]

    def _under(self, entry: Entry, language: Language, text: str, column: str = "") -> str:
        rng, at = self._rng, language == "zh"
        document, section = entry.document[at], entry.section[at]
        stem = f"{entry.document[0].replace(' ', '-')}-{entry.year}"
        edition = (
            f"（{entry.year}年版）" if at else rng.choice((f", {entry.year}", f" {entry.year}"))
        )
        glue = "，" if at else ", "
        above = f"{stem}: {document}{edition} > {section}"
        return f"{above}{glue}{column}: {text}" if column else f"{above}: {text}"

    def _value(self, attribute: Both, language: Language, *, asked: bool = False) -> str:
        """A value for the attribute; the one that is asked for between marks."""
        rng, phrases = self._rng, PHRASES[attribute[0]]
        low, high = phrases.numbers
        number: float = rng.randint(low, high)
        if phrases.decimal and rng.random() < 0.6:
            number += rng.randint(1, 9) / 10
        value = rng.choice(phrases.values)[language == "zh"].format(f"{number:,}")
        return f"{BEGIN}{value}{END}" if asked else value


def located(text: str) -> Shown:
    """The text without the marks about its value, and where that stands."""
    before, value, after = re.split(f"[{BEGIN}{END}]", text)
    return Shown(before + value + after, (len(before), len(before) + len(value)))


def _kind(item: Both) -> str:
    return next((kind for kind, items in ITEMS.items() if item in items), "model")


def other_attribute(entry: Entry, rng: random.Random) -> Both:
    """An attribute that no column of the entry's table has."""
    taken = (entry.attribute[0], entry.other[0])
    return rng.choice([a for a in ATTRIBUTES if a[0] not in taken])
