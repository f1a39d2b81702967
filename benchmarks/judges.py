"""Measure the shipped scorer against people's labels, on perturbed claims and on whole answers.

    python -m benchmarks.judges --labelled begin_dev_wow.tsv wice_claim_oracle_dev.jsonl \
        --squad xquad.en.json xquad.zh.json --limit 300
    python -m benchmarks.judges --mtrag mtrag_faithfulness_half.jsonl --half first

    python -m benchmarks.judges --labelled ... --squad ... --report web/verifier.json

Claims: one JSON object a set on stdout, with AUROC, balanced accuracy at 0.5 and expected
calibration error, and milliseconds a claim (wall clock, this machine). Texts are perturbed by
`eval.perturb`, which was written apart from the training data.

Answers (`--mtrag`): one JSON object a judge, with AUROC (mean mark of 3.5 or more against below),
Spearman's rank correlation with the mean mark, and `less`, the judge's AUROC less ours on the same
resamples. Our scorer reads each sentence of an answer that claims something; `--join` names which
way of joining their scores is "ours", all are measured. The rivals are the judges whose scores the
file holds, and plain word coverage. Choose on the first half of the rows (by parity of the line),
report the second.

All figures are [value, low, high], a 95 % bootstrap interval. Settings come from plumb.toml and
PLUMB_*; PLUMB_CHECKING__SCORER chooses another scorer.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from scipy.stats import rankdata

from eval import stats
from eval.data import open_labelled, sample
from eval.data.lines import read_text
from eval.metrics import agreement
from eval.perturb import perturbed_pairs
from eval.provenance import provenance
from eval.types import LabelledPair
from rag.checking import SUPPORTED_FROM, load_scorer
from rag.checking.review import claims_something
from rag.config import load_settings
from rag.models.embedder import load_embedder
from rag.models.logistic import sigmoid
from rag.seams import SupportScorer
from rag.text import detect_language, sentence_spans
from rag.text.rarity import content_terms

SEED = 11
LEAST = 1e-6
"""Of a probability and of what is missing of it to one, where its logit is taken."""
HALVES = {"first": slice(0, None, 2), "second": slice(1, None, 2), "both": slice(None)}
"""The rows of each half, the first row being of the first."""


def main(argv: Sequence[str] | None = None) -> int:
    """Measure all that is named and print one line each."""
    options = _parser().parse_args(argv)
    settings = load_settings()
    scorer = load_scorer(settings, load_embedder(settings))
    told: list[dict[str, object]] = []
    for name, pairs in claim_sets(options.labelled, options.squad, options.perturbed, options.half):
        chosen = sample(pairs, options.limit, None, SEED)
        language = detect_language(" ".join(p.claim for p in chosen[:50]))
        about = {"set": name, "language": language, "scorer": scorer.name}
        told.append(about | measure(scorer, chosen))
        _print({key: value for key, value in told[-1].items() if key != "reliability"})
    if options.report:
        when = datetime.now(UTC).date().isoformat()
        report = {"date": when, **provenance(), "sets": told}
        options.report.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n")
    if options.mtrag:
        answers = open_labelled(options.mtrag, "mtrag-faithfulness", strict=True).pairs
        chosen = sample(answers[HALVES[options.half]], options.limit, None, SEED)
        began = time.perf_counter()
        scores = judged(scorer, chosen)
        spent = 1000 * (time.perf_counter() - began) / len(chosen)
        head = {"set": f"{options.mtrag.stem}, {options.half}", "scorer": scorer.name}
        _print(head | {"n": len(chosen), "ms an answer": round(spent)})
        for name, found in compared(chosen, scores, ours(options.join)).items():
            _print({"judge": name} | found)
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
    counts = resamples(len(y))
    return {
        "n": len(y),
        "base_rate": round(float(y.mean()), 3),
        "auroc": figure(agreement.auroc(y, s, counts)),
        "balanced_accuracy": figure(agreement.balanced_accuracy(y, s >= SUPPORTED_FROM, counts)),
        "ece": figure(agreement.ece(y, s, counts)),
        "reliability": [
            [round(score, 4), round(share, 4), n] for score, share, n in agreement.reliability(y, s)
        ],
    }


def judged(scorer: SupportScorer, answers: Sequence[LabelledPair]) -> dict[str, list[float]]:
    """Judge to its score of each answer: ours, joined in each way, the file's, word coverage."""
    supports = [supports_of(scorer, answer) for answer in answers]
    scores = {ours(name): [join(each) for each in supports] for name, join in JOINS.items()}
    for rival in answers[0].rivals:
        if all(rival in answer.rivals for answer in answers):
            scores[rival] = [answer.rivals[rival] for answer in answers]
    scores["word coverage"] = [covered(answer.claim, answer.evidence) for answer in answers]
    return scores


def compared(
    answers: Sequence[LabelledPair], scores: Mapping[str, Sequence[float]], own: str
) -> dict[str, dict[str, list[float]]]:
    """Judge to its figures, each as [value, low, high]; `own` names the judge that the others are
    held against."""
    marks = np.array([answer.mark for answer in answers], dtype=np.float64)
    found = aurocs([answer.supported for answer in answers], scores, own)
    for name, given in scores.items():
        rank = stats.estimate_by(len(marks), _spearman_of(marks, np.array(given)), SEED)
        found[name]["spearman"] = [round(x, 3) for x in (rank.value, rank.low, rank.high)]
    return found


def aurocs(
    labels: Sequence[bool], scores: Mapping[str, Sequence[float]], base: str
) -> dict[str, dict[str, list[float]]]:
    """Name to its AUROC and, for the others, `less`: that less the AUROC of `base` on the same
    resamples; each as [value, low, high]."""
    y, counts = np.array(labels), resamples(len(labels))
    areas = {name: agreement.auroc(y, np.array(s), counts) for name, s in scores.items()}
    return {
        name: {"auroc": figure(area)}
        | ({} if name == base else {"less": figure(area - areas[base])})
        for name, area in areas.items()
    }


def supports_of(scorer: SupportScorer, answer: LabelledPair) -> list[float]:
    """The support, in [0, 1], of each sentence of an answer that claims something."""
    sentences = [answer.claim[start:end] for start, end in sentence_spans(answer.claim)]
    claims = [sentence for sentence in sentences if claims_something(sentence)]
    return scorer.score(answer.question, claims, answer.evidence) if claims else []


def joined_log_odds(supports: Sequence[float]) -> float:
    """The mean of the log-odds as a probability; 1 for an answer that claims nothing, as of the
    other ways: it says nothing unsupported."""
    if not supports:
        return 1.0
    held = [min(max(support, LEAST), 1.0 - LEAST) for support in supports]
    return sigmoid(fmean(math.log(p / (1.0 - p)) for p in held))


JOINS: dict[str, Callable[[Sequence[float]], float]] = {
    "log-odds": joined_log_odds,
    "min": lambda supports: min(supports, default=1.0),
    "mean": lambda supports: fmean(supports) if supports else 1.0,
}
"""The ways of making one score of those of an answer's sentences."""


def ours(join: str) -> str:
    """The name of our scorer as a judge of answers."""
    return f"plumbline, {join}"


def covered(answer: str, passages: Sequence[str]) -> float:
    """The share, in [0, 1], of the answer's content words that the passages hold."""
    said = set(content_terms(answer))
    held = {term for passage in passages for term in content_terms(passage)}
    return len(said & held) / len(said) if said else 1.0


def spearman(a: agreement.Floats, b: agreement.Floats) -> agreement.Floats:
    """Spearman's rank correlation of each row of two arrays [B, n], ties at their mean rank; shape
    [B]; NaN where a row is constant."""
    ranks = [rankdata(x, axis=1) - (x.shape[1] + 1) / 2 for x in (a, b)]
    spread = np.sqrt((ranks[0] ** 2).sum(axis=1) * (ranks[1] ** 2).sum(axis=1))
    shared = (ranks[0] * ranks[1]).sum(axis=1)
    out: agreement.Floats = np.where(spread > 0, shared / np.where(spread > 0, spread, 1), np.nan)
    return out


def _spearman_of(
    marks: agreement.Floats, scores: agreement.Floats
) -> Callable[[stats.Places], agreement.Floats]:
    return lambda places: spearman(marks[places], scores[places])


def resamples(n: int) -> agreement.Floats:
    """Each item once, then the resamples."""
    return np.vstack([np.ones(n), stats.weights(n, SEED)])


def figure(values: agreement.Floats) -> list[float]:
    """[value, low, high] of a value and its resamples."""
    return [round(float(x), 3) for x in (values[0], *stats.interval(values[1:]))]


def _auroc(true: Sequence[float], false: Sequence[float]) -> float:
    labels = np.array([True] * len(true) + [False] * len(false))
    scores = np.array([*true, *false])
    return round(float(agreement.auroc(labels, scores, np.ones((1, len(labels))))[0]), 3)


def claim_sets(
    labelled: Sequence[Path], squad: Sequence[Path], perturbed: int, half: str = "both"
) -> Iterator[tuple[str, list[LabelledPair]]]:
    """(name, claims) of each file of labelled claims, and of each SQuAD file's perturbed ones;
    of the half of the claims, or of the paragraphs that are perturbed."""
    for path in labelled:
        yield path.stem, list(open_labelled(path).pairs[HALVES[half]])
    for path in squad:
        texts = _paragraphs(path)[HALVES[half]]
        yield f"{path.stem} perturbed", perturbed_pairs(texts, perturbed, SEED)


def add_claims(parser: argparse.ArgumentParser) -> None:
    """The options that say which claims `claim_sets` gives."""
    parser.add_argument("--labelled", type=Path, nargs="*", default=[], help="labelled claims")
    parser.add_argument("--squad", type=Path, nargs="*", default=[], help="texts to perturb")
    parser.add_argument("--perturbed", type=int, default=400, help="claims a text file")


def _paragraphs(path: Path) -> list[str]:
    data = json.loads(read_text(path))["data"]
    texts = [p["context"] for article in data for p in article["paragraphs"]]
    return list(dict.fromkeys(texts))


def _print(values: Mapping[str, Any]) -> None:
    print(json.dumps(values, ensure_ascii=False), flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_claims(parser)
    parser.add_argument("--mtrag", type=Path, help="answers with people's marks")
    parser.add_argument(
        "--half", choices=HALVES, default="both", help="claims, texts and answers of it"
    )
    parser.add_argument("--join", choices=JOINS, default="log-odds", help="ours of --mtrag")
    parser.add_argument("--report", type=Path, help="write the claims' figures there, as JSON")
    parser.add_argument("--limit", type=int, help="at most so many claims or answers, by seed")
    return parser


if __name__ == "__main__":
    sys.exit(main())
