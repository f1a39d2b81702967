"""Recall and MRR of each searcher, of plain and shipped fusion, and after the cross-encoder.

    python -m benchmarks.retrieval squad xquad.zh.json
    python -m benchmarks.retrieval squad xquad.zh.json --against xquad.en.json
    python -m benchmarks.retrieval squad xquad.zh.json --half xquad.en.json
    python -m benchmarks.retrieval manuals benchmarks/manuals.jsonl FOLDER

For sets in SQuAD's format a paragraph is a document, ingested as any file is; the right one is that
which the question hangs on. `--against` asks the questions of one file about the paragraphs of
another with the same question ids, for retrieval across languages; `--half` about every second
paragraph of it and the other half of their own, for a collection in two languages. The other sets
are those of `benchmarks.sets`. "plain" is reciprocal rank fusion of one order by vectors and one by
keywords, the simplest rival; "fused" has an order for each language; "read" is what ships.
`--home` keeps the collections, so that documents are embedded once.
"""

from __future__ import annotations

import argparse
import dataclasses
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from benchmarks.sets import Case, Shelf, has_gold, open_shelves
from eval.data import open_questions, with_corpus
from eval.stats import estimate
from eval.types import Dataset, Example, Score
from ingest.pipeline import ingest
from rag.config import Settings, load_settings
from rag.retrieval import Retriever
from rag.retrieval.fusion import reciprocal_ranks
from rag.retrieval.retriever import FUSION_K
from rag.seams import Embedder
from rag.store import Collection
from rag.tools import Search, load_search

DEPTH = 20
"""Passages ranked for each question; MRR counts none below."""

Found = tuple[str, str]
"""A passage as (document, text)."""


class Searchers:
    """Every way to rank the passages of one collection, by name."""

    def __init__(self, collection: Collection, search: Search, settings: Settings) -> None:
        unread = settings.retrieval.model_copy(update={"read": 0})
        self._collection, self._embedder = collection, search.embedder
        self._count = settings.retrieval.candidates
        self._fused = Retriever(collection, search.embedder, unread)
        self._read = search.retriever(collection, settings)

    def rankings(self, question: str) -> dict[str, list[Found]]:
        """What each finds, best first, at most `DEPTH`."""
        vector = self._embedder.embed_queries([question])[0]
        near = [key for key, _ in self._collection.search_vectors(vector, self._count)]
        words = [key for key, _ in self._collection.search_keywords(question, self._count)]
        return {
            "vectors": self._texts(near),
            "keywords": self._texts(words),
            "plain": self._texts(reciprocal_ranks([near, words], FUSION_K)),
            "fused": [(h.document, h.chunk.text) for h in self._fused.retrieve(question, DEPTH)],
            "read": [(h.document, h.chunk.text) for h in self._read.retrieve(question, DEPTH)],
        }

    def _texts(self, keys: Iterable[str]) -> list[Found]:
        first = list(keys)[:DEPTH]
        chunks = self._collection.chunks(first)
        names = self._collection.names({chunk.document_id for chunk in chunks.values()})
        return [(names[chunks[k].document_id], chunks[k].text) for k in first if k in chunks]


def scores(ranking: Sequence[Found], case: Case) -> dict[str, Score]:
    """The question's share in recall@1, recall@5 and MRR."""
    rank = next((i for i, one in enumerate(ranking, start=1) if has_gold(case, [one])), None)
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


def shelf_of(dataset: Dataset, questions: int | None) -> Shelf:
    """The set's paragraphs and its answerable questions, the second half of them alone."""
    examples = [example for example in dataset.examples if example.answerable]
    second = examples[len(examples) // 2 :]
    step = max(1, len(second) // questions) if questions else 1
    cases = [_case(dataset.name, example) for example in second[::step][:questions]]
    name = dataset.name.replace("@", "-").replace("+", "-")
    return Shelf(name, dataset.documents, tuple(cases))


def _case(name: str, example: Example) -> Case:
    gold = tuple(evidence.document for evidence in example.evidence)
    return Case(example.id, name, example.language, example.question, (), None, (), True, gold)


def fill(collection: Collection, shelf: Shelf, embedder: Embedder, settings: Settings) -> None:
    """Ingest the shelf's documents as files, unless they are there."""
    if collection.documents():
        return
    if shelf.folder is not None:
        ingest([shelf.folder], collection, embedder, settings)
        return
    with tempfile.TemporaryDirectory() as folder:
        for document in shelf.documents:
            Path(folder, document.name).write_text(document.text, encoding="utf-8")
        ingest([Path(folder)], collection, embedder, settings)


def measure(shelf: Shelf, search: Search, settings: Settings) -> None:
    """Print a table of every searcher's figures by the language of the question."""
    with Collection.open(settings, shelf.name, search.embedder.info, create=True) as collection:
        fill(collection, shelf, search.plain, settings)
        searchers = Searchers(collection, search, settings)
        found: dict[str, dict[str, list[dict[str, Score]]]] = {}
        for case in shelf.cases:
            if case.gold:
                of_language = found.setdefault(case.language, {})
                for name, ranking in searchers.rankings(case.question).items():
                    of_language.setdefault(name, []).append(scores(ranking, case))
    print(f"\n{shelf.name}\n")
    print("| questions | searcher | recall@1 | recall@5 | MRR |\n|---|---|---|---|---|")
    for language, by_searcher in sorted(found.items()):
        for name, items in by_searcher.items():
            print(f"| {language} ({len(items)}) | {name} | {_row(items)} |")


def _row(items: Sequence[Mapping[str, Score]]) -> str:
    estimates = (estimate([item[metric] for item in items]) for metric in items[0])
    return " | ".join(f"{e.value:.3f} ({e.low:.3f} to {e.high:.3f})" for e in estimates)


def _shelves(args: argparse.Namespace) -> list[Shelf]:
    if args.set != "squad":
        return open_shelves(args.set, args.paths, questions=args.questions)
    dataset = open_questions([args.paths[0]])
    if args.against:
        dataset = with_corpus(dataset, open_questions([args.against]))
    if args.half:
        dataset = halves(dataset, open_questions([args.half]))
    return [shelf_of(dataset, args.questions)]


def main() -> None:
    """Read the arguments and print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("set", help="squad, manuals, mtragun or jsonl")
    parser.add_argument("paths", type=Path, nargs="+", help="as `benchmarks.sets` has them")
    parser.add_argument("--against", type=Path, help="paragraphs to ask about")
    parser.add_argument("--half", type=Path, help="paragraphs to mix in")
    parser.add_argument("--home", type=Path, help="keep the collections in this folder")
    parser.add_argument("--questions", type=int, help="ask only so many")
    args = parser.parse_args()
    settings = load_settings()
    search = load_search(settings)
    with tempfile.TemporaryDirectory() as scratch:
        bench = settings.model_copy(update={"home": args.home or Path(scratch)})
        for shelf in _shelves(args):
            measure(shelf, search, bench)


if __name__ == "__main__":
    main()
