"""How well each signal of the decision to refuse tells right answers from wrong ones.

    python -m benchmarks.signals rgb_zh_refine_even.jsonl --cache FILE --questions 30 --seed 5
    python -m benchmarks.signals --answers ANSWERS.jsonl

Questions of RGB with their passages are put to the shipped pipeline, with none refused for want of
confidence; or the answers that `training.refusals` keeps are read, on which the decision was
fitted. Of the answers with something to show: AUROC of right against wrong by each signal, and by
the confidence with and without the language model's own word, with 95 % bootstrap intervals; and
what the shipped threshold shows of the right and of the wrong ones.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.cache import Cache
from benchmarks.judges import figures
from eval.data import open_questions, sample
from eval.metrics.answers import contains
from eval.types import Example
from rag.config import Settings, load_settings
from rag.pipeline import Answerer, open_answerer
from rag.checking.decide import confidence
from training.refusals import signals_of

Row = dict[str, Any]
"""The fields of `Signals`, `shown` (whether there is something to show) and `right`."""


def main(argv: Sequence[str] | None = None) -> int:
    """Collect or read the answers and print a line for each signal."""
    options = _parser().parse_args(argv)
    settings = load_settings()
    if options.answers:
        rows = [json.loads(line) for line in options.answers.read_text("utf-8").splitlines()]
    elif options.path and options.cache:
        rows = list(asked(options, settings))
    else:
        _parser().error("give a file of questions with --cache, or --answers")
    shown = [row for row in rows if row["shown"]]
    right = [bool(row["right"]) for row in shown]
    for name, values in by_signal(shown).items():
        known = [(label, value) for label, value in zip(right, values, strict=True) if value >= 0]
        auroc = figures([label for label, _ in known], [value for _, value in known])["auroc"]
        print(json.dumps({"signal": name, "n": len(known), "auroc": auroc}))
    sure = [confidence(signals_of(row)) >= settings.answering.min_confidence for row in shown]
    print(json.dumps({"asked": len(rows)} | counts(right, sure)))
    return 0


def asked(options: argparse.Namespace, settings: Settings) -> Iterator[Row]:
    """What the pipeline made of each question, from the cache where it is known."""
    cache = Cache(options.cache)
    free = settings.answering.model_copy(update={"min_confidence": 0.0})
    unrefused = settings.model_copy(update={"answering": free})
    with open_answerer(unrefused, with_collection=False) as answerer:
        how = f"{unrefused.answering.model_dump_json()}|{json.dumps(dict(answerer.models))}"
        for noise in options.noise:
            dataset = open_questions([options.path], "rgb", noise=noise, seed=options.seed)
            drawn: list[Example] = sample(dataset.examples, options.questions, None, options.seed)
            for number, example in enumerate(drawn, start=1):
                key = f"{how}|{options.seed}|{noise}|{example.id}"
                yield cache.get(key, partial(outcome, answerer, example))
                print(f"noise {noise}: {number}/{len(drawn)}", file=sys.stderr)


def outcome(answerer: Answerer, example: Example) -> Row:
    """The signals of the answer, whether there is something to show, and whether it is right."""
    parts = answerer.parts_from(example.question, example.passages)
    least = min(parts, key=lambda part: part.confidence)
    told = " ".join(c.text for part in parts for c in part.claims if c.verdict == "supported")
    right = bool(example.answers) and contains(told, example.answers) == 1.0
    shown = bool(told) and not least.signals.refused
    return {**asdict(least.signals), "shown": shown, "right": right, "told": told}


def by_signal(rows: Sequence[Row]) -> dict[str, list[float]]:
    """Every signal's values; -1 where one is not known."""
    signals = [signals_of(row) for row in rows]
    names = ("answerable", "cited", "relevant", "support", "held")
    values: dict[str, list[float]] = {
        name: [-1.0 if (v := getattr(s, name)) is None else float(v) for s in signals]
        for name in names
    }
    values["confidence unasked"] = [confidence(replace(s, held=None)) for s in signals]
    values["confidence"] = [confidence(s) for s in signals]
    return values


def counts(right: Sequence[bool], sure: Sequence[bool]) -> dict[str, int]:
    """How many right and wrong answers there are, and how many of each are shown."""
    pairs = list(zip(right, sure, strict=True))
    return {
        "right": sum(right),
        "right, shown": pairs.count((True, True)),
        "wrong": len(right) - sum(right),
        "wrong, shown": pairs.count((False, True)),
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("path", type=Path, nargs="?", help="a file in RGB's format")
    parser.add_argument("--answers", type=Path, help="what training.refusals kept")
    parser.add_argument("--cache", type=Path, help="where results are kept")
    parser.add_argument("--questions", type=int, default=30, help="how many, drawn by the seed")
    parser.add_argument("--noise", type=float, nargs="+", default=[0.6, 1.0])
    parser.add_argument("--seed", type=int, default=5)
    return parser


if __name__ == "__main__":
    sys.exit(main())
