"""The models that answering needs beside the language model, loaded once from the settings."""

from __future__ import annotations

from dataclasses import dataclass

from rag.checking import load_scorer
from rag.config import Settings
from rag.models.embedder import load_embedder
from rag.models.moderation import load_classifier
from rag.models.reader import AnswerReader, open_pairs
from rag.models.remember import RememberingEmbedder
from rag.models.rerank import load_reranker
from rag.retrieval import Retriever
from rag.seams import Embedder, Moderator, Reranker, SupportScorer
from rag.store import Collection


@dataclass(frozen=True, slots=True)
class Search:
    """What finding and choosing need. `plain` is the embedder itself, for ingestion, `embedder`
    the same with a memory; `reader` is the trained cross-encoder, None without its base weights;
    `reranker` reads the first hits: the same, unless the settings name another or none."""

    plain: Embedder
    embedder: Embedder
    reader: Reranker | None
    reranker: Reranker | None

    def retriever(self, collection: Collection, settings: Settings) -> Retriever:
        """The retriever over `collection`."""
        return Retriever(collection, self.embedder, settings.retrieval, self.reranker)


@dataclass(frozen=True, slots=True)
class Tools:
    """All that answering needs but the language model."""

    search: Search
    scorer: SupportScorer
    moderator: Moderator | None = None

    def names(self, generator: str) -> dict[str, str]:
        """Role to model name, as answers record them."""
        return {
            "generator": generator,
            "embedder": self.search.embedder.info.name,
            "scorer": self.scorer.name,
        }


def load_search(settings: Settings) -> Search:
    """Embedder and cross-encoders. Raises ModelError naming what is missing."""
    plain = load_embedder(settings)
    pairs = open_pairs(settings)
    reader = None if pairs is None else AnswerReader(pairs)
    reranker = load_reranker(settings) or (reader if settings.retrieval.read else None)
    return Search(plain, RememberingEmbedder(plain), reader, reranker)


def load_tools(settings: Settings, search: Search | None = None) -> Tools:
    """All of them, over `search` if that is loaded already. Raises ModelError naming what is
    missing."""
    search = search or load_search(settings)
    return Tools(search, load_scorer(settings, search.embedder), load_classifier(settings))
