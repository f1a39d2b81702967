"""A question -> the passages that may hold its answer, best first.

Vectors and keywords each bring an order, for every language of the collection; the orders are
merged by reciprocal rank. The first passages are read by the cross-encoder, and its order is merged
with theirs in the same way. Passages that only repeat a better one are left out. Knows nothing of
prompts or answers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath

from rag.config import RetrievalSettings
from rag.errors import CollectionError
from rag.retrieval.fusion import Key, distinct, reciprocal_ranks
from rag.seams import Embedder, Reranker
from rag.store import Collection, Where
from rag.text import detect_language
from rag.text.dictionary import query_terms
from rag.text.language import CJK, fold_width, simplify
from rag.types import Chunk, Hit

_WORD = re.compile(rf"[{CJK}]|[^\W_{CJK}]+")
FUSION_K = 60.0
"""The constant of the paper."""
READ_K = 5.0
"""The same for two orders of a few passages: the first places count for more."""


class Retriever:
    """Finds passages of one collection; the embedder must be the collection's own. `reader` is the
    cross-encoder that reads the first passages, None to leave them in the fused order."""

    def __init__(
        self,
        collection: Collection,
        embedder: Embedder,
        settings: RetrievalSettings,
        reader: Reranker | None = None,
        where: Where | None = None,
    ) -> None:
        self._collection = collection
        self._embedder = embedder
        self._settings = settings
        self._reader = reader
        self._where = where

    def narrowed(self, where: Where) -> Retriever:
        """The same retriever over the documents that the filter means."""
        return Retriever(self._collection, self._embedder, self._settings, self._reader, where)

    def retrieve(self, question: str, k: int | None = None) -> list[Hit]:
        """The `k` (default: the settings') best passages; none from an empty collection. With a
        filter, the best of the documents that it means; raises CollectionError if it means none.

        `Hit.ranks` has the 1-based places by each searcher that found it ("vectors", "keywords"),
        after fusing ("fused") and by the cross-encoder ("read"); `Hit.scores` what they gave.
        """
        k = self._settings.k if k is None else k
        hits = self._candidates(question, max(k, self._settings.candidates))
        hits = _without_repeats(hits, max(k, self._settings.read))
        if self._reader is not None and self._settings.read and len(hits) > 1:
            hits = read_again(question, hits, self._reader, self._settings.read)
        return self._named(hits[:k])

    def _named(self, hits: Sequence[Hit]) -> list[Hit]:
        """The hits with what their pages are called."""
        names = self._collection.page_names([hit.chunk for hit in hits])
        return [
            replace(hit, unit=unit, label=label)
            for hit in hits
            for unit, label in (names[hit.chunk.chunk_id],)
        ]

    def _candidates(self, question: str, count: int) -> list[Hit]:
        found = self._searched(question, count)
        orders = {name: list(scores) for name, scores in found.items()}
        fused = reciprocal_ranks(orders.values(), FUSION_K)
        chunks = self._collection.chunks(list(fused))
        names = self._collection.names({chunk.document_id for chunk in chunks.values()})
        ranks = {name: _places(order) for name, order in orders.items()}
        ranks["fused"] = _places([key for key in fused if key in chunks])
        return [
            _hit(chunks[key], names, score, ranks, found)
            for key, score in fused.items()
            if key in chunks
        ]

    def _searched(self, question: str, count: int) -> dict[str, dict[str, float]]:
        """Chunk id to score, best first, by searcher and, for other languages than the question's,
        by language: an embedder puts texts of one language near each other whatever they say, and
        no word is shared across languages but by a dictionary."""
        vector = self._embedder.embed_queries([question])[0]
        own = detect_language(question)
        within = self._within()
        shelf = self._collection
        found = {"vectors": {}, "keywords": dict(shelf.search_keywords(question, count, within))}
        for language in shelf.languages():
            near = dict(shelf.search_vectors(vector, count, language, within))
            if language == own:
                found["vectors"] = near
                continue
            found[f"vectors {language}"] = near
            terms = query_terms(question, language)
            found[f"keywords {language}"] = dict(shelf.search_terms(terms, count, within))
        return found

    def _within(self) -> frozenset[str] | None:
        """The ids of the documents to search in; None for all."""
        if self._where is None:
            return None
        within = self._collection.matching(self._where)
        if not within:
            fields = "; ".join(
                f"{name}: {', '.join(map(str, values[:5]))}{', ...' if len(values) > 5 else ''}"
                for name, values in self._collection.fields().items()
            )
            raise CollectionError(
                f"no document of the collection {self._collection.name!r} has {self._where}; its "
                f"documents have {fields or 'no fields'}"
            )
        return within


def read_again(question: str, hits: Sequence[Hit], reader: Reranker, count: int) -> list[Hit]:
    """The first `count` hits by the merged order of the searchers and the cross-encoder; the others
    stay below them. `Hit.score` becomes the merged one."""
    first, rest = list(hits[:count]), list(hits[count:])
    logits = reader.scores(question, [in_document(hit, hit.chunk.text) for hit in first])
    by_reader = sorted(range(len(first)), key=lambda i: -float(logits[i]))
    places = _places(by_reader)
    merged = reciprocal_ranks([list(range(len(first))), by_reader], READ_K)
    read = [
        replace(
            first[i],
            score=score,
            ranks={**first[i].ranks, "read": places[i]},
            scores={**first[i].scores, "read": float(logits[i])},
        )
        for i, score in merged.items()
    ]
    least = read[-1].score
    return [*read, *(replace(h, score=least / (i + 1)) for i, h in enumerate(rest, start=1))]


def in_document(hit: Hit, text: str) -> str:
    """`text`, a part of the hit, under its file's name and its headings, which often hold the very
    subject or year that it leaves out."""
    name = PurePath(hit.document)
    above = [name.stem if name.suffix else "", hit.chunk.heading]
    return ": ".join([*filter(None, above), text])


def _hit(
    chunk: Chunk,
    names: Mapping[str, str],
    score: float,
    ranks: Mapping[str, Mapping[str, int]],
    scores: Mapping[str, Mapping[str, float]],
) -> Hit:
    key = chunk.chunk_id
    return Hit(
        chunk=chunk,
        document=names.get(chunk.document_id, ""),
        score=score,
        ranks={name: places[key] for name, places in ranks.items() if key in places},
        scores={name: by_key[key] for name, by_key in scores.items() if key in by_key},
    )


def _places(order: Sequence[Key]) -> dict[Key, int]:
    return {key: rank for rank, key in enumerate(order, start=1)}


def _without_repeats(hits: Sequence[Hit], k: int) -> list[Hit]:
    """The first `k` that do not merely repeat a better one; a stemmer tells nothing more here, and
    takes fifteen times as long."""
    words = (_WORD.findall(simplify(fold_width(hit.chunk.text))) for hit in hits)
    return [hits[index] for index in distinct(words, k)]
