"""Logistic regressions read from `rag/weights/scorer.json`, which `training.fit` writes.

Each is a mean over standardised features, turned into a probability; 0.5 is the working threshold.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

WEIGHTS = Path(__file__).parents[1] / "weights" / "scorer.json"


@dataclass(frozen=True, slots=True)
class Logistic:
    """`features` names the inputs; a weight each for the raw (not standardised) value."""

    features: tuple[str, ...]
    weights: tuple[float, ...]
    bias: float

    def probability(self, values: Mapping[str, float]) -> float:
        """In [0, 1]; `values` holds at least the features by name."""
        return sigmoid(self.margin(values))

    def margin(self, values: Mapping[str, float]) -> float:
        """The logit of `probability`."""
        terms = (w * values[name] for name, w in zip(self.features, self.weights, strict=True))
        return self.bias + sum(terms)


@cache
def load_logistic(name: str, path: Path = WEIGHTS) -> Logistic:
    """The regression called `name`, such as "support", of the shipped file or another."""
    entry = json.loads(path.read_text(encoding="utf-8"))[name]
    features: Sequence[str] = entry["features"]
    weights: Sequence[float] = entry["weights"]
    return Logistic(tuple(features), tuple(weights), float(entry["bias"]))


def sigmoid(x: float) -> float:
    """1 / (1 + e^-x) without overflow."""
    if x >= 0:
        return 1.0 / (1.0 + math.exp(-x))
    return math.exp(x) / (1.0 + math.exp(x))
