"""Retrieval by size: how fast, how exact, how large, from 1,000 to 1,000,000 chunks.

    python -m benchmarks.at_size xquad.en.json xquad.zh.json MORE... --sizes 10000 100000
    python -m benchmarks.at_size xquad.en.json xquad.zh.json MORE... --sizes 100000 --curve
    python -m benchmarks.at_size ... --sizes 1000000 --home BIG --stock stock.npz

Collections are filled with copies of real passages (`benchmarks.stock`, `benchmarks.fill`); asked
are questions that people wrote about some of the passages of the first two files. A question is
retrieved with embedding, without the cross-encoder. Recall is that of the ten nearest chunks in
the question's language, against comparing all vectors. `--curve` shows recall and time by the
share of the index that is compared. Collections found under `--home` are used again: what is
added is removed.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.fill import fill
from benchmarks.stock import EACH, Stock, copy, gather
from eval.provenance import provenance, resident_mb
from rag.config import RetrievalSettings, Settings, load_settings
from rag.retrieval import Retriever
from rag.seams import Embedder
from rag.store import Collection, cells, parse_where
from rag.store.database import open_database
from rag.store.folder import DATABASE, collection_folder
from rag.store.rows import decode
from rag.text import detect_language
from rag.tools import load_search
from rag.types import FloatArray

QUESTIONS = 60
_BLOCK = 100_000
"""Vectors compared at once to find what is nearest."""
_SHARES = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0)


def measure(size: int, stock: Stock, embedder: Embedder, settings: Settings) -> dict[str, float]:
    """Everything for a collection of so many chunks, by name; a unit ends each name."""
    name = f"size-{size}"
    row: dict[str, float] = {"chunks": size}
    if not (collection_folder(settings, name) / DATABASE).exists():
        row["fill_s"] = _seconds(lambda: fill(settings, name, embedder.info, stock, size))
    questions = stock.questions[:QUESTIONS]
    vectors = embedder.embed_queries(questions)
    before, began = resident_mb() or 0.0, time.perf_counter()
    with Collection.open(settings, name, embedder.info) as shelf:
        Retriever(shelf, embedder, _unread(settings)).retrieve(questions[0])
        row["open_s"] = time.perf_counter() - began
        row |= _timed(shelf, embedder, settings, questions, vectors)
        row["memory_mb"] = (resident_mb() or 0.0) - before
        row |= _changed(shelf, stock, size)
        row["disk_mb"] = (
            sum(p.stat().st_size for p in collection_folder(settings, name).iterdir()) / 1e6
        )
        row["recall@10"] = recall(shelf, questions, vectors, nearest(settings, name, vectors))
    return {key: round(value, 4) for key, value in row.items()}


def _timed(
    shelf: Collection,
    embedder: Embedder,
    settings: Settings,
    questions: Sequence[str],
    vectors: FloatArray,
) -> dict[str, float]:
    """Milliseconds, medians over the questions."""
    retriever = Retriever(shelf, embedder, _unread(settings))
    where = parse_where(["group in (1, 3, 5, 7, 9)"])
    assert where is not None
    narrowed = retriever.narrowed(where)
    acts: dict[str, Callable[[int], object]] = {
        "embed_ms": lambda i: embedder.embed_queries([questions[i]]),
        "vectors_ms": lambda i: [
            shelf.search_vectors(vectors[i], 50, spoken) for spoken in shelf.languages()
        ],
        "keywords_ms": lambda i: shelf.search_keywords(questions[i], 50),
        "hybrid_ms": lambda i: retriever.retrieve(questions[i]),
        "filtered_ms": lambda i: narrowed.retrieve(questions[i]),
    }
    row = {}
    for key, act in acts.items():
        act(0)
        times = [1000 * _seconds(partial(act, i)) for i in range(len(questions))]
        row[key] = float(np.median(times))
        row[key.replace("_ms", "_p95_ms")] = float(np.quantile(times, 0.95))
    return row


def _changed(shelf: Collection, stock: Stock, size: int) -> dict[str, float]:
    """Seconds to add a document of ten chunks, and to remove one that the index holds and the new
    one."""
    new, old = copy(stock, size // EACH), copy(stock, 3)
    row = {"add_s": _seconds(lambda: shelf.add(new.document, new.chunks, new.vectors))}
    row["remove_s"] = _seconds(lambda: shelf.remove(old.document.document_id))
    shelf.remove(new.document.document_id)
    shelf.add(old.document, old.chunks, old.vectors)
    return row


def nearest(settings: Settings, name: str, vectors: FloatArray) -> list[dict[str, list[str]]]:
    """For each vector the ten nearest chunks of each language, by comparing all."""
    connection = open_database(collection_folder(settings, name) / DATABASE)
    best: list[dict[str, list[tuple[float, str]]]] = [{} for _ in vectors]
    try:
        (last,) = connection.execute("SELECT max(id) FROM chunks").fetchone()
        for first in range(0, last + 1, _BLOCK):
            rows = connection.execute(
                "SELECT c.chunk_id, c.language, v.vector FROM chunks c JOIN vectors v ON "
                "v.chunk = c.id WHERE c.id BETWEEN ? AND ? ORDER BY v.chunk",
                (first, first + _BLOCK - 1),
            ).fetchall()
            if rows:
                _compare(rows, vectors, best)
    finally:
        connection.close()
    return [
        {
            spoken: [key for _, key in sorted(found, reverse=True)[:10]]
            for spoken, found in of.items()
        }
        for of in best
    ]


def _compare(
    rows: Sequence[tuple[str, str, bytes]],
    vectors: FloatArray,
    best: list[dict[str, list[tuple[float, str]]]],
) -> None:
    stacked = decode(b"".join(blob for _, _, blob in rows)).reshape(len(rows), -1)
    spoken = np.array([language for _, language, _ in rows])
    for vector, found in zip(vectors, best, strict=True):
        scores = stacked @ vector
        for one in np.unique(spoken).tolist():
            among = np.where(spoken == one, scores, -np.inf)
            for i in np.argsort(-among)[:10].tolist():
                if np.isfinite(among[i]):
                    found.setdefault(one, []).append((float(among[i]), rows[i][0]))


def recall(
    shelf: Collection,
    questions: Sequence[str],
    vectors: FloatArray,
    wanted: Sequence[dict[str, list[str]]],
) -> float:
    """The share of the ten nearest chunks in the question's language that a search for fifty, as
    the retriever makes it, has among its first ten."""
    shares = []
    for question, vector, near in zip(questions, vectors, wanted, strict=True):
        spoken = detect_language(question)
        found = [key for key, _ in shelf.search_vectors(vector, 50, spoken)[:10]]
        shares.append(len(set(near[spoken]) & set(found)) / 10)
    return float(np.mean(shares))


def curve(
    size: int, stock: Stock, embedder: Embedder, settings: Settings
) -> list[dict[str, float]]:
    """Recall and time of the search by vectors, by the share that is compared."""
    name, rows = f"size-{size}", []
    questions = stock.questions[:QUESTIONS]
    vectors = embedder.embed_queries(questions)
    if not (collection_folder(settings, name) / DATABASE).exists():
        fill(settings, name, embedder.info, stock, size)
    wanted = nearest(settings, name, vectors)
    kept = cells.LEAST_READ, cells.SHARE_READ
    with Collection.open(settings, name, embedder.info) as shelf:
        for share in _SHARES:
            cells.LEAST_READ, cells.SHARE_READ = 0, share
            shelf.search_vectors(vectors[0], 50)
            times = []
            for question, vector in zip(questions, vectors, strict=True):
                began = time.perf_counter()
                shelf.search_vectors(vector, 50, detect_language(question))
                times.append(1000 * (time.perf_counter() - began))
            found = recall(shelf, questions, vectors, wanted)
            rows.append(
                {"chunks": size, "share": share, "recall@10": found, "ms": float(np.median(times))}
            )
            print(json.dumps(rows[-1]), flush=True)
    cells.LEAST_READ, cells.SHARE_READ = kept
    return rows


def _unread(settings: Settings) -> RetrievalSettings:
    return settings.retrieval.model_copy(update={"read": 0})


def _seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def main() -> int:
    """Run from the command line; the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", type=Path, nargs="+", help="sets in SQuAD's format")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000])
    parser.add_argument("--curve", action="store_true", help="recall by share compared")
    parser.add_argument("--home", type=Path, help="keep the collections in this folder")
    parser.add_argument("--stock", type=Path, help="keep the real vectors in this file (.npz)")
    parser.add_argument("--out", type=Path, help="write JSON here")
    args = parser.parse_args()
    settings = load_settings()
    embedder = load_search(settings).plain
    stock = gather(args.files, embedder, settings.chunking, 2 * QUESTIONS, args.stock)
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        bench = settings.model_copy(update={"home": args.home or Path(scratch)})
        for size in args.sizes:
            if args.curve:
                rows += curve(size, stock, embedder, bench)
                continue
            rows.append(measure(size, stock, embedder, bench))
            print(json.dumps(rows[-1]), flush=True)
    if args.out:
        args.out.write_text(json.dumps({"rows": rows, **provenance()}, indent=1, default=str))
    return 0


if __name__ == "__main__":
    sys.exit(main())
