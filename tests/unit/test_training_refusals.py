"""What the decision to refuse is fitted on: questions with passages, and how they came out."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from rag.check import Claim
from rag.checking.compose import SubAnswer
from rag.models.crossinput import Pair
from rag.checking.decide import Signals, joined
from tests.fakes import FakeEmbedder
from training.draw import Example
from training.fit import write_fitted
from training.refusals import (
    FEATURES,
    Put,
    fit_decision,
    fit_joined,
    holds,
    once,
    outcome,
    put_with_others,
    signals_of,
)

SURE = Signals(0.9, 0.8, 0.8, 0.7, refused=False)
POOL = [
    Example(
        Pair(f"How long is bridge {n}?", "", f"Bridge {n} is {n}0 m long."), True, ((12, 16),), "q"
    )
    for n in range(2, 9)
]


def test_a_question_comes_with_its_own_evidence_and_none_that_holds_the_answer_too() -> None:
    copy = Example(Pair("And 3?", "", "The other bridge is 30 m long, too."), False, (), "q-")
    cases = list(put_with_others(POOL[:3], [*POOL, copy], FakeEmbedder(), random.Random(1)))
    for case, example in zip(cases, POOL, strict=False):
        assert len(case.passages) == len(set(case.passages)) == 5
        assert example.pair.evidence in case.passages
        assert case.answer is not None
        assert sum(case.answer in passage for passage in case.passages) == 1
    [unanswerable] = put_with_others([copy], POOL, FakeEmbedder(), random.Random(1))
    assert unanswerable.answer is None


def test_beside_a_near_miss_stands_none_of_the_nearest_passages() -> None:
    """One of them may answer it after all."""
    near = [
        Example(Pair(f"And {n}?", "", f"Tunnel Gotthard tunnel part {n}."), True, None, "q")
        for n in range(8)
    ]
    miss = Example(Pair("How long is tunnel Gotthard?", "", "It is old."), False, (), "q-")
    [case] = put_with_others([miss], [*near, *POOL], FakeEmbedder(), random.Random(1))
    assert len(case.passages) == 5
    assert not any("Gotthard" in passage for passage in case.passages)


def test_each_question_is_drawn_once() -> None:
    assert list(once([*POOL, *POOL[:3]])) == POOL


def claims(text: str, verdict: str = "supported") -> list[Claim]:
    return [Claim(text, "", verdict, 0.9, ())]  # type: ignore[arg-type]


def test_right_is_what_is_shown_and_holds_the_answer() -> None:
    case = Put("How long?", ("It is 1,200 m long.",), "1,200 m", "q")

    def row(told: list[Claim], case: Put = case) -> tuple[bool, bool]:
        made = outcome(case, SubAnswer(case.question, told, SURE))
        return made["shown"], made["right"]

    assert row(claims("Its length is 1200 m.")) == (True, True)
    assert row(claims("Its length is 900 m.")) == (True, False)
    sum_ = Put("How much?", ("EUR 291.6 million",), "EUR 291.6 million", "q")
    assert row(claims("共计 2.916 亿欧元。"), sum_) == (True, True)
    assert row(claims("Its length is 1200 m.", "unsupported")) == (False, False)
    nothing = Put("How long?", ("It is old.",), None, "q-")
    assert row(claims("Its length is 1200 m."), nothing) == (True, False)


def test_the_fit_gives_the_share_that_is_right_among_users_and_keeps_what_else_is_in_the_file(
    tmp_path: Path,
) -> None:
    rng = random.Random(2)
    rows: list[dict[str, Any]] = [
        {**{name: rng.random() for name in FEATURES}, "refused": False, "held": None,
         "shown": True, "right": n % 2 == 0, "answer": "x" if n % 2 == 0 else None}
        for n in range(400)
    ]  # fmt: skip
    fitted = fit_decision(rows)
    weights = fitted["weights"]
    assert isinstance(weights, list)
    assert all(weight >= 0 for weight in weights)
    # Nothing tells right from wrong here, and nineteen in twenty users' questions have an answer.
    assert abs(float(str(fitted["bias"])) + sum(weights) / 2 - 2.94) < 0.4
    (path := tmp_path / "scorer.json").write_text('{"support": {"bias": 1}}')
    write_fitted({"refusal": fitted}, path)
    assert set(json.loads(path.read_text())) == {"support", "refusal"}


def test_the_models_own_word_is_added_to_what_is_known_without_it() -> None:
    rows: list[dict[str, Any]] = [
        {**dict.fromkeys(FEATURES, 0.6), "refused": False, "held": held, "shown": True,
         "right": held > 0.9, "answer": "x" if held > 0.9 else None}
        for held in (0.5, 0.7, 0.85, 0.93, 0.97, 0.99)
    ]  # fmt: skip
    fitted = fit_joined([*rows, {**rows[0], "held": None, "right": True}])
    assert fitted["pairs"] == len(rows)
    assert isinstance(fitted["weights"], list)
    slope, bias = float(fitted["weights"][0]), float(str(fitted["bias"]))
    at = {row["held"]: slope * joined(signals_of(row)) + bias for row in rows}
    assert at[0.85] < 0.0 < at[0.93]


@pytest.mark.parametrize(
    ("told", "answer", "right"),
    [
        ("Pan Yawen is in charge.", "潘雅文", True),
        ("Ren Bohan is in charge.", "潘雅文", False),
        ("项目由潘雅文负责。", "Pan Yawen", True),
        ("All staff fly economy class.", "经济舱", True),
        ("All staff fly economy class.", "头等舱", False),
        ("It costs EUR 31.", "30 欧元", False),
    ],
)
def test_an_answer_told_in_the_other_language_is_right(told: str, answer: str, right: bool) -> None:
    assert holds(told, answer) is right
