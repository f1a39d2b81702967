"""How long the encoders take in each number format: embedding passages, and reading pairs.

    python -m benchmarks.formats --rounds 5
    python -m benchmarks.formats --rounds 0 --recall xquad.zh.json

All formats are measured in turn, round by round, on the same made-up texts, so that the machine's
own swings fall on all alike; the first round is not counted. Ratios are of processor time, which
other programs disturb less than the clock. Says what `embedder.dtype` set to auto takes on this
machine, which the figures should bear out, and how far the vectors turn from those of float32;
`--recall`, how often the paragraph nearest to a question is its own, by vectors alone.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from eval.data import open_questions
from eval.stats import paired_difference
from eval.types import Score
from rag.config import Settings, load_settings
from rag.models.cpu import choose_dtype, wants_bytes
from rag.models.crossencoder import load_once
from rag.models.crossinput import Pair, PairReader
from rag.models.embedder import load_embedder
from rag.models.reader import ADAPTER, BASE
from rag.seams import Embedder

Format = Literal["float32", "bfloat16", "int8"]
FORMATS: tuple[Format, ...] = ("float32", "bfloat16", "int8")
_WORDS = [
    "pump",
    "valve",
    "leave",
    "travel",
    "limit",
    "office",
    "market",
    "engine",
    "contract",
    "bridge",
    "river",
    "winter",
]


def texts(count: int, words: int, seed: int) -> list[str]:
    """`count` made-up texts of `words` words each."""
    rng = random.Random(seed)
    return [" ".join(rng.choices(_WORDS, k=words)) for _ in range(count)]


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds by the clock and of the processor."""

    clock: float
    processor: float


def measure(settings: Settings, rounds: int) -> dict[tuple[str, Format], list[Took]]:
    """What each task took by format, one figure a round."""
    took: dict[tuple[str, Format], list[Took]] = {}
    tools = {form: _tools(settings, form) for form in FORMATS}
    for turn in range(-1, rounds):
        for form in FORMATS:
            for task, run in _tasks(*tools[form], turn).items():
                started, spent = time.perf_counter(), time.process_time()
                run()
                if turn >= 0:
                    one = Took(time.perf_counter() - started, time.process_time() - spent)
                    took.setdefault((task, form), []).append(one)
    return took


def _tools(settings: Settings, form: Format) -> tuple[Embedder, PairReader | None]:
    wanted = settings.embedder.model_copy(update={"dtype": form})
    embedder = load_embedder(settings.model_copy(update={"embedder": wanted}))
    if form == "int8":  # pairs are not read so
        return embedder, None
    return embedder, load_once(settings.models_dir / BASE, ADAPTER, form)


def _tasks(
    embedder: Embedder, scorer: PairReader | None, turn: int
) -> dict[str, Callable[[], object]]:
    chunks, sentences = texts(24, 150, turn), texts(48, 25, turn)
    pairs = [Pair("How long is the warranty of the pump?", "", text) for text in sentences]
    tasks: dict[str, Callable[[], object]] = {
        "embed 24 passages of 150 words": lambda: embedder.embed_passages(chunks),
        "embed 48 sentences of 25 words": lambda: embedder.embed_passages(sentences),
    }
    if scorer is not None:
        tasks["read a question beside 48 such sentences"] = lambda: scorer.score(pairs)
    return tasks


def report(took: dict[tuple[str, Format], list[Took]]) -> str:
    """The figures as Markdown."""
    lines = ["| task | format | time | processor time over float32's |", "|---|---|---|---|"]
    for (task, form), figures in took.items():
        pairs = zip(took[task, "float32"], figures, strict=True)
        ratio = statistics.median(b.processor / a.processor for a, b in pairs)
        lines.append(f"| {task} | {form} | {_ms([f.clock for f in figures])} | {ratio:.2f} |")
    auto = "int8" if wants_bytes("auto") else choose_dtype("auto")
    return "\n".join([*lines, "", f"`auto` takes {auto} here."])


def turned(settings: Settings) -> str:
    """How near the vectors of each format are to those of float32, as a sentence."""
    passages = texts(24, 150, 0)
    found = {form: _tools(settings, form)[0].embed_passages(passages) for form in FORMATS}
    near = {form: (found["float32"] * vectors).sum(axis=1) for form, vectors in found.items()}
    parts = [f"{form} {near[form].mean():.5f} (least {near[form].min():.5f})" for form in FORMATS]
    return f"Cosine with float32: {', '.join(parts[1:])}."


def recall(settings: Settings, path: Path) -> str:
    """Recall@1 and @5 by format on a file in SQuAD's format, as Markdown."""
    dataset = open_questions([path])
    names = [document.name for document in dataset.documents]
    asked = [example for example in dataset.examples if example.answerable]
    asked = asked[len(asked) // 2 :]
    own = np.array([names.index(example.evidence[0].document) for example in asked])
    scores: dict[tuple[Format, int], list[Score]] = {}
    for form in FORMATS:
        embedder, _ = _tools(settings, form)
        passages = embedder.embed_passages([document.text for document in dataset.documents])
        questions = embedder.embed_queries([example.question for example in asked])
        order = np.argsort(-(questions @ passages.T), axis=1)
        ranks = np.argmax(order == own[:, None], axis=1)
        for depth in (1, 5):
            scores[form, depth] = [Score(float(rank < depth)) for rank in ranks]
    lines = [f"| {dataset.name}, {len(asked)} questions | recall@1 | recall@5 |", "|---|---|---|"]
    for form in FORMATS:
        cells = []
        for depth in (1, 5):
            gain = paired_difference(scores["float32", depth], scores[form, depth])
            cells.append(f"{gain.b:.3f} ({gain.value:+.3f}, {gain.low:+.3f} to {gain.high:+.3f})")
        lines.append(f"| {form} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _ms(seconds: Sequence[float]) -> str:
    low, middle, high = (1000 * f(seconds) for f in (min, statistics.median, max))
    return f"{middle:.0f} ms ({low:.0f} to {high:.0f})"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--recall", type=Path, help="questions in SQuAD's format")
    args = parser.parse_args()
    settings = load_settings()
    if args.rounds:
        print(report(measure(settings, args.rounds)))
        print(turned(settings))
    if args.recall:
        print(recall(settings, args.recall))


if __name__ == "__main__":
    main()
