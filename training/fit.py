"""Fit the regressions of the support scorer, into rag/weights/scorer.json.

    python -m training.fit DATA_FOLDER --out rag/weights/scorer.json

On claims made from the held-out articles, which the encoder was not trained on; both labels weigh
the same, so that 0.5 is the threshold of best balanced accuracy on them.
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

from tqdm import tqdm

from rag.checking.support import PlumblineScorer
from rag.config import load_settings
from rag.models.embedder import load_embedder
from rag.models.reader import open_pairs
from training.across import translations
from training.logistic import Row, fit, write
from training.pairs import Example, PairMaker
from training.sources import read_sources

FEATURES = ("encoder", "worst_token", "numbers_window")
FOREIGN = ("encoder", "worst_token", "numbers")


def main() -> None:
    """Read the arguments, read the claims, fit and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--claims", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=77)
    options = parser.parse_args()
    settings = load_settings()
    embedder = load_embedder(settings)
    sources = read_sources(options.data)
    translated = translations(sources.paragraphs, embedder)
    maker = PairMaker(sources.split(True), options.seed, translated)
    drawn = [e for e in itertools.islice(maker.stream(), 3 * options.claims) if e.pair.claim]
    scorer = PlumblineScorer(open_pairs(settings), embedder)
    near = [_row(scorer, e) for e in tqdm(drawn[: options.claims], desc="claims")]
    crossing = [_moved(e, translated) for e in drawn if e.source in translated]
    foreign = [_row(scorer, e) for e in tqdm(crossing[: options.claims // 3], desc="across")]
    fitted = {
        "support": fit(near, FEATURES),
        "support-foreign": fit(foreign, FOREIGN),
    }
    write(fitted, options.out)
    for name, entry in fitted.items():
        print(name, entry)


def _row(scorer: PlumblineScorer, example: Example) -> Row:
    pair = example.pair
    return scorer.read(pair.question, [pair.claim], [pair.evidence])[0], example.label


def _moved(example: Example, translated: dict[str, str]) -> Example:
    """The claim beside the translation of its whole paragraph."""
    pair = example.pair
    moved = type(pair)(pair.question, pair.claim, translated[example.source])
    return Example(moved, example.label, None, example.kind, example.source)


if __name__ == "__main__":
    main()
