"""Each part of the support score against the score without it, on people's labels.

    python -m benchmarks.support --labelled begin_dev_wow.tsv wice_claim_oracle_dev.jsonl \
        --squad xquad.en.json xquad.zh.json --half second --limit 400

One JSON object a set and arm on stdout: AUROC, balanced accuracy at the threshold, and both less
those of the whole score on the same resamples, each as [value, low, high] with a 95 % bootstrap
interval. The encoder reads
every claim once; the arms differ in how `rag.checking.support` joins what is read. Texts of --squad
are perturbed by `eval.perturb`. Choose on the first half of a set, by parity of a claim's or text's
place in it, report the second.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.judges import HALVES, SEED, add_claims, claim_sets, covered, figure, resamples
from eval.data import sample
from eval.metrics import agreement
from eval.types import LabelledPair
from rag.checking.support import SUPPORTED_FROM, PlumblineScorer
from rag.config import CheckingSettings, load_settings
from rag.models.crossinput import Pair, PairReader, Scores
from rag.models.embedder import load_embedder
from rag.models.reader import open_pairs
from rag.seams import Embedder, SupportScorer

WHOLE = "whole"
ARMS: Mapping[str, CheckingSettings | float] = {
    WHOLE: CheckingSettings(),
    "without word coverage": 0.0,
    "numbers off": CheckingSettings(numbers=False),
    "negation off": CheckingSettings(negation=False),
}
"""Name to the settings, or to the log-odds that coverage spans."""


class ReadOnce:
    """An encoder that remembers what it read, for the arms that ask for the same again."""

    def __init__(self, pairs: PairReader) -> None:
        self._pairs = pairs
        self._known: dict[tuple[Pair, ...], Scores] = {}

    def score(self, pairs: Sequence[Pair]) -> Scores:
        """See `rag.models.crossinput.PairReader`."""
        key = tuple(pairs)
        if key not in self._known:
            self._known[key] = self._pairs.score(pairs)
        return self._known[key]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure all arms on all that is named; 1 without the encoder's base weights."""
    options = _parser().parse_args(argv)
    settings = load_settings()
    pairs = open_pairs(settings)
    if pairs is None:
        print("the encoder's base is not installed: run `plumb models pull`", file=sys.stderr)
        return 1
    embedder = load_embedder(settings)
    sets = claim_sets(options.labelled, options.squad, options.perturbed, options.half)
    for name, labelled in sets:
        chosen = sample(labelled, options.limit, None, SEED)
        for arm, figures in measured(chosen, pairs, embedder).items():
            print(json.dumps({"set": name, "n": len(chosen), "arm": arm} | figures), flush=True)
    return 0


def measured(
    claims: Sequence[LabelledPair], pairs: PairReader, embedder: Embedder
) -> dict[str, dict[str, list[float]]]:
    """Arm to its figures, and for others than the whole to those less the whole's."""
    once = ReadOnce(pairs)
    labels = np.array([claim.supported for claim in claims])
    counts = resamples(len(claims))
    found: dict[str, dict[str, agreement.Floats]] = {}
    for name, arm in ARMS.items():
        scores = _scores(_scorer(arm, once, embedder), claims)
        found[name] = {
            "auroc": agreement.auroc(labels, scores, counts),
            "balanced_accuracy": agreement.balanced_accuracy(
                labels, scores >= SUPPORTED_FROM, counts
            ),
        }
    words = np.array([covered(claim.claim, claim.evidence) for claim in claims])
    found["words alone"] = {"auroc": agreement.auroc(labels, words, counts)}
    return {name: _told(figures, found[WHOLE], name) for name, figures in found.items()}


def _told(
    figures: Mapping[str, agreement.Floats], whole: Mapping[str, agreement.Floats], arm: str
) -> dict[str, list[float]]:
    told = {name: figure(values) for name, values in figures.items()}
    less = {f"{name} less": figure(values - whole[name]) for name, values in figures.items()}
    return told if arm == WHOLE else told | less


def _scorer(arm: CheckingSettings | float, pairs: PairReader, embedder: Embedder) -> SupportScorer:
    if isinstance(arm, float):
        return PlumblineScorer(pairs, embedder, coverage=arm)
    return PlumblineScorer(pairs, embedder, arm)


def _scores(scorer: SupportScorer, claims: Sequence[LabelledPair]) -> agreement.Floats:
    return np.array([scorer.score(c.question, [c.claim], c.evidence)[0] for c in claims])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_claims(parser)
    parser.add_argument("--half", choices=HALVES, default="second")
    parser.add_argument("--limit", type=int, help="at most so many claims a set, by seed")
    return parser


if __name__ == "__main__":
    sys.exit(main())
