"""Made-up records: one subject, and things told of it that are easily taken for one another.

A plant's building is begun, planned to end, put off and opened, each at some time; an office has a
holder, a successor and a deputy; a rule has an edition. The near misses ask for one of them where
the others are told, or for another year's edition; the false claims give one the value of another.
Own work; it knows nothing of `examples`.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from rag.crossinput import Pair
from rag.types import Language
from training.bands import Bands
from training.facts import Case
from training.record_forms import as_lines, capital, under
from training.record_lists import RECORDS, Record, Told
from training.sheet_forms import BEGIN, END, located
from training.sheet_lists import Both
from training.values import draw, languages

_CROSSING = 0.45
_CLAIMS = 0.45
_EDITION = 0.3
_LINES = 0.35
_EDITIONS: dict[Language, tuple[str, ...]] = {
    "en": ("Under the {y} {d}: {q}", "According to the {y} edition, {q}", "{q} ({d} {y})",
           "Under the {y} edition of the {d}, {q}", "{q} That is, in the {y} {d}."),
    "zh": ("按 {y} 年版{d}，{q}", "{y} 年版{d}规定，{q}", "{y}版：{q}", "{q}（{y} 年版）",
           "根据{y}年的{d}，{q}"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _File:
    """What is told of one subject: `values[i]` belongs to `told[i]`."""

    subject: Both
    document: Both
    section: Both
    year: int
    told: tuple[Told, ...]
    values: tuple[Both, ...]


class Records:
    """Draws questions and sentences beside records, about half of them answered or supported."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def draw(self) -> Case:
        """One case."""
        rng = self._rng
        told_in, asked = languages(rng, _CROSSING)
        if rng.random() < 0.12:
            return Bands(rng).case(asked, told_in, _CLAIMS)
        file = self._file(rng.choice(RECORDS))
        wanted = rng.choice(file.told)
        if rng.random() < _CLAIMS:
            return self._claim(file, wanted, asked, told_in)
        question = self._ask(file, wanted, asked)
        if rng.random() < 0.5:
            put = self._of_edition(question, file, asked, file.year)
            some, dated = self._some(file, wanted), put != question
            shown = located(self._show(file, some, told_in, wanted, titled=dated))
            question = put
            return Case(Pair(question, "", shown.text), True, (shown.value,), "record+")
        return self._missing(file, wanted, question, asked, told_in)

    def _file(self, record: Record) -> _File:
        rng = self._rng
        told = tuple(rng.sample(record.told, rng.randint(3, min(6, len(record.told)))))
        values: list[Both] = []
        while len(values) < len(told):
            value = draw(told[len(values)].value, rng)
            if value not in values:
                values.append(value)
        town, code, number = draw("town", rng), draw("code", rng)[0], rng.randint(2, 9)
        subject = rng.choice(record.subjects)
        names = [subject[at].format(t=town[at], k=code, n=number) for at in (0, 1)]
        document, section = rng.choice(record.documents), rng.choice(record.sections)
        return _File(
            (names[0], names[1]), document, section, rng.randint(2012, 2028), told, tuple(values)
        )

    def _missing(
        self, file: _File, wanted: Told, question: str, asked: Language, told_in: Language
    ) -> Case:
        """The question beside the record without its answer, or in another year's edition."""
        rng = self._rng
        if rng.random() < 0.3:
            year = file.year + rng.choice((-3, -2, -1, 1, 2, 3))
            question = self._of_edition(question, file, asked, year, always=True)
            text = self._show(file, self._some(file, wanted), told_in, titled=True)
            return Case(Pair(question, "", text), False, (), "record-edition")
        if rng.random() < 0.25:
            file = replace(file, subject=self._other_subject(file))
            text = self._show(file, self._some(file, wanted), told_in)
            return Case(Pair(question, "", text), False, (), "record-subject")
        question = self._of_edition(question, file, asked, file.year)
        left = [told for told in file.told if told != wanted]
        like = [told for told in left if told.value == wanted.value]
        kept = rng.sample(left, rng.randint(1, len(left)))
        if like and rng.random() < 0.8:
            near = rng.choice(like)
            kept = [near] if rng.random() < 0.5 else [near, *(t for t in kept if t != near)]
        text = self._show(file, kept, told_in, never=wanted)
        return Case(Pair(question, "", text), False, (), "record-")

    def _claim(self, file: _File, wanted: Told, asked: Language, told_in: Language) -> Case:
        """A sentence beside the record: true, with another's value, or of what is not told."""
        rng, at = self._rng, int(asked == "zh")
        right = rng.random() < 0.5
        value = self._value(file, wanted)
        shown = self._some(file, wanted)
        never = None
        if not right:
            like = [t for t in file.told if t.value == wanted.value and t != wanted]
            # What is put off to a time is planned for it.
            like = [t for t in like if t.past != wanted.name[0]]
            if like and rng.random() < 0.75:
                other = rng.choice(like)
                value = self._value(file, other)
                shown = shown if other in shown else [*shown, other]
                if rng.random() < 0.5:
                    shown, never = [t for t in shown if t != wanted], wanted
            else:
                value = self._another(wanted, value)
        form = rng.choice(wanted.says[asked])
        before, _, after = self._fill(form, file, asked).partition("{v}")
        if not before:
            value = (value[0][:1].upper() + value[0][1:], value[1])
        claim = capital(before) + value[at] + after
        spans = () if right else ((len(before), len(before) + len(value[at])),)
        question = self._ask(file, wanted, asked) if rng.random() < 0.5 else ""
        text = self._show(file, shown, told_in, never=never)
        return Case(Pair(question, claim, text), right, spans, "record-claim" + "-+"[right])

    def _another(self, wanted: Told, value: Both) -> Both:
        while (other := draw(wanted.value, self._rng)) == value:
            pass
        return other

    def _some(self, file: _File, wanted: Told) -> list[Told]:
        """What is told, `wanted` among it; now and then alone."""
        rng = self._rng
        if rng.random() < 0.4:
            return [wanted]
        others = [told for told in file.told if told != wanted]
        return [wanted, *rng.sample(others, rng.randint(1, len(others)))]

    def _value(self, file: _File, told: Told) -> Both:
        return file.values[file.told.index(told)]

    def _ask(self, file: _File, wanted: Told, asked: Language) -> str:
        return capital(self._fill(self._rng.choice(wanted.asks[asked]), file, asked))

    def _fill(self, form: str, file: _File, language: Language) -> str:
        """The form with the subject in it, the value's place left."""
        name = file.subject[language == "zh"]
        return form.replace("{s}", name).replace("{r}", name.removeprefix("the "))

    def _of_edition(
        self, question: str, file: _File, asked: Language, year: int, *, always: bool = False
    ) -> str:
        """The question as of one edition of the document; mostly left as it is."""
        if not always and self._rng.random() > _EDITION:
            return question
        form = self._rng.choice(_EDITIONS[asked])
        if asked == "en" and not form.startswith("{q}"):
            question = question[0].lower() + question[1:]
        return form.format(y=year, d=file.document[asked == "zh"], q=question)

    def _other_subject(self, file: _File) -> Both:
        """A subject of the same kind with another name."""
        record = next(r for r in RECORDS if file.told[0] in r.told)
        while True:
            subject = self._file(record).subject
            if subject != file.subject and not subject[0].startswith("all "):
                return subject

    def _show(
        self,
        file: _File,
        shown: list[Told],
        language: Language,
        marked: Told | None = None,
        never: Told | None = None,
        *,
        titled: bool = False,
    ) -> str:
        """The record under its title: sentences, or the lines of a data sheet. The value of
        `marked` is set off; `never` is not told, not even in passing."""
        rng, at = self._rng, int(language == "zh")
        shown = [*shown]
        rng.shuffle(shown)
        title = under(rng, file.document, file.section, file.year, language, titled=titled)
        if rng.random() < _LINES:
            lines = [(told.name[at], self._mark(file, told, marked, at)) for told in shown]
            text = as_lines(rng, lines)
            return f"{title}{file.subject[at]}: {text}"
        said = [self._sentence(file, told, shown, language, marked, never) for told in shown]
        if len(said) > 1 and file.subject[0].startswith("the ") and rng.random() < 0.4:
            name, short = file.subject[at], ("it", "其")[at]
            said[1:] = [capital(text.replace(name, short)) for text in said[1:]]
        return title + ("" if at else " ").join(said)

    def _sentence(
        self,
        file: _File,
        told: Told,
        shown: list[Told],
        language: Language,
        marked: Told | None,
        never: Told | None,
    ) -> str:
        rng, at = self._rng, int(language == "zh")
        past = next((t for t in file.told if t.name[0] == told.past), None)
        fits = past is not None and past != never and (marked in (None, told) or past in shown)
        form = rng.choice(told.says[language])
        old = ""
        if past is not None and fits and marked != past and rng.random() < 0.6:
            form, old = rng.choice(told.pasts[language]), self._value(file, past)[at]
        said = self._fill(form, file, language).replace("{o}", old)
        return capital(said.replace("{v}", self._mark(file, told, marked, at)))

    def _mark(self, file: _File, told: Told, marked: Told | None, at: int) -> str:
        value = self._value(file, told)[at]
        return f"{BEGIN}{value}{END}" if told == marked else value
