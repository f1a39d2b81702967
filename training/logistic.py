"""Labelled rows of named values -> a logistic regression as `rag.models.logistic` reads it.

A feature may count only in its own direction: pairs made of copies of the evidence would else
teach that copying is a bad sign.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Row = tuple[Mapping[str, float], bool]
_AGAINST = frozenset(("numbers", "numbers_window", "worst_token"))
_FREE = frozenset(("chinese",))
_RIDGE = 0.01


def fit(
    rows: Sequence[Row], features: Sequence[str], weights: Sequence[float] | None = None
) -> dict[str, object]:
    """A regression over `features`, its weights for raw values. Rows count as `weights` says, or so
    that both labels weigh the same."""
    x = np.array([[values[name] for name in features] for values, _ in rows])
    y = np.array([label for _, label in rows], dtype=float)
    mean, scale = x.mean(0), np.maximum(x.std(0), 1e-6)
    z = np.hstack([(x - mean) / scale, np.ones((len(rows), 1))])
    share = np.where(y > 0, 0.5 / y.mean(), 0.5 / (1.0 - y.mean()))
    if weights is not None:
        share = np.array(weights)

    def loss(w: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margin = z @ w
        value = float(share @ (np.logaddexp(0.0, margin) - y * margin)) / len(rows)
        slope = z.T @ (share * (1.0 / (1.0 + np.exp(-margin)) - y)) / len(rows)
        shrunk = np.append(w[:-1], 0.0) * _RIDGE
        return value + 0.5 * float(shrunk @ w), slope + shrunk

    bounds = [_bounds(name) for name in features]
    start = np.zeros(z.shape[1])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[*bounds, (None, None)])
    raw = found.x[:-1] / scale
    return {
        "features": list(features),
        "weights": [round(float(w), 5) for w in raw],
        "bias": round(float(found.x[-1] - raw @ mean), 5),
        "rows": len(rows),
    }


def write(fitted: Mapping[str, object], path: Path) -> None:
    """Put regressions by name into the file; others in it stay."""
    held = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    path.write_text(json.dumps({**held, **fitted}, indent=1) + "\n", encoding="utf-8")


def _bounds(name: str) -> tuple[float | None, float | None]:
    if name in _FREE:
        return None, None
    return (None, 0.0) if name in _AGAINST else (0.0, None)
