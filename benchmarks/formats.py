"""How long the encoders take in each number format: embedding passages, and reading pairs.

    python -m benchmarks.formats --rounds 5

Both formats are measured in turn, round by round, on the same made-up texts, so that the machine's
own swings fall on both alike; the first round is not counted. Says what `embedder.dtype` set to
auto takes on this machine, which the figures should bear out.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Literal

from rag.config import Settings, load_settings
from rag.models.cpu import choose_dtype
from rag.models.crossencoder import load_once
from rag.models.crossinput import Pair
from rag.models.embedder import load_embedder
from rag.models.reader import ADAPTER, BASE

Format = Literal["float32", "bfloat16"]
FORMATS: tuple[Format, ...] = ("float32", "bfloat16")
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


def measure(settings: Settings, rounds: int) -> dict[tuple[str, Format], list[float]]:
    """Seconds by task and format, one figure a round."""
    took: dict[tuple[str, Format], list[float]] = {}
    for turn in range(-1, rounds):
        for form in FORMATS:
            for task, run in _tasks(settings, form, turn).items():
                started = time.perf_counter()
                run()
                if turn >= 0:
                    took.setdefault((task, form), []).append(time.perf_counter() - started)
    return took


def _tasks(settings: Settings, form: Format, turn: int) -> dict[str, Callable[[], object]]:
    wanted = settings.embedder.model_copy(update={"dtype": form})
    embedder = load_embedder(settings.model_copy(update={"embedder": wanted}))
    scorer = load_once(settings.models_dir / BASE, ADAPTER, form)
    chunks, sentences = texts(24, 150, turn), texts(48, 25, turn)
    pairs = [Pair("How long is the warranty of the pump?", "", text) for text in sentences]
    return {
        "embed 24 passages of 150 words": lambda: embedder.embed_passages(chunks),
        "embed 48 sentences of 25 words": lambda: embedder.embed_passages(sentences),
        "read a question beside 48 such sentences": lambda: scorer.score(pairs),
    }


def report(took: dict[tuple[str, Format], list[float]]) -> str:
    """The figures as Markdown."""
    lines = ["| task | float32 | bfloat16 | ratio in the same round |", "|---|---|---|---|"]
    for task in dict.fromkeys(task for task, _ in took):
        plain, half = (took[task, form] for form in FORMATS)
        ratios = [b / a for a, b in zip(plain, half, strict=True)]
        lines.append(f"| {task} | {_ms(plain)} | {_ms(half)} | {statistics.median(ratios):.2f} |")
    return "\n".join([*lines, "", f"`auto` takes {choose_dtype('auto')} here."])


def _ms(seconds: Sequence[float]) -> str:
    low, middle, high = (1000 * f(seconds) for f in (min, statistics.median, max))
    return f"{middle:.0f} ms ({low:.0f} to {high:.0f})"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    print(report(measure(load_settings(), parser.parse_args().rounds)))


if __name__ == "__main__":
    main()
