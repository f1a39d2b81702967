"""Other stores over the same texts, vectors and questions as ours: recall, time, memory, disk.

    python -m benchmarks.rivals export stock.npz given.npz --chunks 20000
    python benchmarks/rivals.py run given.npz langchain      # or chroma, lancedb

`export` writes copies of the stock (`benchmarks.stock`), one vector a chunk, with the vectors of
its questions; `run` wants a virtual environment with numpy and the store that it names
(langchain-community, langchain-classic, faiss-cpu, rank_bm25; chromadb; lancedb). One store a
process, so that memory is its own. Recall is that of the ten nearest vectors. "hybrid" is what the
store offers: LangChain's EnsembleRetriever over FAISS and BM25Retriever; vectors alone elsewhere.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

Search = Callable[[int], list[int]]


def export(stock_file: Path, out: Path, chunks: int) -> None:
    """Write texts, vectors, questions, their vectors, and the exact ten nearest."""
    from benchmarks.stock import EACH, copy, gather
    from rag.config import load_settings
    from rag.models.embedder import load_embedder

    settings = load_settings()
    embedder = load_embedder(settings)
    stock = gather([], embedder, settings.chunking, 0, stock_file)
    copies = [copy(stock, number) for number in range(chunks // EACH)]
    vectors = np.concatenate([one.vectors for one in copies])
    questions = stock.questions[:60]
    asked = embedder.embed_queries(questions)
    np.savez(
        out,
        texts=np.array([chunk.text for one in copies for chunk in one.chunks]),
        vectors=vectors,
        questions=np.array(questions),
        asked=asked,
        nearest=np.argsort(-(asked @ vectors.T), axis=1)[:, :10],
    )


def langchain(given: Any, folder: Path) -> tuple[Search, Search, Callable[[], object]]:
    """FAISS store, BM25Retriever and EnsembleRetriever."""
    EnsembleRetriever = import_module("langchain_classic.retrievers").EnsembleRetriever
    from langchain_community.retrievers import BM25Retriever
    from langchain_community.vectorstores import FAISS
    from langchain_core.embeddings import Embeddings

    known: dict[str, list[float]] = dict(
        zip(given["questions"].tolist(), given["asked"].tolist(), strict=True)
    )

    class Known(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return [known[text] for text in texts]

        def embed_query(self, text: str) -> list[float]:
            return known[text]

    texts, vectors = given["texts"].tolist(), given["vectors"]
    said = [{"at": i} for i in range(len(texts))]
    store = FAISS.from_embeddings(zip(texts, vectors.tolist(), strict=True), Known(), said)
    words = BM25Retriever.from_texts(texts, said, k=50)
    both = EnsembleRetriever(
        retrievers=[store.as_retriever(search_kwargs={"k": 50}), words], weights=[0.5, 0.5]
    )
    questions = given["questions"].tolist()
    store.save_local(str(folder))

    def add() -> None:
        store.add_embeddings([("new", vectors[0].tolist())], [{"at": -1}])
        store.save_local(str(folder))
        BM25Retriever.from_texts([*texts, "new"], [*said, {"at": -1}], k=50)

    def near(i: int) -> list[int]:
        found = store.similarity_search_by_vector(given["asked"][i].tolist(), 10)
        return [one.metadata["at"] for one in found]

    return near, lambda i: [d.metadata["at"] for d in both.invoke(questions[i])], add


def chroma(given: Any, folder: Path) -> tuple[Search, Search, Callable[[], object]]:
    """A persistent Chroma collection."""
    chromadb: Any = import_module("chromadb")

    client = chromadb.PersistentClient(str(folder), chromadb.Settings(anonymized_telemetry=False))
    held = client.create_collection("texts", metadata={"hnsw:space": "ip"})
    texts, vectors = given["texts"].tolist(), given["vectors"]
    for at in range(0, len(texts), 5000):
        ids = [str(i) for i in range(at, min(at + 5000, len(texts)))]
        held.add(ids=ids, embeddings=vectors[at : at + 5000], documents=texts[at : at + 5000])

    def near(i: int) -> list[int]:
        found = held.query(query_embeddings=given["asked"][i : i + 1], n_results=10)
        return [int(one) for one in found["ids"][0]]

    return near, near, lambda: held.add(ids=["new"], embeddings=vectors[:1], documents=["new"])


def lancedb(given: Any, folder: Path) -> tuple[Search, Search, Callable[[], object]]:
    """A LanceDB table with an IVF_PQ index, twenty cells asked and the best refined."""
    library: Any = import_module("lancedb")

    rows = [
        {"at": i, "text": text, "vector": vector}
        for i, (text, vector) in enumerate(
            zip(given["texts"].tolist(), given["vectors"], strict=True)
        )
    ]
    table = library.connect(str(folder)).create_table("texts", rows)
    table.create_index(metric="dot", vector_column_name="vector")

    def near(i: int) -> list[int]:
        asked = table.search(given["asked"][i]).metric("dot").nprobes(20).refine_factor(10)
        return [row["at"] for row in asked.limit(10).to_list()]

    new = {"at": -1, "text": "new", "vector": given["vectors"][0]}
    return near, near, lambda: table.add([new])


STORES = {"langchain": langchain, "chroma": chroma, "lancedb": lancedb}


def run(given_file: Path, name: str) -> dict[str, Any]:
    """Fill the store and ask all questions."""
    given = dict(np.load(given_file))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    with tempfile.TemporaryDirectory() as scratch:
        began = time.perf_counter()
        near, hybrid, add = STORES[name](given, Path(scratch))
        filled = time.perf_counter() - began
        asked = range(len(given["asked"]))
        found = [near(i) for i in asked]
        same = [len(set(f) & set(n.tolist())) for f, n in zip(found, given["nearest"], strict=True)]
        return {
            "store": name,
            "chunks": len(given["texts"]),
            "fill_s": round(filled, 2),
            "recall@10": round(sum(same) / (10 * len(same)), 4),
            "vectors_ms": _p50(near, asked),
            "hybrid_ms": _p50(hybrid, asked),
            "add_s": round(_seconds(add), 3),
            "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000 - before),
            "disk_mb": round(
                sum(p.stat().st_size for p in Path(scratch).rglob("*") if p.is_file()) / 1e6, 1
            ),
        }


def _p50(act: Callable[[int], object], asked: range) -> float:
    return round(1000 * float(np.median([_seconds(lambda i=i: act(i)) for i in asked])), 2)  # type: ignore[misc]


def _seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def main() -> int:
    """Run from the command line; the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    steps = parser.add_subparsers(dest="step", required=True)
    exporting = steps.add_parser("export")
    exporting.add_argument("stock", type=Path)
    exporting.add_argument("out", type=Path)
    exporting.add_argument("--chunks", type=int, default=100_000)
    running = steps.add_parser("run")
    running.add_argument("given", type=Path)
    running.add_argument("store", choices=sorted(STORES))
    args = parser.parse_args()
    if args.step == "export":
        export(args.stock, args.out, args.chunks)
    else:
        print(json.dumps(run(args.given, args.store)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
