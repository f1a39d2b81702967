"""Ingesting on this machine alone against a Ray cluster of its processes.

    python -m benchmarks.over_ray a.pdf --pages 40 --rounds 2

Each round reads `--pages` pages of each file from the page `--first` on into a fresh collection:
here, then over a cluster of one node, then over one of two nodes, each node with one core and so
one embedder that computes with one thread. The clock starts when the embedders have loaded, and
runs to the last document's transaction. Ratios are those within a round.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from pypdf import PdfReader

from benchmarks.ingest import cut
from ingest.cluster import connect
from ingest.pipeline import ingest
from ingest.workers import Workers
from rag.config import Settings, load_settings
from rag.models.embedder import load_embedder
from rag.seams import Embedder
from rag.store import Collection
from tests.ray_nodes import RayNodes

NODES = (0, 1, 2)
"""Nodes of each arm; 0: this machine without Ray."""


def seconds(nodes: int, files: Sequence[Path], embedder: Embedder, settings: Settings) -> float:
    """How long one run takes with so many nodes."""
    with ExitStack() as stack:
        workers: Workers | None = None
        if nodes:
            cluster = RayNodes((1,) * nodes, {**os.environ, "PLUMB_HOME": str(settings.home_dir)})
            stack.callback(cluster.close)
            over_ray = stack.enter_context(connect(cluster.address, embedder.info, settings))
            while over_ray.embedders < nodes:
                over_ray.take(wait=True)
            workers = over_ray
        name = f"run-{time.monotonic_ns()}"
        collection = stack.enter_context(
            Collection.open(settings, name, embedder.info, create=True)
        )
        started = time.perf_counter()
        receipt = ingest(files, collection, embedder, settings, workers=workers)
        took = time.perf_counter() - started
        assert receipt.counts["added"] == len(files), receipt
        return took


def main() -> int:
    """Measure and print one JSON object; the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", type=Path, nargs="+", help="PDF files")
    parser.add_argument("--first", type=int, default=1, help="page of each file to begin with")
    parser.add_argument("--pages", type=int, default=40, help="of each file")
    parser.add_argument("--rounds", type=int, default=2)
    args = parser.parse_args()
    os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"  # loopback alone, as the nodes
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "home")
        home.mkdir()
        settings = load_settings()
        (home / "models").symlink_to(settings.models_dir.resolve())
        settings = settings.model_copy(update={"home": home})
        files = cut(args.files, args.first, args.pages, Path(folder))
        embedder = load_embedder(settings)
        embedder.embed_passages(["to warm up"])
        rounds = [
            {nodes: seconds(nodes, files, embedder, settings) for nodes in NODES}
            for _ in range(args.rounds)
        ]
        pages = sum(len(PdfReader(file).pages) for file in files)
    told = {
        "pages": pages,
        "pages_per_second": {n: round(pages / min(r[n] for r in rounds), 2) for n in NODES},
        "ratio_to_here": {
            n: round(statistics.median(r[0] / r[n] for r in rounds), 2) for n in NODES
        },
    }
    print(json.dumps(told))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
