"""Each part of the support score against the score without it, on people's labels.

    python -m benchmarks.support --labelled begin_dev_wow.tsv wice_claim_oracle_dev.jsonl \
        --squad xquad.en.json xquad.zh.json --half second --limit 400

One JSON object a set and arm on stdout: AUROC and `less`, its AUROC less that of the whole score
on the same resamples, each as [value, low, high] with a 95 % bootstrap interval. The encoder reads
every claim once; the arms differ in how `rag.checking.support` joins what is read. Texts of --squad
are perturbed by `eval.perturb`. Choose on the first half of a set, by parity of a claim's or text's
place in it, report the second.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.judges import HALVES, SEED, aurocs, claim_sets, covered
from eval.data import sample
from eval.types import LabelledPair
from rag.checking.support import Joining, PlumblineScorer
from rag.config import CheckingSettings, load_settings
from rag.models.crossinput import Pair, PairReader, Scores
from rag.models.embedder import load_embedder
from rag.models.reader import open_pairs
from rag.seams import Embedder

WHOLE = "whole"
_WHOLE = Joining()
ARMS: Mapping[str, tuple[CheckingSettings, Joining]] = {
    WHOLE: (CheckingSettings(), _WHOLE),
    "regression alone": (CheckingSettings(), Joining(0.0, 0.0, 0.0)),
    "without word coverage": (CheckingSettings(), replace(_WHOLE, coverage=0.0)),
    "without the loss for a number": (CheckingSettings(), replace(_WHOLE, number=0.0)),
    "without the loss for a denial": (CheckingSettings(), replace(_WHOLE, denied=0.0)),
    "numbers off": (CheckingSettings(numbers=False), _WHOLE),
    "names off": (CheckingSettings(names=False), _WHOLE),
    "negation off": (CheckingSettings(negation=False), _WHOLE),
}


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
    """Arm to its AUROC and to that less the AUROC of the whole score."""
    once = ReadOnce(pairs)
    scorers = {name: PlumblineScorer(once, embedder, *arm) for name, arm in ARMS.items()}
    scores = {
        name: [scorer.score(c.question, [c.claim], c.evidence)[0] for c in claims]
        for name, scorer in scorers.items()
    }
    scores["words alone"] = [covered(c.claim, c.evidence) for c in claims]
    return aurocs([c.supported for c in claims], scores, WHOLE)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--labelled", type=Path, nargs="*", default=[], help="labelled claims")
    parser.add_argument("--squad", type=Path, nargs="*", default=[], help="texts to perturb")
    parser.add_argument("--perturbed", type=int, default=400, help="claims a text file")
    parser.add_argument("--half", choices=HALVES, default="second")
    parser.add_argument("--limit", type=int, help="at most so many claims a set, by seed")
    return parser


if __name__ == "__main__":
    sys.exit(main())
