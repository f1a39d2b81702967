"""Retrieval by size: how fast, how exact, how large, from 1,000 to 1,000,000 chunks.

    python -m benchmarks.at_size FOLDER                      # 1,000 and 10,000 chunks
    python -m benchmarks.at_size FOLDER --sizes 100000 --out at-size.json

Takes the chunks of the documents in FOLDER, embeds some of them, and fills a collection with
copies: each copy's vector is a real one moved by `JITTER` of its length in a random direction, and
its text is a real one whose end comes from another chunk, so that every copy is another passage
with real words. Asked are sentences of the chunks. Recall is that of the ten nearest chunks,
against comparing all vectors. Ten chunks make a document. Nothing here asks a language model.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eval.provenance import provenance
from ingest.chunk import chunk_document
from ingest.files import Found, find_files
from ingest.loaders import load
from rag.config import Settings, load_settings
from rag.errors import PlumbError
from rag.retrieval import Retriever
from rag.seams import Embedder
from rag.store import Collection, parse_where
from rag.text.sentences import sentence_spans
from rag.tools import load_search
from rag.types import Chunk, Document, FloatArray, Page

JITTER = 0.45
"""Makes the cosine of a copy with its original 0.91, as that of two passages on one matter is."""
EACH = 10
"""Chunks of a document."""
QUESTIONS = 60
REAL = 600
"""Chunks that are embedded."""


@dataclass(frozen=True, slots=True, eq=False)
class Stock:
    """Real texts and their vectors, shape [n, d], and questions about them."""

    texts: Sequence[str]
    vectors: FloatArray
    questions: Sequence[str]


def gather(folder: Path, embedder: Embedder, settings: Settings) -> Stock:
    """Chunks of the documents in the folder."""
    texts: list[str] = []
    for found in find_files([folder]):
        if isinstance(found, Found) and len(texts) < 3 * REAL:
            with suppress(PlumbError):
                chunks = chunk_document(load(found.path), embedder, settings.chunking)
                texts += [chunk.text for chunk in chunks]
    chance = random.Random(1)
    chance.shuffle(texts)
    texts = texts[:REAL]
    questions = []
    for text in texts:
        spans = [text[a:b] for a, b in sentence_spans(text) if 30 < b - a < 200]
        if spans:
            questions.append(chance.choice(spans))
    return Stock(texts, embedder.embed_passages(texts), questions[:QUESTIONS])


class Copies:
    """Documents made of the stock; the same ones for the same number."""

    def __init__(self, stock: Stock) -> None:
        self._stock = stock

    def document(self, number: int) -> tuple[Document, list[Chunk], FloatArray]:
        """The document of that number, its chunks and vectors."""
        chance = np.random.default_rng(number)
        heads, tails = chance.integers(len(self._stock.texts), size=(2, EACH))
        name = hashlib.sha256(str(number).encode()).hexdigest()
        chunks, page, at = [], "", 0
        for ordinal, (head, tail) in enumerate(zip(heads, tails, strict=True)):
            one, other = self._stock.texts[head], self._stock.texts[tail]
            text = f"{one[: len(one) * 2 // 3]} {other[len(other) * 2 // 3 :]}"
            place = (name, 1, at, at + len(text), text, "", len(text) // 4, ordinal)
            chunks.append(Chunk(f"{name[:16]}-{ordinal}", *place))
            page, at = f"{page}{text}\n", at + len(text) + 1
        moved = chance.normal(size=(EACH, self._stock.vectors.shape[1])).astype(np.float32)
        moved *= JITTER / np.linalg.norm(moved, axis=1, keepdims=True)
        vectors = self._stock.vectors[heads] + moved
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        said = {"group": str(number % 10)}
        path = f"/copies/{number}.txt"
        document = Document(name, f"{number}.txt", path, "text/plain", (Page(1, page),), at, said)
        return document, chunks, vectors


def measure(
    size: int, stock: Stock, embedder: Embedder, settings: Settings
) -> dict[str, float | int]:
    """Every figure for a collection of so many chunks."""
    copies = Copies(stock)
    began = time.perf_counter()
    opened = Collection.open(settings, f"size-{size}", embedder.info, create=True)
    with opened as filled, filled.writing():
        for number in range(size // EACH):
            filled.add(*copies.document(number))
    row: dict[str, float | int] = {"chunks": size, "fill_s": time.perf_counter() - began}
    vectors = embedder.embed_queries(list(stock.questions))
    began, before = time.perf_counter(), _memory_mb()
    with Collection.open(settings, f"size-{size}", embedder.info) as shelf:
        shelf.search_vectors(vectors[0], 10)
        row["open_s"] = time.perf_counter() - began
        found = [[key for key, _ in shelf.search_vectors(v, 50)[:10]] for v in vectors]
        row["recall@10"] = _recall(found, vectors, copies, size)
        plain = settings.retrieval.model_copy(update={"read": 0})
        retriever = Retriever(shelf, embedder, plain)
        where = parse_where(["group in (1, 3, 5, 7, 9)"])
        assert where is not None
        narrowed = retriever.narrowed(where)
        narrowed.retrieve(stock.questions[0])
        row["embed_ms"] = _p50(lambda i: embedder.embed_queries([stock.questions[i]]))
        row["vectors_ms"] = _p50(lambda i: shelf.search_vectors(vectors[i], 50))
        row["keywords_ms"] = _p50(lambda i: shelf.search_keywords(stock.questions[i], 50))
        row["hybrid_ms"] = _p50(lambda i: retriever.retrieve(stock.questions[i]))
        row["filtered_ms"] = _p50(lambda i: narrowed.retrieve(stock.questions[i]))
        row["memory_mb"] = _memory_mb() - before
        row["add_s"] = _seconds(lambda: shelf.add(*copies.document(size)))
        row["remove_s"] = _seconds(lambda: shelf.remove(copies.document(3)[0].document_id))
        row["disk_mb"] = sum(p.stat().st_size for p in shelf.folder.iterdir()) / 1e6
    return {key: round(value, 4) for key, value in row.items()}


def _recall(
    found: Sequence[Sequence[str]], vectors: FloatArray, copies: Copies, size: int
) -> float:
    best: list[list[tuple[float, str]]] = [[] for _ in found]
    for number in range(size // EACH):
        _, chunks, of_document = copies.document(number)
        stored = of_document.astype(np.float16).astype(np.float32)
        for near, scores in zip(best, vectors @ stored.T, strict=True):
            near += [(float(s), c.chunk_id) for s, c in zip(scores, chunks, strict=True)]
            if len(near) > 400:
                near[:] = sorted(near, reverse=True)[:10]
    exact = [{key for _, key in sorted(near, reverse=True)[:10]} for near in best]
    return sum(len(e & set(f)) for e, f in zip(exact, found, strict=True)) / (10 * len(found))


def _p50(act: Callable[[int], object]) -> float:
    """Milliseconds, over all questions; the first is asked twice, to warm up."""
    act(0)
    return 1000 * float(np.median([_seconds(lambda: act(i)) for i in range(QUESTIONS)]))  # noqa: B023


def _seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _memory_mb() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1000
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def main() -> int:
    """Run from the command line; the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="documents to take texts from")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--out", type=Path, help="write JSON here")
    args = parser.parse_args()
    settings = load_settings()
    embedder = load_search(settings).plain
    stock = gather(args.folder, embedder, settings)
    if len(stock.questions) < QUESTIONS:
        print(f"{args.folder} has {len(stock.questions)} sentences to ask for", file=sys.stderr)
        return 1
    rows = []
    for size in args.sizes:
        with tempfile.TemporaryDirectory() as home:
            bench = settings.model_copy(update={"home": Path(home)})
            rows.append(measure(size, stock, embedder, bench))
            print(json.dumps(rows[-1]), flush=True)
    if args.out:
        args.out.write_text(json.dumps({"rows": rows, **provenance()}, indent=1, default=str))
    return 0


if __name__ == "__main__":
    sys.exit(main())
