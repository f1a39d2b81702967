"""Fit the regressions that join word features and the encoder, into rag/weights/scorer.json.

    python -m training.fit DATA_FOLDER --home ~/.plumbline --out rag/weights/scorer.json

Fitted on pairs made from the held-out articles, which the adapter was not trained on. Classes
are weighted equally, so that 0.5 is the threshold of best balanced accuracy on them.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from rag.answerable import PlumblineAnswerability
from rag.claims import Evidence, compare
from rag.config import Settings
from rag.crossinput import PairReader
from rag.models.embedder import load_embedder
from rag.reader import open_reader
from rag.seams import Embedder
from rag.text import detect_language
from rag.verify import PlumblineScorer
from training.ask import with_written
from training.draw import Example
from training.facts import Facts
from training.pairs import PairMaker
from training.sources import read_sources

WORDS = (
    "coverage", "window", "sentence", "pairs", "numbers", "numbers_window", "names", "negation",
    "lacking", "length",
)  # fmt: skip
ENCODER = ("encoder", "worst_token")
ASKED = ("coverage", "numbers", "names", "cosine")

SIGNS = {
    "coverage": 1, "window": 1, "sentence": 1, "pairs": 1, "numbers": -1, "numbers_window": -1,
    "names": -1, "negation": -1, "lacking": -1, "length": -1, "encoder": 1, "worst_token": -1,
    "cosine": 1, "translated": 1, "answerable": 1, "cited": 1, "relevant": 1, "support": 1,
    "joined": 1,
}  # fmt: skip
"""Whether a feature speaks for the claim (or the passage) or against it."""
_RIDGE = 0.003

Row = tuple[dict[str, float], bool]


def main() -> None:
    """Read the arguments, fit the scorer's regressions, write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--home", type=Path, default=Path("~/.plumbline"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--written", type=Path, help="what `training.ask` had written")
    parser.add_argument("--pairs", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=77)
    options = parser.parse_args()
    settings = Settings(home=options.home)
    sources = with_written(read_sources(options.data), options.written)
    mix = "tables" if options.written else "late"
    maker = PairMaker(sources.split(True), options.seed, mix)
    drawn = list(itertools.islice(maker.stream(), options.pairs))
    drawn += foreign_claims(options.seed, options.pairs // 5)
    claims = PairMaker(sources.split(True), options.seed + 1, "claims").stream()
    drawn += itertools.islice(filter(_is_near_claim, claims), options.pairs // 2)
    embedder = load_embedder(settings)
    pairs = open_reader(settings)
    fitted = fit_words(drawn, embedder)
    if pairs is not None:
        fitted |= fit_full(drawn, embedder, pairs)
    write_fitted(fitted, options.out)


def write_fitted(fitted: Mapping[str, object], path: Path) -> None:
    """Put regressions by name into the file; others in it stay."""
    held = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    path.write_text(json.dumps({**held, **fitted}, indent=1) + "\n", encoding="utf-8")


def foreign_claims(seed: int, count: int) -> list[Example]:
    """Made-up claims in another language than their evidence; the sources hold none."""
    facts = Facts(random.Random(seed))
    cases = (facts.draw() for _ in itertools.count())
    crossing = (
        Example(case.pair, case.label, case.spans, case.kind)
        for case in cases
        if case.pair.claim
        and detect_language(case.pair.claim) != detect_language(case.pair.evidence)
    )
    return list(itertools.islice(crossing, count))


def fit_words(drawn: Sequence[Example], embedder: Embedder) -> dict[str, object]:
    """The regressions for machines without the encoder's base."""
    support = [
        (compare(e.pair.claim, Evidence([e.pair.evidence])).values(), e.label)
        for e in filter(_is_near_claim, drawn)
    ]
    lone = PlumblineAnswerability(embedder, None)
    asked = [(lone.read(e.pair.question, [e.pair.evidence])[0], e.label) for e in _questions(drawn)]
    return {
        "support-words": fit(support, WORDS),
        "answerable-words": fit(asked, ASKED),
    }


def fit_full(drawn: Sequence[Example], embedder: Embedder, pairs: PairReader) -> dict[str, object]:
    """The regressions over words and encoder."""
    scorer = PlumblineScorer(pairs, embedder)
    near: list[Row] = []
    foreign: list[Row] = []
    for e in _claims(drawn):
        reading = scorer.read(e.pair.question, [e.pair.claim], [e.pair.evidence])[0]
        (foreign if reading.regression == "support-foreign" else near).append(
            (reading.values, e.label)
        )
    both = PlumblineAnswerability(embedder, pairs)
    near_asked: list[Row] = []
    foreign_asked: list[Row] = []
    for e in _questions(drawn):
        row = (both.read(e.pair.question, [e.pair.evidence])[0], e.label)
        same = detect_language(e.pair.question) == detect_language(e.pair.evidence)
        (near_asked if same else foreign_asked).append(row)
    return {
        "support": fit(near, (*WORDS, *ENCODER)),
        "support-foreign": fit(foreign, ("numbers", "translated", *ENCODER)),
        "answerable": fit(near_asked, ("encoder", "coverage", "numbers", "cosine")),
        "answerable-foreign": fit(foreign_asked, ("encoder", "numbers", "cosine", "translated")),
    }


def fit(
    rows: Sequence[Row],
    features: Sequence[str],
    weights: Sequence[float] | None = None,
    ridge: float = _RIDGE,
) -> dict[str, object]:
    """A regression over `features`, its weights for raw values. Rows count as `weights` says, or so
    that both labels weigh the same.

    A feature may count only in its own direction (`SIGNS`): the made pairs hold many near copies
    that are false, from which a free fit learns that copying the evidence is a bad sign.
    """
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
        shrunk = np.append(w[:-1], 0.0) * ridge
        return value + 0.5 * float(shrunk @ w), slope + shrunk

    bounds = [(0.0, None) if SIGNS[name] > 0 else (None, 0.0) for name in features]
    found = minimize(
        loss, np.zeros(z.shape[1]), jac=True, method="L-BFGS-B", bounds=[*bounds, (None, None)]
    )
    raw = found.x[:-1] / scale
    return {
        "features": list(features),
        "weights": [round(float(w), 5) for w in raw],
        "bias": round(float(found.x[-1] - raw @ mean), 5),
        "pairs": len(rows),
    }


def _is_near_claim(example: Example) -> bool:
    """Whether it is a claim in the language of its evidence: across languages words say little."""
    pair = example.pair
    return bool(pair.claim) and detect_language(pair.claim) == detect_language(pair.evidence)


def _claims(drawn: Sequence[Example]) -> Iterator[Example]:
    return (e for e in drawn if e.pair.claim)


def _questions(drawn: Sequence[Example]) -> Iterator[Example]:
    return (e for e in drawn if not e.pair.claim)


if __name__ == "__main__":
    main()
