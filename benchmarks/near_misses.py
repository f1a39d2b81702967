"""Measure what tells a paragraph that answers a question from one that only seems to.

    python -m benchmarks.near_misses squad2_en.json squad2_zh.json --titles held-out \
        --questions 200 --out FILE

Questions of SQuAD 2.0 beside their own paragraph: as many that it answers as that people wrote to
look as if it did, drawn by seed, from the articles that no training sees (`--titles all`: from
all). One JSON object a language on stdout: the AUROC of "this paragraph answers this question", and
`less`, that less the AUROC of `joined` on the same resamples, as [value, low, high], a 95 %
bootstrap interval, of

whole      the cross-encoder's logit of the whole paragraph
sentence   the same of its best sentence, as the sentences are read to choose from
reader     the better of both
own        the logit of the language model's own yes, asked of the whole paragraph
joined     a logistic regression over `reader` and `own`, fitted on four fifths of the paragraphs

FILE keeps the language model's words, one a line, so that a run can be interrupted and resumed;
another model or prompt asks anew.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict

from benchmarks.cache import Cache
from benchmarks.judges import SEED, aurocs
from rag.checking.own_word import OwnWord
from rag.config import load_settings
from rag.errors import ModelError
from rag.evidence import read_units, split_units, whole
from rag.generation.prompt import build_check
from rag.models.generator import open_generator
from rag.retrieval import hits_from_texts
from rag.seams import Embedder, Reranker
from rag.tools import load_search
from rag.types import Language
from training.sources import read_squad

Logits = dict[str, float]


@dataclass(frozen=True, slots=True)
class Case:
    """A question beside its own paragraph."""

    question: str
    paragraph: str
    language: Language
    answered: bool


def main(argv: Sequence[str] | None = None) -> int:
    """Ask, read, and print the figures of each language."""
    options = _parser().parse_args(argv)
    settings, kept = load_settings(), Cache(options.out)
    search = load_search(settings)
    if search.reader is None:
        raise ModelError("the cross-encoder's base is missing: run `plumb models pull`")
    asked: dict[Language, list[tuple[Case, Logits]]] = {}
    with open_generator(settings) as generator:
        own = OwnWord(generator.chat)
        for path in options.sets:
            for case in drawn(cases_of(path, options.titles == "all"), options.questions, SEED):
                logits = read(case, search.embedder, search.reader)
                logits["own"] = own_logit(case, own, generator.name, kept)
                asked.setdefault(case.language, []).append((case, logits))
    for language, rows in asked.items():
        cases, signals = zip(*rows, strict=True)
        head = {"language": language, "model": generator.name, "n": len(cases)}
        print(json.dumps(head | figures(cases, signals)), flush=True)
    return 0


def cases_of(path: Path, every: bool) -> list[Case]:
    """The questions of the held-out articles, or of every one."""
    return [
        Case(asked.text, paragraph.text, paragraph.language, asked.answer is not None)
        for paragraph in read_squad(path)
        if every or paragraph.held_out
        for asked in paragraph.questions
    ]


def drawn(cases: Sequence[Case], count: int, seed: int) -> list[Case]:
    """At most `count`, half of them answered; a smaller draw is the beginning of a larger one."""
    order = sorted(cases, key=lambda case: Random(f"{seed}:{case.question}").random())
    kinds = [[case for case in order if case.answered == kind] for kind in (True, False)]
    return [case for pair in list(zip(*kinds, strict=False))[: count // 2] for case in pair]


def read(case: Case, embedder: Embedder, reader: Reranker) -> Logits:
    """The cross-encoder's logits of the paragraph, of its best sentence, and the better one."""
    hits = hits_from_texts([case.paragraph])
    paragraph = float(reader.scores(case.question, [case.paragraph])[0])
    units = read_units(case.question, hits, split_units(hits, embedder), embedder, reader)
    sentence = max(unit.score for unit in units)
    return {"whole": paragraph, "sentence": sentence, "reader": max(paragraph, sentence)}


def own_logit(case: Case, own: OwnWord, model: str, kept: Cache) -> float:
    """The logit of the language model's yes, 0 where it says neither yes nor no."""
    [passage] = whole(hits_from_texts([case.paragraph]))
    prompt = str([m.content for m in build_check(case.question, passage, case.language)])
    key = f"{model} {hashlib.sha256(prompt.encode()).hexdigest()}"
    yes = kept.get(key, lambda: own.holds(case.question, passage, case.language))
    return 0.0 if yes is None else math.log(yes / (1.0 - yes))


def figures(cases: Sequence[Case], rows: Sequence[Logits]) -> dict[str, dict[str, list[float]]]:
    """Signal to its figures."""
    signals = {name: [row[name] for row in rows] for name in rows[0]}
    signals["joined"] = joined(cases, rows)
    return aurocs([case.answered for case in cases], signals, "joined")


def joined(cases: Sequence[Case], rows: Sequence[Logits]) -> list[float]:
    """The regression's logits, each of a paragraph that it was not fitted on."""
    inputs = [[row["reader"], row["own"]] for row in rows]
    labels, paragraphs = [c.answered for c in cases], [c.paragraph for c in cases]
    folds = StratifiedGroupKFold(5, shuffle=True, random_state=SEED)
    how = {"groups": paragraphs, "cv": folds, "method": "decision_function"}
    found = cross_val_predict(LogisticRegression(), inputs, labels, **how)
    return [float(logit) for logit in found]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", type=Path, nargs="+", help="files in the format of SQuAD 2.0")
    parser.add_argument("--titles", choices=("held-out", "all"), default="held-out")
    parser.add_argument("--questions", type=int, default=200, help="questions a file, by seed")
    parser.add_argument("--out", type=Path, required=True, help="file of the model's words")
    return parser


if __name__ == "__main__":
    sys.exit(main())
