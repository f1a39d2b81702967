"""Make labelled pairs for the cross-encoder out of the sources, endlessly and by seed.

Two kinds. Support: (question or nothing, claim, evidence), is the claim supported, and which of
its characters are not? Answerability: (question, evidence), does the evidence hold the answer, and
where? Negatives are made to be near misses: every shortcut by word overlap fails on some of them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace

from rag.crossinput import Pair
from training.claims import ClaimMaker
from training.draw import Example
from training.facts import Case, Facts
from training.grids import Grids
from training.questions import QuestionMaker
from training.records import Records
from training.sheets import Sheets
from training.sources import Sources
from training.switch import switched

MIXES = {
    "even": {
        "sentence": 0.34, "answer": 0.14, "marked": 0.05, "study": 0.02, "fact": 0.12,
        "answerable": 0.28, "policy": 0.05,
    },
    "late": {
        "sentence": 0.36, "answer": 0.10, "marked": 0.05, "study": 0.02, "fact": 0.08,
        "answerable": 0.36, "policy": 0.03,
    },
    "find": {
        "sentence": 0.24, "answer": 0.08, "marked": 0.04, "fact": 0.08,
        "answerable": 0.18, "policy": 0.02, "lone": 0.14, "cloze": 0.07, "sheet": 0.15,
    },
    "across": {
        "sentence": 0.17, "answer": 0.06, "marked": 0.03, "fact": 0.09,
        "answerable": 0.13, "policy": 0.02, "lone": 0.12, "cloze": 0.02, "sheet": 0.14,
        "english": 0.11, "across": 0.11,
    },
    "tables": {
        "sentence": 0.12, "answer": 0.05, "marked": 0.03, "fact": 0.04,
        "answerable": 0.11, "policy": 0.02, "lone": 0.09, "cloze": 0.01, "sheet": 0.08,
        "english": 0.08, "across": 0.09, "grid": 0.11, "record": 0.11, "switched": 0.10,
    },
    "claims": {
        "sentence": 0.5, "answer": 0.2, "marked": 0.1, "fact": 0.05, "grid": 0.08, "record": 0.07,
    },
    "asked": {
        "answerable": 0.25, "english": 0.25, "sheet": 0.15, "across": 0.1, "grid": 0.15,
        "record": 0.1,
    },
}  # fmt: skip
"""Shares of the makers: `even` to begin with, `late` to go on with, `find` for single sentences and
rows, as they are read to find and to choose, `across` with what `training.ask` had written,
`tables` with cells of all kinds, with records and with what a dictionary puts into the other
language, `claims` and `asked` to fit regressions on claims and on questions."""


class PairMaker:
    """Draws examples from sources. Deterministic for one seed."""

    def __init__(self, sources: Sources, seed: int, mix: str = "even") -> None:
        self._rng = random.Random(seed)
        self._mix = mix
        self._claims = ClaimMaker(sources, self._rng)
        self._questions = QuestionMaker(sources, self._rng)
        self._facts = Facts(self._rng)
        self._sheets = Sheets(self._rng)
        self._grids = Grids(self._rng)
        self._records = Records(self._rng)

    def stream(self) -> Iterator[Example]:
        """Examples without end."""
        claims, questions = self._claims, self._questions
        makers: dict[str, Callable[[], Example | None]] = {
            "sentence": claims.sentence,
            "answer": claims.answer,
            "marked": claims.marked,
            "study": claims.study,
            "fact": lambda: _example(self._facts.draw()),
            "answerable": questions.answerable,
            "policy": questions.policy,
            "lone": questions.lone,
            "cloze": questions.cloze,
            "english": questions.english,
            "across": questions.across,
            "sheet": lambda: _example(self._sheets.draw()),
            "grid": lambda: _example(self._grids.draw()),
            "record": lambda: _example(self._records.draw()),
            "switched": self._switched,
        }
        functions = [makers[name] for name in MIXES[self._mix]]
        weights = list(MIXES[self._mix].values())
        while True:
            example = self._rng.choices(functions, weights)[0]()
            if example is not None:
                yield example if self._mix == "even" else questions.as_phrase(example)

    def _switched(self) -> Example | None:
        """A question or claim put into the other language, beside its evidence as it is."""
        questions, claims = self._questions, self._claims
        makers = (
            questions.lone, questions.lone, questions.answerable, questions.english,
            questions.policy, claims.sentence, claims.sentence, claims.answer,
        )  # fmt: skip
        example = self._rng.choice(makers)()
        if example is None:
            return None
        pair, rng = example.pair, self._rng
        asked = switched(pair.question, rng) if pair.question else ""
        said = switched(pair.claim, rng) if pair.claim else ""
        if asked is None or said is None:
            return None
        spans = None if pair.claim and not example.label else example.spans
        kind = f"switched-{example.kind}"
        return replace(example, pair=Pair(asked, said, pair.evidence), spans=spans, kind=kind)


def _example(case: Case) -> Example:
    return Example(case.pair, case.label, case.spans, case.kind)
