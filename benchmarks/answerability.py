"""Does a paragraph answer a question? The shipped scorer on question sets in SQuAD format.

    python -m benchmarks.answerability xquad.zh.json --against xquad.en.json --sample 60

Every question is held against its own paragraph and against the one of all others that is nearest
to it by vectors, which is what the scorer meets in use. `--against` asks the questions of one file
about the paragraphs of another with the same question ids. One JSON object on stdout: AUROC,
balanced accuracy at 0.5 and expected calibration error with 95 % bootstrap intervals, and
milliseconds a pair (wall clock, this machine).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.judges import figures
from eval.data import open_questions, sample, with_corpus
from eval.types import Dataset
from rag.answerable import load_answerability
from rag.config import load_settings
from rag.models.embedder import load_embedder
from rag.seams import Embedder


def main(argv: Sequence[str] | None = None) -> int:
    """Measure one set and print its line."""
    options = _parser().parse_args(argv)
    dataset = open_questions([options.questions])
    if options.against:
        dataset = with_corpus(dataset, open_questions([options.against]))
    settings = load_settings()
    embedder = load_embedder(settings)
    answerability = load_answerability(settings, embedder)
    pairs = question_pairs(dataset, embedder, options.sample, options.seed)
    began = time.perf_counter()
    scores = [answerability.score(question, [text])[0] for question, text, _ in pairs]
    spent = 1000 * (time.perf_counter() - began) / len(pairs)
    head: dict[str, object] = {"set": dataset.name, "scorer": answerability.name}
    found = figures([label for *_, label in pairs], scores)
    print(json.dumps(head | found | {"ms": round(spent, 1)}, ensure_ascii=False))
    return 0


def question_pairs(
    dataset: Dataset, embedder: Embedder, count: int | None, seed: int
) -> list[tuple[str, str, bool]]:
    """For each of `count` questions its own document, True, and the nearest other one, False."""
    texts = {document.name: document.text for document in dataset.documents}
    names = list(texts)
    vectors = embedder.embed_passages(list(texts.values()))
    pairs = []
    for example in sample(list(dataset.examples), count, None, seed):
        likeness = vectors @ embedder.embed_queries([example.question])[0]
        right = {evidence.document for evidence in example.evidence}
        order = (names[i] for i in np.argsort(-likeness, kind="stable"))
        near = next(name for name in order if name not in right)
        pairs.append((example.question, texts[example.evidence[0].document], True))
        pairs.append((example.question, texts[near], False))
    return pairs


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("questions", type=Path, help="SQuAD-format file")
    parser.add_argument("--against", type=Path, help="paragraphs to ask about")
    parser.add_argument("--sample", type=int, help="ask only so many questions")
    parser.add_argument("--seed", type=int, default=0)
    return parser


if __name__ == "__main__":
    sys.exit(main())
