"""Made-up tariffs: a number is asked for, and rows are for ranges of such numbers. Own work."""

from __future__ import annotations

import random
from dataclasses import dataclass

from rag.crossinput import Pair
from rag.types import Language
from training.facts import Case
from training.record_forms import as_lines, capital, under
from training.sheet_forms import BEGIN, END, located
from training.sheet_lists import Both
from training.values import draw

_BANDS: tuple[tuple[Both, Both], ...] = (
    (
        ("a customer {n} km from {t}", "距离{t} {n} 公里的客户"),
        ("{a} to {b} km", "{a} 至 {b} 公里"),
    ),
    (("an order of {n} pieces", "{n} 件的订单"), ("{a} to {b} pieces", "{a} 至 {b} 件")),
    (("a parcel of {n} kg", "{n} 公斤的包裹"), ("{a}-{b} kg", "{a}-{b} 公斤")),
    (("a group of {n} people", "{n} 人的团队"), ("from {a} to {b} people", "{a} 到 {b} 人")),
    (("a course of {n} days", "{n} 天的课程"), ("{a} to {b} days", "{a} 至 {b} 天")),
)
_FIRST_BAND: dict[str, Both] = {
    "km": ("up to {b} km", "{b} 公里以内"), "pieces": ("up to {b} pieces", "{b} 件以下"),
    "kg": ("up to {b} kg", "{b} 公斤以内"), "people": ("up to {b} people", "{b} 人以下"),
    "days": ("up to {b} days", "{b} 天以内"),
}  # fmt: skip
_CHARGE: tuple[Both, ...] = (
    ("charge", "收费"),
    ("call-out fee", "上门费"),
    ("price", "价格"),
    ("postage", "运费"),
    ("deposit", "押金"),
)
_ASK_BAND: dict[Language, tuple[str, ...]] = {
    "en": ("What is the {c} for {x}?", "How much is the {c} for {x}?", "Which {c} is due for {x}?"),
    "zh": ("{x}的{c}是多少？", "{x}{c}多少？"),
}
_SAY_BAND: dict[Language, str] = {"en": "The {c} for {x} is {v}.", "zh": "{x}的{c}为{v}。"}


@dataclass(frozen=True, slots=True)
class _Tariff:
    """Row i is for numbers from `starts[i]` to `ends[i]` and costs `fares[i]`; the number asked for
    lies in row `at`. `words` fill the questions of each language, `form` names a row."""

    words: tuple[dict[str, str], dict[str, str]]
    form: Both
    charge: Both
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    fares: tuple[Both, ...]
    at: int


class Bands:
    """Draws questions and sentences beside tariffs."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def case(self, asked: Language, told_in: Language, claims: float) -> Case:
        """One case, a claim in the share `claims` of them."""
        rng = self._rng
        tariff = self._tariff()
        at = tariff.at
        right, claiming = rng.random() < 0.5, rng.random() < claims
        count = len(tariff.ends)
        kept = sorted({at, *rng.sample(range(count), rng.randint(0, count))})
        if not right and not claiming:
            kept = [i for i in kept if i != at] or [(at + 1) % count]
        text = self._show(tariff, kept, told_in, marked=right and not claiming)
        question = rng.choice(_ASK_BAND[asked]).format(**tariff.words[asked == "zh"])
        if claiming:
            return self._claim(tariff, kept, question, text, asked, right)
        if right:
            shown = located(text)
            return Case(Pair(question, "", shown.text), True, (shown.value,), "band+")
        return Case(Pair(question, "", text), False, (), "band-")

    def _tariff(self) -> _Tariff:
        rng = self._rng
        who, form = rng.choice(_BANDS)
        charge, town = rng.choice(_CHARGE), draw("town", rng)
        ends = sorted(rng.sample(range(2, 40), rng.randint(2, 4)))
        step = rng.choice((1, 5, 10))
        ends = [end * step for end in ends]
        starts = [0, *(end + 1 for end in ends[:-1])]
        fares = tuple(draw("fare", rng) for _ in ends)
        at = rng.randrange(len(ends))
        number = rng.randint(max(1, starts[at]), ends[at])
        english, chinese = (
            {"c": charge[i], "x": who[i].format(n=number, t=town[i])} for i in (0, 1)
        )
        return _Tariff((english, chinese), form, charge, tuple(starts), tuple(ends), fares, at)

    def _show(self, tariff: _Tariff, kept: list[int], told_in: Language, *, marked: bool) -> str:
        """The rows `kept` under their title, the fare asked for set off if `marked`."""
        rng, lines = self._rng, []
        for i in kept:
            lowest = _FIRST_BAND[tariff.form[0].rsplit(" ", 1)[-1]]
            band = tariff.form if tariff.starts[i] else lowest
            name = band[told_in == "zh"].format(a=tariff.starts[i], b=tariff.ends[i])
            fare = tariff.fares[i][told_in == "zh"]
            lines.append((name, f"{BEGIN}{fare}{END}" if marked and i == tariff.at else fare))
        title = under(rng, tariff.charge, tariff.charge, rng.randint(2012, 2028), told_in)
        return title + as_lines(rng, lines)

    def _claim(
        self,
        tariff: _Tariff,
        kept: list[int],
        question: str,
        text: str,
        asked: Language,
        right: bool,
    ) -> Case:
        """The fare told, or that of another row."""
        rng = self._rng
        value = tariff.fares[tariff.at]
        others = [tariff.fares[i] for i in kept if tariff.fares[i] != value]
        if not right:
            value = rng.choice(others) if others else self._fare_but(value)
        told = value[asked == "zh"]
        claim = capital(_SAY_BAND[asked].format(v=told, **tariff.words[asked == "zh"]))
        start = claim.rindex(told)
        spans = () if right else ((start, start + len(told)),)
        shown = question if rng.random() < 0.5 else ""
        return Case(Pair(shown, claim, text), right, spans, "band-claim" + "-+"[right])

    def _fare_but(self, value: Both) -> Both:
        while (other := draw("fare", self._rng)) == value:
            pass
        return other
