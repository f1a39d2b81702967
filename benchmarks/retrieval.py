"""Recall and MRR of vectors, keywords, both fused, and reread, on question sets in SQuAD format.

    python -m benchmarks.retrieval xquad.zh.json
    python -m benchmarks.retrieval xquad.zh.json --against xquad.en.json
    python -m benchmarks.retrieval xquad.zh.json --half xquad.en.json

A paragraph is a document, ingested as any file is; the right one is that which the question hangs
on. `--against` asks the questions of one file about the paragraphs of another with the same
question ids, for retrieval across languages; `--half` about every second paragraph of it and the
other half of their own, for a collection in two languages. `--home` keeps the collections, so that
paragraphs are embedded once. Rereading (`rag.reread`) takes about half a second a question;
`--no-reread` leaves it out.
"""

from __future__ import annotations

import argparse
import dataclasses
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from eval.data import open_questions, sample, with_corpus
from eval.stats import estimate
from eval.types import Dataset, Example, GivenDocument, Score
from ingest.chunk import chunk_document, embedding_text
from ingest.loaders import load
from ingest.pipeline import ingest
from rag.config import Settings, load_settings
from rag.models.embedding import embed_chunks
from rag.retrieval.retriever import Retriever
from rag.seams import Embedder
from rag.store import Collection
from rag.text import detect_language
from rag.tools import Search, load_search

DEPTH = 20
"""Documents ranked for each question; MRR counts none below."""

COST_DOCUMENTS = 100
"""Documents embedded with and without parts to see what the parts cost."""

Ranking = dict[str, list[str]]
"""The names of the documents found, best first, by searcher."""


def rank_documents(
    collection: Collection,
    retrievers: Mapping[str, Retriever],
    embedder: Embedder,
    question: str,
) -> Ranking:
    """What each searcher finds for the question, each document once."""
    vector = embedder.embed_queries([question])[0]
    found = {
        "vectors": [key for key, _ in collection.search_vectors(vector, 2 * DEPTH)],
        "keywords": [key for key, _ in collection.search_keywords(question, 2 * DEPTH)],
    }
    names: Ranking = {
        name: [hit.document for hit in retriever.retrieve(question, 2 * DEPTH)]
        for name, retriever in retrievers.items()
    }
    for searcher, keys in found.items():
        chunks = collection.chunks(keys)
        of_document = collection.names({chunk.document_id for chunk in chunks.values()})
        names[searcher] = [of_document[chunks[key].document_id] for key in keys]
    return {searcher: list(dict.fromkeys(found))[:DEPTH] for searcher, found in names.items()}


def scores(ranking: Sequence[str], example: Example) -> dict[str, Score]:
    """The question's share in recall@1, recall@5 and MRR."""
    right = {evidence.document for evidence in example.evidence}
    rank = next((i for i, name in enumerate(ranking, start=1) if name in right), None)
    return {
        "recall@1": Score(float(rank == 1)),
        "recall@5": Score(float(rank is not None and rank <= 5)),
        "MRR": Score(1 / rank if rank else 0.0),
    }


def halves(own: Dataset, other: Dataset) -> Dataset:
    """`own`'s questions over its even paragraphs and, for the odd ones, their partners in `other`.

    Paragraphs are partners if a question with the same id hangs on them.
    """
    partner = dict(zip((e.pair for e in other.examples), other.examples, strict=True))
    odd = {document.name for document in own.documents[1::2]}
    swap = {
        e.evidence[0].document: partner[e.pair].evidence[0].document
        for e in own.examples
        if e.evidence[0].document in odd
    }
    texts = {document.name: document for document in (*own.documents, *other.documents)}
    documents = tuple(texts[swap.get(document.name, document.name)] for document in own.documents)
    examples = tuple(
        dataclasses.replace(e, evidence=partner[e.pair].evidence)
        if e.evidence[0].document in swap
        else e
        for e in own.examples
    )
    name = f"{own.name}+half-{other.name}"
    return dataclasses.replace(own, name=name, examples=examples, documents=documents)


def fill(collection: Collection, dataset: Dataset, embedder: Embedder, settings: Settings) -> None:
    """Ingest the set's documents as files."""
    with tempfile.TemporaryDirectory() as folder:
        for document in dataset.documents:
            Path(folder, document.name).write_text(document.text, encoding="utf-8")
        ingest([Path(folder)], collection, embedder, settings)


def measure(dataset: Dataset, search: Search, settings: Settings) -> None:
    """Print a table of every searcher's figures, by the language of the right passage."""
    embedder = search.embedder
    name = dataset.name.replace("@", "-").replace("+", "-")
    with Collection.open(settings, name, embedder.info, create=True) as collection:
        fill(collection, dataset, search.plain, settings)
        retrievers = {"fused": Retriever(collection, embedder, settings.retrieval)}
        if search.reader is not None:
            retrievers["reread"] = search.retriever(collection, settings)
        texts = {document.name: document.text for document in dataset.documents}
        by_pair: dict[str, list[tuple[Example, Ranking]]] = {}
        for example in dataset.examples:
            written = detect_language(texts[example.evidence[0].document])
            ranking = rank_documents(collection, retrievers, embedder, example.question)
            by_pair.setdefault(f"{example.language} -> {written}", []).append((example, ranking))
    print(f"\n{dataset.name}: {len(dataset.documents)} documents\n")
    print("| questions -> passages | searcher | recall@1 | recall@5 | MRR |\n|---|---|---|---|---|")
    for pair, asked in sorted(by_pair.items()):
        for searcher in ("vectors", "keywords", *retrievers):
            row = _row([scores(ranking[searcher], example) for example, ranking in asked])
            print(f"| {pair} ({len(asked)}) | {searcher} | {row} |")


def _row(items: Sequence[Mapping[str, Score]]) -> str:
    estimates = (estimate([item[metric] for item in items]) for metric in items[0])
    return " | ".join(f"{e.value:.3f} ({e.low:.3f} to {e.high:.3f})" for e in estimates)


def print_cost(documents: Sequence[GivenDocument], embedder: Embedder, settings: Settings) -> None:
    """Print how much longer embedding takes with parts than without."""
    chunks = []
    with tempfile.TemporaryDirectory() as folder:
        for document in documents[:COST_DOCUMENTS]:
            path = Path(folder, document.name)
            path.write_text(document.text, encoding="utf-8")
            chunks.extend(chunk_document(load(path), embedder, settings.chunking))
    texts = [embedding_text(chunk) for chunk in chunks]
    embedder.embed_passages(texts[:8])
    started = time.perf_counter()
    embedder.embed_passages(texts)
    alone = time.perf_counter() - started
    started = time.perf_counter()
    vectors = sum(1 + len(found.parts) for found in embed_chunks(chunks, texts, embedder))
    together = time.perf_counter() - started
    print(
        f"\n{len(chunks)} chunks: {vectors / len(chunks):.1f} vectors each; embedding takes "
        f"{together / alone:.2f} times as long as without parts ({alone:.1f} s)"
    )


def main() -> None:
    """Read the arguments and print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("questions", type=Path, help="SQuAD-format file")
    parser.add_argument("--against", type=Path, help="paragraphs to ask about")
    parser.add_argument("--half", type=Path, help="paragraphs to mix in")
    parser.add_argument("--home", type=Path, help="keep the collections in this folder")
    parser.add_argument("--sample", type=int, help="ask only so many questions")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--no-reread", action="store_true", help="leave rereading out")
    parser.add_argument("--cost", action="store_true", help="time embedding with and without parts")
    args = parser.parse_args()

    dataset = open_questions([args.questions])
    if args.against:
        dataset = with_corpus(dataset, open_questions([args.against]))
    if args.half:
        dataset = halves(dataset, open_questions([args.half]))
    chosen = sample(list(dataset.examples), args.sample, None, args.seed)
    dataset = dataclasses.replace(dataset, examples=tuple(chosen))
    settings = load_settings()
    search = load_search(settings)
    if args.no_reread:
        search = dataclasses.replace(search, reader=None)
    with tempfile.TemporaryDirectory() as scratch:
        bench = settings.model_copy(update={"home": args.home or Path(scratch)})
        measure(dataset, search, bench)
    if args.cost:
        print_cost(dataset.documents, search.plain, settings)


if __name__ == "__main__":
    main()
