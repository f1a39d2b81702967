"""How often what is shown to the language model holds the answer, and at what length.

    python -m benchmarks.choosing rgb_zh_refine_even.jsonl --noise 0.6

RGB's questions with five passages each (see `eval.data.rgb`). Compared are what ships (chosen,
narrowed, filled where none answers for certain), the same filled always and never, without
narrowing too, and the whole passages. No language model is asked.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tqdm import tqdm

from eval.data import open_questions, sample
from eval.metrics.answers import contains
from eval.stats import estimate
from eval.types import Example, Score
from rag.complete import completed
from rag.config import load_settings
from rag.evidence.choose import Passage, choose, whole
from rag.narrow import FIRST, answering, narrowed, to_show
from rag.retrieval.given import hits_from_texts
from rag.tools import Tools, load_tools


def ways(
    question: str, texts: Sequence[str], tools: Tools, budget: int
) -> dict[str, list[Passage]]:
    """The passages shown, by the name of the way."""
    hits = hits_from_texts(texts)
    choice = choose(question, hits, tools.search.embedder, tools.search.reader)
    first = choice.within(round(FIRST * budget))
    kept = narrowed(first, answering(question, first, tools.answerability))
    return {
        "as shipped": to_show(question, choice, budget, tools.answerability)[0],
        "always filled": choice.filled(kept, budget),
        "never filled": kept,
        "not narrowed": first,
        "whole passages": whole(hits),
    }


def measure(
    examples: Sequence[Example], tools: Tools, budget: int
) -> Mapping[str, list[tuple[float, int]]]:
    """By way, for each example: whether the answer is shown, and tokens of the embedder."""
    found: dict[str, list[tuple[float, int]]] = {}
    for example in tqdm(examples, unit="q"):
        asked = completed(example.question)
        for way, passages in ways(asked, example.passages or (), tools, budget).items():
            text = " ".join(passage.text for passage in passages)
            tokens = len(tools.search.embedder.token_spans(text))
            found.setdefault(way, []).append((contains(text, example.answers), tokens))
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Run and print one JSON object a way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--noise", type=float, default=0.6)
    parser.add_argument("--questions", type=int)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(argv)
    settings = load_settings()
    dataset = open_questions([options.file], "rgb", noise=options.noise, seed=options.seed)
    count = options.questions or len(dataset.examples)
    examples = sample(dataset.examples, count, None, options.seed)
    budget = settings.answering.budget_tokens
    for way, results in measure(examples, load_tools(settings), budget).items():
        shown = estimate([Score(held) for held, _ in results])
        row = {
            "way": way,
            "n": len(results),
            "answer shown": [round(x, 3) for x in (shown.value, shown.low, shown.high)],
            "tokens, mean": round(sum(tokens for _, tokens in results) / len(results)),
        }
        print(json.dumps(row))
    return 0


if __name__ == "__main__":
    sys.exit(main())
