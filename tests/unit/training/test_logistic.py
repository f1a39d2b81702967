"""Regressions keep the direction of their features and are read as they were written."""

from __future__ import annotations

import json
import random
from pathlib import Path

from rag.models.logistic import Logistic
from training.logistic import Row, fit, write


def rows(count: int = 400) -> list[Row]:
    rng = random.Random(1)
    made: list[Row] = []
    for _ in range(count):
        read, numbers = rng.gauss(0, 2), float(rng.random() < 0.3)
        label = read - 4 * numbers + rng.gauss(0, 0.5) > 0
        made.append(({"read": read, "numbers": numbers}, label))
    return made


def test_what_tells_right_from_wrong_is_found() -> None:
    found = fit(rows(), ("read", "numbers"))
    told = Logistic(tuple(found["features"]), tuple(found["weights"]), float(found["bias"]))  # type: ignore[arg-type]
    assert told.probability({"read": 3.0, "numbers": 0.0}) > 0.9
    assert told.probability({"read": 3.0, "numbers": 1.0}) < 0.5
    assert told.probability({"read": -3.0, "numbers": 0.0}) < 0.1


def test_a_feature_never_counts_against_its_direction() -> None:
    turned: list[Row] = [(values, not label) for values, label in rows()]
    found = fit(turned, ("read", "numbers"))
    assert found["weights"] == [0.0, 0.0]


def test_writing_keeps_the_other_regressions(tmp_path: Path) -> None:
    path = tmp_path / "scorer.json"
    write({"a": {"bias": 1.0}}, path)
    write({"b": {"bias": 2.0}}, path)
    assert json.loads(path.read_text()) == {"a": {"bias": 1.0}, "b": {"bias": 2.0}}
