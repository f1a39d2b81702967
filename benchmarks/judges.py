"""Measure the shipped scorer: support on labelled and perturbed claims, answerability on RGB.

    python -m benchmarks.judges --labelled begin_dev_wow.tsv wice_claim_oracle_dev.jsonl \
        --squad xquad.en.json xquad.zh.json --rgb rgb_zh_refine_even.jsonl --limit 300

One JSON object a set on stdout: AUROC, balanced accuracy at 0.5 and expected calibration error
with 95 % bootstrap intervals, and milliseconds a claim (wall clock, this machine). Texts are
perturbed twice: by `eval.perturb`, which was written apart from the training data, and by
`training.perturb`, whose kinds the adapter was trained on (on other texts). Settings come from
plumb.toml and PLUMB_*; PLUMB_ANSWERING__SCORER chooses another scorer.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from eval import stats
from eval.data import open_labelled, sample
from eval.data.lines import read_text
from eval.metrics import agreement
from eval.perturb import perturbed_pairs
from eval.types import LabelledPair
from rag.answerable import load_answerability
from rag.check import SUPPORTED_FROM
from rag.checking.support import load_scorer
from rag.config import load_settings
from rag.models.crossinput import fold
from rag.models.embedder import load_embedder
from rag.seams import SupportScorer
from rag.text import detect_language, sentence_spans
from training.entities import find_entities
from training.perturb import falsify, keep_meaning

SEED = 11


def main(argv: Sequence[str] | None = None) -> int:
    """Measure all that is named and print one line each."""
    options = _parser().parse_args(argv)
    settings = load_settings()
    embedder = load_embedder(settings)
    scorer = load_scorer(settings, embedder)
    for name, pairs in _claim_sets(options):
        chosen = sample(pairs, options.limit, None, SEED)
        _print({"set": name, "scorer": scorer.name} | measure(scorer, chosen))
    if options.rgb:
        answerability = load_answerability(settings, embedder)
        rows = _rgb_pairs(options.rgb, options.rgb_questions)
        began = time.perf_counter()
        scores = [answerability.score(question, [passage])[0] for question, passage, _ in rows]
        spent = 1000 * (time.perf_counter() - began) / len(rows)
        labels = [label for *_, label in rows]
        head: dict[str, object] = {
            "set": "rgb (question, passage)",
            "scorer": answerability.name,
        }
        _print(head | figures(labels, scores) | {"ms": round(spent, 1)})
    return 0


def measure(scorer: SupportScorer, pairs: Sequence[LabelledPair]) -> dict[str, object]:
    """The figures of a scorer on labelled claims, each scored alone."""
    began = time.perf_counter()
    scores = [scorer.score(p.question, [p.claim], p.evidence)[0] for p in pairs]
    spent = 1000 * (time.perf_counter() - began) / len(pairs)
    found = figures([p.supported for p in pairs], scores) | {"ms": round(spent, 1)}
    kinds = sorted({p.kind for p in pairs if p.kind and not p.supported})
    true = [s for s, p in zip(scores, pairs, strict=True) if p.supported]
    if len(kinds) > 1:
        found["auroc_by_kind"] = {
            kind: _auroc(true, [s for s, p in zip(scores, pairs, strict=True) if p.kind == kind])
            for kind in kinds
        }
    return found


def figures(labels: Sequence[bool], scores: Sequence[float]) -> dict[str, object]:
    """AUROC, balanced accuracy and calibration error, each as [value, low, high]."""
    y, s = np.array(labels), np.array(scores)
    counts = np.vstack([np.ones(len(y)), stats.weights(len(y), SEED)])

    def figure(values: agreement.Floats) -> list[float]:
        return [round(float(x), 3) for x in (values[0], *stats.interval(values[1:]))]

    return {
        "n": len(y),
        "base_rate": round(float(y.mean()), 3),
        "auroc": figure(agreement.auroc(y, s, counts)),
        "balanced_accuracy": figure(agreement.balanced_accuracy(y, s >= SUPPORTED_FROM, counts)),
        "ece": figure(agreement.ece(y, s, counts)),
    }


def _auroc(true: Sequence[float], false: Sequence[float]) -> float:
    labels = np.array([True] * len(true) + [False] * len(false))
    scores = np.array([*true, *false])
    return round(float(agreement.auroc(labels, scores, np.ones((1, len(labels))))[0]), 3)


def _claim_sets(options: argparse.Namespace) -> Iterator[tuple[str, list[LabelledPair]]]:
    for path in options.labelled:
        yield path.stem, list(open_labelled(path).pairs)
    for path in options.squad:
        texts = _paragraphs(path)
        yield f"{path.stem} perturbed by eval", perturbed_pairs(texts, options.perturbed, SEED)
        yield f"{path.stem} perturbed by training", _own_pairs(texts, options.perturbed)


def _paragraphs(path: Path) -> list[str]:
    data = json.loads(read_text(path))["data"]
    texts = [p["context"] for article in data for p in article["paragraphs"]]
    return list(dict.fromkeys(texts))


def _own_pairs(texts: Sequence[str], count: int) -> list[LabelledPair]:
    """Sentences kept in meaning and sentences falsified, half each, against their paragraph."""
    rng = random.Random(SEED)
    folded = [fold(text) for text in texts]
    pool: dict[str, list[str]] = {}
    for text in folded:
        for entity in find_entities(text):
            pool.setdefault(entity.type, []).append(entity.text)
    pairs: list[LabelledPair] = []
    while len(pairs) < count:
        text = rng.choice(folded)
        start, end = rng.choice(sentence_spans(text))
        sentence, language = text[start:end], detect_language(text)
        changed = falsify(keep_meaning(sentence, rng), pool, rng)
        if end - start < 15 or changed is None or changed.text in text:
            continue
        name, kept = f"{len(pairs)}", keep_meaning(sentence, rng)
        pairs.append(LabelledPair(f"{name}-t", kept, (text,), True, language, "", "kept"))
        false = LabelledPair(f"{name}-f", changed.text, (text,), False, language, "", changed.kind)
        pairs.append(false)
    return pairs


def _rgb_pairs(path: Path, questions: int | None) -> list[tuple[str, str, bool]]:
    """For each question one passage with the answer and one without, drawn by seed."""
    rng = random.Random(SEED)
    rows = [json.loads(line) for line in read_text(path).splitlines() if line.strip()]
    pairs = []
    for row in sample(rows, questions, None, SEED):
        if row["positive"] and row["negative"]:
            pairs.append((row["query"], rng.choice(row["positive"]), True))
            pairs.append((row["query"], rng.choice(row["negative"]), False))
    return pairs


def _print(values: dict[str, object]) -> None:
    print(json.dumps(values, ensure_ascii=False), flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--labelled", type=Path, nargs="*", default=[], help="labelled claims")
    parser.add_argument("--squad", type=Path, nargs="*", default=[], help="texts to perturb")
    parser.add_argument("--rgb", type=Path, help="RGB file with positive and negative passages")
    parser.add_argument("--limit", type=int, help="at most this many claims a set, by seed")
    parser.add_argument("--perturbed", type=int, default=400, help="claims a text file")
    parser.add_argument("--rgb-questions", type=int, help="at most this many questions, by seed")
    return parser


if __name__ == "__main__":
    sys.exit(main())
