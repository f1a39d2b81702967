"""A question -> the passages that may hold its answer.

Vectors and keywords each bring candidates, from every language of the collection; all are scored
by both and fused (`rag.fusion`), those in the other language by the question's words as a
dictionary translates them. Passages that only repeat a better one are left out, and the best are
read again (`rag.reread`, or a cross-encoder that the settings name). Knows nothing of prompts or
answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from rag.config import RetrievalSettings
from rag.dictionary import query_terms
from rag.fusion import distinct, fuse, standardised_similarities
from rag.reread import REREAD, reread
from rag.seams import Embedder, Reranker
from rag.store import Collection
from rag.text import detect_language, keyword_terms
from rag.types import Chunk, Hit

_RERANKED = 30
"""Hits that a cross-encoder reads; the answer is hardly ever further down."""


class Retriever:
    """Finds passages of one collection. The embedder must be the collection's own."""

    def __init__(
        self,
        collection: Collection,
        embedder: Embedder,
        settings: RetrievalSettings,
        reranker: Reranker | None = None,
        reader: Reranker | None = None,
    ) -> None:
        self._collection = collection
        self._embedder = embedder
        self._settings = settings
        self._reranker = reranker
        self._reader = reader

    def retrieve(self, question: str, k: int | None = None) -> list[Hit]:
        """The `k` (default: the settings') best passages, best first; none from an empty
        collection.

        `Hit.scores["vectors"]` is the similarity, `Hit.scores["keywords"]` BM25 for passages that
        share words with the question, `Hit.scores["translated"]` BM25 of its words' translations
        for those in another language; `Hit.score` is the fused score or, where a reranker or a
        reader is set, theirs. `Hit.ranks` has the 1-based places by "vectors", "keywords",
        "translated" and "fused", before anything is reread.
        """
        k = self._settings.k if k is None else k
        hits = self._candidates(question, max(k, self._settings.candidates))
        if self._reranker is not None and hits:
            hits = _reranked(self._reranker, question, hits[: max(k, _RERANKED)])
        hits = _without_repeats(hits, max(k, REREAD))
        if self._reader is not None and self._reranker is None:
            hits = reread(question, hits, self._embedder, self._reader)
        return hits[:k]

    def _candidates(self, question: str, count: int) -> list[Hit]:
        """All that either search brings, fused, best first."""
        vector = self._embedder.embed_queries([question])[0]
        background = self._collection.background(vector)
        keywords = dict(self._collection.search_keywords(question, count))
        asked_in = detect_language(question)
        translated = {
            key: score
            for language in background
            if language != asked_in
            for key, score in self._collection.search_terms(query_terms(question, language), count)
        }
        found = {*keywords, *translated}
        for language in background:
            found.update(key for key, _ in self._collection.search_vectors(vector, count, language))
        chunks = self._collection.chunks(sorted(found))
        similarities = self._collection.similarities(vector, list(chunks))
        keywords = {key: score for key, score in keywords.items() if key in similarities}
        languages = {key: detect_language(chunks[key].text) for key in similarities}
        fused = fuse(similarities, keywords, languages, asked_in, background, translated)
        near = standardised_similarities(similarities, languages, background)
        scores = {"vectors": similarities, "keywords": keywords, "translated": translated}
        ranks = {name: _ranks(by_key) for name, by_key in scores.items()}
        ranks |= {"vectors": _ranks(near), "fused": _ranks(fused)}
        names = self._collection.names({chunk.document_id for chunk in chunks.values()})
        return [
            _hit(chunks[key], names, fused[key], ranks, scores)
            for key in sorted(fused, key=lambda key: -fused[key])
        ]


def _hit(
    chunk: Chunk,
    names: Mapping[str, str],
    score: float,
    ranks: Mapping[str, Mapping[str, int]],
    scores: Mapping[str, Mapping[str, float]],
) -> Hit:
    """A hit with what each searcher says of it; one that did not find it says nothing."""
    key = chunk.chunk_id
    return Hit(
        chunk=chunk,
        document=names.get(chunk.document_id, ""),
        score=score,
        ranks={name: by_key[key] for name, by_key in ranks.items() if key in by_key},
        scores={name: by_key[key] for name, by_key in scores.items() if key in by_key},
    )


def _ranks(scores: Mapping[str, float]) -> dict[str, int]:
    """1-based ranks, the highest score first."""
    ordered = sorted(scores, key=lambda key: -scores[key])
    return {key: rank for rank, key in enumerate(ordered, start=1)}


def _reranked(reranker: Reranker, question: str, hits: Sequence[Hit]) -> list[Hit]:
    """The hits by the cross-encoder's score, which becomes theirs."""
    scores = reranker.scores(question, [hit.chunk.text for hit in hits])
    judged = [replace(hit, score=float(score)) for hit, score in zip(hits, scores, strict=True)]
    return sorted(judged, key=lambda hit: -hit.score)


def _without_repeats(hits: Sequence[Hit], k: int) -> list[Hit]:
    """The first `k` that do not merely repeat a better one."""
    terms = (keyword_terms(hit.chunk.text) for hit in hits)
    return [hits[index] for index in distinct(terms, k)]
