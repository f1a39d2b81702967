"""The short set: start times, ingestion and retrieval, against a baseline by ratios.

    make bench
    python -m benchmarks.short --out bench.json --baseline benchmarks/baseline.json
    python -m benchmarks.short --write-baseline

Every time is divided by one measured in the same run on the same machine, so that the ratio holds
on another: a start by that of a bare Python, ingestion by the embedding of the same texts alone,
retrieval by the embedding of one question, a search by the multiplication of a matrix. The exit
code is 1 when a ratio is more than `TOLERANCE` times the baseline's, or recall falls by more than
`RECALL`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.at_size import QUESTIONS, measure
from benchmarks.stock import gather
from eval.provenance import ROOT, provenance
from ingest.chunk import chunk_document, embedding_text
from ingest.files import Found, find_files
from ingest.loaders import load
from ingest.pipeline import ingest
from rag.config import Settings, load_settings
from rag.seams import Embedder
from rag.store import Collection
from rag.tools import load_search

BASELINE = ROOT / "benchmarks" / "baseline.json"
EXAMPLES = ROOT / "examples" / "documents"
SOURCES = (ROOT / "examples" / "questions.jsonl", EXAMPLES)
TOLERANCE = 2.0
"""A ratio may grow so many times: short times vary that much on a machine that others use."""
RECALL = 0.02
SIZE = 10_000
_REPEATS = 3


@dataclass(frozen=True, slots=True)
class Fall:
    """A figure that got worse: its name, the baseline's and this run's."""

    name: str
    before: float
    now: float


def falls(now: Mapping[str, float], before: Mapping[str, float]) -> list[Fall]:
    """The figures of the baseline that are worse in this run by more than is tolerated; a name
    that starts with "recall" is better when it is higher. One that is missing now has fallen."""
    found = []
    for name, was in before.items():
        value = now.get(name, float("nan"))
        bound = was - RECALL if name.startswith("recall") else was * TOLERANCE
        within = value >= bound if name.startswith("recall") else value <= bound
        if not within:
            found.append(Fall(name, was, value))
    return found


def start_ratios(home: Path) -> tuple[dict[str, float], dict[str, float]]:
    """Seconds of quick commands, and their ratios to a bare Python that imports json."""
    bare = _command([sys.executable, "-c", "import json"], home)
    times = {"bare_python_s": bare}
    ratios = {}
    for name, arguments in (("help", ["--help"]), ("list", ["collections", "list"])):
        taken = _command([sys.executable, "-m", "cli", *arguments], home)
        times[f"{name}_s"], ratios[f"{name}/bare"] = taken, taken / bare
    return times, ratios


def _command(command: Sequence[str], home: Path) -> float:
    environment = {**os.environ, "PLUMB_HOME": str(home)}

    def run() -> None:
        subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)

    return min(_seconds(run) for _ in range(_REPEATS))


def ingest_ratios(
    settings: Settings, embedder: Embedder
) -> tuple[dict[str, float], dict[str, float]]:
    """Seconds to ingest the example documents, and the ratio to embedding their chunks alone."""
    chunks = [
        chunk
        for found in find_files([EXAMPLES])
        if isinstance(found, Found)
        for chunk in chunk_document(load(found.path), embedder, settings.chunking)
    ]
    texts = [embedding_text(chunk) for chunk in chunks]
    alone = _seconds(lambda: embedder.embed_passages(texts))
    with Collection.open(settings, "bench", embedder.info, create=True) as collection:
        whole = _seconds(lambda: ingest([EXAMPLES], collection, embedder, settings))
    times = {"ingest_s": whole, "embed_s": alone, "chunks": float(len(chunks))}
    return times, {"ingest/embedding": whole / alone}


def retrieval_ratios(
    files: Sequence[Path], stock_file: Path | None, settings: Settings, embedder: Embedder
) -> tuple[dict[str, float], dict[str, float]]:
    """Retrieval over 10,000 chunks: milliseconds, and ratios."""
    stock = gather(files, embedder, settings.chunking, 2 * QUESTIONS, stock_file)
    row = measure(SIZE, stock, embedder, settings)
    matrix = np.random.default_rng(0).standard_normal((SIZE, 384), dtype=np.float32)
    product = 1000 * min(_seconds(lambda: matrix @ matrix[:64].T) for _ in range(9))
    ratios = {
        "hybrid/embedding": row["hybrid_ms"] / row["embed_ms"],
        "filtered/hybrid": row["filtered_ms"] / row["hybrid_ms"],
        "vectors/product": row["vectors_ms"] / product,
        "keywords/product": row["keywords_ms"] / product,
        "recall@10": row["recall@10"],
    }
    return {**row, "product_ms": product}, ratios


def _seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _printed(ratios: Mapping[str, float], before: Mapping[str, float]) -> None:
    print("| ratio | baseline | now |\n|---|---|---|")
    for name, value in ratios.items():
        print(f"| {name} | {before.get(name, float('nan')):.3f} | {value:.3f} |")


def main() -> int:
    """Run from the command line; the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", type=Path, nargs="*", default=list(SOURCES))
    parser.add_argument("--stock", type=Path, help="keep the real vectors in this file (.npz)")
    parser.add_argument("--out", type=Path, default=Path("bench.json"))
    parser.add_argument("--baseline", type=Path, default=BASELINE)
    parser.add_argument("--write-baseline", action="store_true")
    args = parser.parse_args()
    settings = load_settings()
    embedder = load_search(settings).plain
    times: dict[str, float] = {}
    ratios: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as scratch:
        bench = settings.model_copy(update={"home": Path(scratch)})
        for found, of_found in (
            start_ratios(Path(scratch)),
            ingest_ratios(bench, embedder),
            retrieval_ratios(args.files, args.stock, bench, embedder),
        ):
            times |= found
            ratios |= of_found
    told = {"ratios": ratios, "times": times, **provenance()}
    args.out.write_text(json.dumps(told, indent=1, default=str) + "\n")
    if args.write_baseline:
        args.baseline.write_text(json.dumps(told, indent=1, default=str) + "\n")
        return 0
    before = json.loads(args.baseline.read_text())["ratios"]
    _printed(ratios, before)
    fallen = falls(ratios, before)
    for fall in fallen:
        print(f"worse: {fall.name} was {fall.before:.3f}, is {fall.now:.3f}", file=sys.stderr)
    return int(bool(fallen))


if __name__ == "__main__":
    sys.exit(main())
