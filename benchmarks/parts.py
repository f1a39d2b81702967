"""Whether vectors of a chunk's sentences find more than one vector of the chunk: paired.

    python -m benchmarks.parts squad xquad.en.json
    python -m benchmarks.parts squad xquad.en.json xquad.zh.json --together
    python -m benchmarks.parts manuals benchmarks/manuals.jsonl FOLDER

The arms differ in the order by vectors alone; everything else is the shipped retrieval, before the
cross-encoder ("fused") and after it ("read"):

one     a vector of the whole chunk
parts   that, and one of each sentence, pooled from the one encoding of the chunk (Günther et al.,
        "Late Chunking", arXiv:2409.04701); the similarity is the mean of the whole's and the best
        sentence's

Figures are those of the second half of each set, with 95 % intervals of the paired differences
from "one". `--together` puts the paragraphs of all files into one collection; a partner paragraph
in the other language is as right as a question's own.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.retrieval import shelf_of
from benchmarks.sets import Case, Shelf, has_gold, open_shelves
from eval.data import open_questions
from eval.stats import estimate, paired_difference
from eval.types import Score
from ingest.chunk import chunk_document, embedding_text
from ingest.files import Found, find_files
from ingest.loaders import load
from rag.config import Settings, load_settings
from rag.models.bert import PlainBert
from rag.models.embedder import SentenceEmbedder
from rag.retrieval import Retriever
from rag.retrieval.retriever import read_again
from rag.store import Collection
from rag.text import detect_language
from rag.text.sentences import sentence_spans
from rag.tools import Search, load_search
from rag.types import Chunk, FloatArray, Hit, Language, Span

DEPTHS = (1, 5, 10)
BLOCK = 64
"""Chunks whose vectors are kept together."""
LEAST_TOKENS = 16
"""Sentences are joined up to this length."""
READS = (
    "how many questions the cross-encoder reads, evenly taken (default: all); 0: those where the "
    "right passage has different places in the arms, the others counting as no difference"
)
Arms = dict[str, tuple[FloatArray, Sequence[FloatArray]]]
"""By arm: vectors of the chunks, shape [chunks, d], and of each one's parts, shape [parts, d]."""


class Shown:
    """A collection whose search by vectors is that of one arm; all else is its own."""

    def __init__(self, collection: Collection, chunks: Sequence[Chunk]) -> None:
        self._collection = collection
        self._ids = [chunk.chunk_id for chunk in chunks]
        self._languages = np.array([detect_language(chunk.text) for chunk in chunks])
        self._wholes: FloatArray = np.zeros((0, 0), dtype=np.float32)
        # The same for every arm, and asked of each in turn.
        self.search_keywords = cache(collection.search_keywords)
        self._terms = cache(lambda terms, k: collection.search_terms(terms, k))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._collection, name)

    def show(self, wholes: FloatArray, parts: Sequence[FloatArray]) -> None:
        """Search by these from now on."""
        self._wholes = wholes
        counts = [len(of_chunk) for of_chunk in parts]
        self._owner = np.repeat(np.arange(len(parts)), counts)
        self._flat = np.concatenate([p for p in parts if len(p)]) if any(counts) else None

    def search_terms(self, terms: Sequence[str], k: int, within: Any = None) -> Any:
        """As `Collection.search_terms`."""
        return self._terms(tuple(terms), k)

    def search_vectors(
        self, vector: FloatArray, k: int, language: Language | None = None, within: Any = None
    ) -> list[tuple[str, float]]:
        """As `Collection.search_vectors`, all compared."""
        scores = self._wholes @ vector
        if self._flat is not None:
            best = np.full(len(scores), -np.inf, dtype=np.float32)
            np.maximum.at(best, self._owner, self._flat @ vector)
            scores = (scores + np.where(np.isinf(best), scores, best)) / 2
        if language is not None:
            scores = np.where(self._languages == language, scores, -np.inf)
        order = np.argsort(-scores, kind="stable")[:k]
        return [(self._ids[i], float(scores[i])) for i in order if np.isfinite(scores[i])]


class _Asked:
    """An embedder that embeds each question once."""

    def __init__(self, embedder: SentenceEmbedder) -> None:
        self._embedder = embedder
        self._known = cache(lambda question: embedder.embed_queries([question]))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._embedder, name)

    def embed_queries(self, texts: Sequence[str]) -> FloatArray:
        """As `Embedder.embed_queries` of one."""
        vectors: FloatArray = self._known(texts[0])
        return vectors


def part_spans(text: str, embedder: SentenceEmbedder) -> list[Span]:
    """Sentences, short ones joined with the next; empty if that leaves only one."""
    starts = [start for start, _ in embedder.token_spans(text)]
    spans: list[Span] = []
    open_at: int | None = None
    for start, end in sentence_spans(text):
        open_at = start if open_at is None else open_at
        if bisect_left(starts, end) - bisect_left(starts, open_at) >= LEAST_TOKENS:
            spans.append((open_at, end))
            open_at = None
    if open_at is not None:
        spans.append((open_at, len(text.rstrip())))
    return spans if len(spans) > 1 else []


def embed(chunks: Sequence[Chunk], embedder: SentenceEmbedder, memory: Path | None) -> Arms:
    """The vectors of every arm; those of a block of chunks are kept in the folder `memory`."""
    wholes, parts = [], []
    for first in range(0, len(chunks), BLOCK):
        block = chunks[first : first + BLOCK]
        name = hashlib.sha256("".join(chunk.chunk_id for chunk in block).encode()).hexdigest()
        kept = None if memory is None else memory / f"{name[:16]}.npz"
        if kept is None or not kept.exists():
            found = _embed_block(block, embedder)
            if kept is not None:
                np.savez(kept, *found)
        else:
            with np.load(kept) as held:
                found = [held[key] for key in held]
        whole, flat, counts = found
        ends = np.cumsum(counts.astype(int))[:-1]
        wholes.append(whole)
        parts += np.split(flat, ends)
    stacked = np.concatenate(wholes)
    nothing = [stacked[:0]] * len(chunks)
    return {"one": (stacked, nothing), "parts": (stacked, parts)}


def _embed_block(chunks: Sequence[Chunk], embedder: SentenceEmbedder) -> list[FloatArray]:
    """Vectors of the chunks, of all their parts by both ways, and the parts' number by chunk."""
    spans = [part_spans(chunk.text, embedder) for chunk in chunks]
    wholes, parts = _pooled(chunks, spans, embedder)
    counts = np.array([len(of_chunk) for of_chunk in spans], dtype=np.float32)
    return [wholes, parts, counts]


def _pooled(
    chunks: Sequence[Chunk], spans: Sequence[Sequence[Span]], embedder: SentenceEmbedder
) -> tuple[FloatArray, FloatArray]:
    """The mean of all tokens of each chunk, and of those of each of its spans, out of one encoding.

    A span without a token of its own has the chunk's."""
    inner: Any = embedder  # the model below gives the tokens' vectors, which no seam does
    model, prompt = inner._model, inner._prompts.passage
    assert isinstance(model, PlainBert), "pooling wants the tokens of a plain BERT"
    wholes, late = [], []
    for first in range(0, len(chunks), 16):
        some = chunks[first : first + 16]
        texts = [prompt + embedding_text(chunk) for chunk in some]
        encoded = model.tokenizer.encode_batch(texts)
        held = [min(len(one.ids), model.max_seq_length) for one in encoded]
        ids = np.zeros((len(some), max(held)), dtype=np.int64)
        for row, one, length in zip(ids, encoded, held, strict=True):
            row[:length] = one.ids[:length]
        mask = np.arange(ids.shape[1]) < np.array(held)[:, None]
        with torch.inference_mode():
            found = model._states(torch.from_numpy(ids), torch.from_numpy(mask)).float().numpy()
        for i, chunk in enumerate(some):
            states = found[i, : held[i]]
            shift = len(texts[i]) - len(chunk.text)
            starts = np.array([a for a, _ in encoded[i].offsets])[: held[i]]
            starts[[0, -1]] = -1  # special tokens
            wholes.append(states.mean(axis=0))
            for a, b in spans[first + i]:
                inside = (starts >= a + shift) & (starts < b + shift)
                late.append(states[inside if inside.any() else slice(None)].mean(axis=0))
    return _unit(np.array(wholes)), _unit(np.array(late).reshape(-1, embedder.info.dimension))


def _unit(vectors: FloatArray) -> FloatArray:
    unit: FloatArray = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return unit


def fill(collection: Collection, shelf: Shelf, embedder: SentenceEmbedder) -> None:
    """Take in the shelf's documents; their vectors come from the arms."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = shelf.folder or Path(scratch)
        for document in shelf.documents:
            (folder / document.name).write_text(document.text, encoding="utf-8")
        with collection.writing():
            for found in find_files([folder]):
                if isinstance(found, Found):
                    document_read = load(found.path)
                    chunks = chunk_document(document_read, embedder, collection.chunking)
                    nothing = np.zeros((len(chunks), embedder.info.dimension), dtype=np.float32)
                    collection.add(document_read, chunks, nothing)


def measure(
    shelf: Shelf, search: Search, settings: Settings, reads: int | None, memory: Path | None
) -> None:
    """Print the tables of one shelf."""
    embedder = search.plain
    assert isinstance(embedder, SentenceEmbedder)
    with Collection.open(settings, "parts", embedder.info, create=True) as collection:
        fill(collection, shelf, embedder)
        chunks = [
            c for d in collection.documents() for c in collection.document_chunks(d.document_id)
        ]
        arms = embed(chunks, embedder, memory)
        shown: Any = Shown(collection, chunks)
        asked: Any = _Asked(embedder)
        unread = settings.retrieval.model_copy(update={"read": 0})
        retriever = Retriever(shown, asked, unread)
        found: dict[tuple[str, str], list[dict[int, Score]]] = {}
        cases = [case for case in shelf.cases if case.gold]
        step = max(1, len(cases) // reads) if reads else 1
        for number, case in enumerate(cases):
            ranked: dict[str, list[Hit]] = {}
            for arm, vectors in arms.items():
                shown.show(*vectors)
                ranked[arm] = retriever.retrieve(case.question, max(DEPTHS))
                found.setdefault(("fused", arm), []).append(_scores(ranked[arm], case))
            if search.reranker is None or (reads is not None and number % step):
                continue
            # Where all arms have the right passage in one place, reading changes it alike.
            differ = len({_place(hits, case) for hits in ranked.values()}) > 1
            if reads == 0 and not differ:
                ranked = dict.fromkeys(ranked, ranked["one"])
            for arm, hits in ranked.items():
                if reads != 0 or differ:
                    hits = read_again(case.question, hits, search.reranker, max(DEPTHS))
                found.setdefault(("read", arm), []).append(_scores(hits, case))
    each = {arm: sum(map(len, parts)) / len(chunks) + 1 for arm, (_, parts) in arms.items()}
    print(f"\n{shelf.name}: {len(chunks)} chunks, {each['parts']:.1f} vectors each with parts\n")
    for line in _table(found):
        print(line, flush=True)


def _place(hits: Sequence[Hit], case: Case) -> int:
    """The 0-based place of the first right passage, or their number if there is none."""
    right = [bool(has_gold(case, [(hit.document, hit.chunk.text)])) for hit in hits]
    return right.index(True) if any(right) else len(right)


def _scores(hits: Sequence[Hit], case: Case) -> dict[int, Score]:
    right = [bool(has_gold(case, [(hit.document, hit.chunk.text)])) for hit in hits]
    return {depth: Score(float(any(right[:depth]))) for depth in DEPTHS}


def _table(found: dict[tuple[str, str], list[dict[int, Score]]]) -> Iterator[str]:
    yield "| stage | vectors | questions | " + " | ".join(f"recall@{d}" for d in DEPTHS) + " |"
    yield "|---|---|---|" + "---|" * len(DEPTHS)
    for (stage, arm), rows in found.items():
        cells = []
        for depth in DEPTHS:
            items = [row[depth] for row in rows]
            cell = f"{estimate(items).value:.3f}"
            if arm != "one":
                gain = paired_difference([r[depth] for r in found[stage, "one"]], items)
                cell += f" ({gain.value:+.3f}, {gain.low:+.3f} to {gain.high:+.3f})"
            cells.append(cell)
        yield f"| {stage} | {arm} | {len(rows)} | " + " | ".join(cells) + " |"


def _shelves(args: argparse.Namespace) -> list[Shelf]:
    if args.set != "squad":
        return open_shelves(args.set, args.paths, questions=args.questions)
    shelves = [shelf_of(open_questions([path]), args.questions) for path in args.paths]
    return [_joined(shelves)] if args.together else shelves


def _joined(shelves: Sequence[Shelf]) -> Shelf:
    """All documents on one shelf. A question's partners are those of the same place in each set."""
    places = [[document.name for document in shelf.documents] for shelf in shelves]
    cases = []
    for own, shelf in zip(places, shelves, strict=True):
        for case in shelf.cases:
            place = own.index(case.gold[0])
            gold = tuple(names[place] for names in places)
            fields = (case.id, case.set, case.language, case.question, (), None, (), True, gold)
            cases.append(Case(*fields))
    documents = tuple(document for shelf in shelves for document in shelf.documents)
    return Shelf("together", documents, tuple(cases))


def main() -> None:
    """Read the arguments and print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("set", help="squad, manuals or mtragun")
    parser.add_argument("paths", type=Path, nargs="+", help="as `benchmarks.sets` has them")
    parser.add_argument("--together", action="store_true", help="all files in one collection")
    parser.add_argument("--questions", type=int, help="ask only so many of each file")
    parser.add_argument("--reads", type=int, help=READS)
    parser.add_argument("--memory", type=Path, help="keep vectors in this folder")
    args = parser.parse_args()
    settings = load_settings()
    search = load_search(settings)
    for shelf in _shelves(args):
        with tempfile.TemporaryDirectory() as home:
            measure(
                shelf,
                search,
                settings.model_copy(update={"home": Path(home)}),
                args.reads,
                args.memory,
            )


if __name__ == "__main__":
    main()
