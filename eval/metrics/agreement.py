"""How well a judge's scores agree with people's labels.

Values over n claims, with `weights` (how often each claim occurs in a resample) of shape [B, n];
each result has shape [B]. With weights of ones the values are scikit-learn's.
auroc              chance that a supported claim outscores another (Hanley and McNeil, 1982)
balanced_accuracy  mean of the recalls of both labels
f1                 of the label "supported"
kappa              agreement beyond chance (Cohen, 1960), [-1, 1]
ece                expected calibration error, 10 equal bins (Naeini et al., 2015); lower is better
All others lie in [0, 1]; higher is better.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
BINS = 10


def auroc(labels: Bools, scores: Floats, weights: Floats) -> Floats:
    """Ties count one half; NaN where a resample lacks one of the labels."""
    order = np.argsort(scores, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(scores[order]) > 0])
    sorted_weights = weights[:, order]
    positive = np.add.reduceat(sorted_weights * labels[order], starts, axis=1)
    negative = np.add.reduceat(sorted_weights * ~labels[order], starts, axis=1)
    below = np.cumsum(negative, axis=1) - negative
    pairs = positive.sum(axis=1) * negative.sum(axis=1)
    return _ratio((positive * (below + 0.5 * negative)).sum(axis=1), pairs)


def balanced_accuracy(labels: Bools, given: Bools, weights: Floats) -> Floats:
    """NaN where a resample lacks one of the labels."""
    tp, fp, fn, tn = _confusion(labels, given, weights)
    return 0.5 * (_ratio(tp, tp + fn) + _ratio(tn, tn + fp))


def f1(labels: Bools, given: Bools, weights: Floats) -> Floats:
    """0 where neither labels nor verdicts hold a supported claim."""
    tp, fp, fn, _ = _confusion(labels, given, weights)
    return np.nan_to_num(_ratio(2 * tp, 2 * tp + fp + fn))


def kappa(labels: Bools, given: Bools, weights: Floats) -> Floats:
    """NaN where both agree by having one label only."""
    tp, fp, fn, tn = _confusion(labels, given, weights)
    total = tp + fp + fn + tn
    observed = _ratio(tp + tn, total)
    chance = _ratio((tp + fp) * (tp + fn) + (fn + tn) * (fp + tn), total**2)
    return _ratio(observed - chance, 1 - chance)


def ece(labels: Bools, scores: Floats, weights: Floats) -> Floats:
    """Mean distance between score and share of supported claims over bins of equal width."""
    bins = np.minimum((scores * BINS).astype(int), BINS - 1)
    one_hot = bins[:, None] == np.arange(BINS)
    gap = weights @ (one_hot * (scores - labels)[:, None])
    return _ratio(np.abs(gap).sum(axis=1), weights.sum(axis=1))


def reliability(labels: Bools, scores: Floats) -> list[tuple[float, float, int]]:
    """Mean score, share of supported claims and number of claims of each bin of `ece` that has
    any, the lowest first."""
    bins = np.minimum((scores * BINS).astype(int), BINS - 1)
    found = [(scores[bins == b], labels[bins == b]) for b in range(BINS) if (bins == b).any()]
    return [(float(s.mean()), float(y.mean()), len(s)) for s, y in found]


def _confusion(
    labels: Bools, given: Bools, weights: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    cells = np.stack([labels & given, ~labels & given, labels & ~given, ~labels & ~given], axis=1)
    tp, fp, fn, tn = (weights @ cells.astype(np.float64)).T
    return tp, fp, fn, tn


def _ratio(num: Floats, den: Floats) -> Floats:
    safe = np.where(den == 0, 1.0, den)
    out: Floats = np.where(den == 0, np.nan, num / safe)
    return out
