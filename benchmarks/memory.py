"""How the memory of the encoders grows as they read texts of ever new lengths.

    python -m benchmarks.memory --batches 80

Texts of a few hundred made-up words, drawn by seed, are read by the cross-encoder and embedded, as
questions make it happen; resident memory and time are printed on the way. With
ONEDNN_PRIMITIVE_CACHE_CAPACITY=1024 in the environment it shows what oneDNN does by itself
(`rag/privacy.py`).
"""

from __future__ import annotations

import argparse
import random
import string
import time
from collections.abc import Sequence

from rag.config import load_settings
from rag.privacy import silence_libraries

_SEED = 0
_REPORTS = 8


def texts(rng: random.Random, words: Sequence[str]) -> list[str]:
    """2 to 30 texts of 5 to 150 words."""
    return [" ".join(rng.choices(words, k=rng.randint(5, 150))) for _ in range(rng.randint(2, 30))]


def main() -> None:
    """Read the arguments and print a line now and then."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batches", type=int, default=80)
    count = parser.parse_args().batches
    silence_libraries()
    from eval.provenance import resident_mb
    from rag.tools import load_search

    settings = load_settings()
    search = load_search(settings)
    reader = search.reader
    assert reader is not None
    rng = random.Random(_SEED)
    words = ["".join(rng.choices(string.ascii_lowercase, k=rng.randint(2, 8))) for _ in range(300)]
    began = time.perf_counter()
    for number in range(count + 1):
        if number % max(1, count // _REPORTS) == 0:
            spent = time.perf_counter() - began
            print(f"{number} batches: {resident_mb() or 0.0:,.0f} MB, {spent:.0f} s", flush=True)
        given = texts(rng, words)
        reader.scores("What is this about?", given)
        search.embedder.embed_passages(given)


if __name__ == "__main__":
    main()
