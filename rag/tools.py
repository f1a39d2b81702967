"""The models that answering needs beside the language model, loaded as the settings say.

Loaded once and shared by every collection, since none of them knows a collection.
"""

from __future__ import annotations

from dataclasses import dataclass

from rag.answerable import Answerability, load_answerability
from rag.config import Settings
from rag.models.embedder import load_embedder
from rag.remember import RememberingEmbedder
from rag.rerank import load_reranker
from rag.reread import load_sentence_reader
from rag.retrieve import Retriever
from rag.seams import Embedder, Reranker, SupportScorer
from rag.store import Collection
from rag.verify import load_scorer


@dataclass(frozen=True, slots=True)
class Search:
    """What finding passages needs. `embedder` is `plain` with a memory, for questions; documents
    are embedded with the latter."""

    plain: Embedder
    embedder: Embedder
    reader: Reranker | None
    reranker: Reranker | None

    def retriever(self, collection: Collection, settings: Settings) -> Retriever:
        """The retriever over one collection."""
        return Retriever(collection, self.embedder, settings.retrieval, self.reranker, self.reader)


@dataclass(frozen=True, slots=True)
class Tools:
    """What answering needs; without `answerability` nothing is refused for want of it."""

    search: Search
    scorer: SupportScorer
    answerability: Answerability | None

    def names(self, generator: str) -> dict[str, str]:
        """Role to model name, as answers record them."""
        named = {
            "generator": generator,
            "embedder": self.search.embedder.info.name,
            "scorer": self.scorer.name,
        }
        if self.answerability is not None:
            named["answerability"] = self.answerability.name
        return named


def load_search(settings: Settings) -> Search:
    """Embedder, sentence reader and reranker. Raises ModelError naming what is missing."""
    plain = load_embedder(settings)
    reader, reranker = load_sentence_reader(settings), load_reranker(settings)
    return Search(plain, RememberingEmbedder(plain), reader, reranker)


def load_tools(settings: Settings, search: Search | None = None) -> Tools:
    """All of them, over `search` if that is loaded already. Raises ModelError naming what is
    missing."""
    search = search or load_search(settings)
    scorer = load_scorer(settings, search.embedder)
    return Tools(search, scorer, load_answerability(settings, search.embedder))
