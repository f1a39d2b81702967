"""A collection as LangChain's `VectorStore`: its documents in, the nearest texts out.

What is added here lies in the collection as any document does, and `plumb ask` finds and cites it
too; what `plumb ingest` read is found here, a passage at a time.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import Any, cast

import numpy as np
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.vectorstores import VectorStore

from ingest.chunk import chunk_document, embedding_text
from rag.errors import UsageError
from rag.langchain import document_of
from rag.seams import Embedder
from rag.store import Collection
from rag.types import Chunk, FloatArray, Hit, Page, Place
from rag.types import Document as Held

PREFIX = "langchain:"
"""Begins the path of a document that was added here; its id follows."""


class CollectionVectorStore(VectorStore):
    """Over an open collection and the embedder that it was made with.

    A document added under an id that is taken replaces the one before. Its text, however long, is
    cut into passages to be found by, and comes back whole. Metadata must be JSON.
    """

    def __init__(self, collection: Collection, embedder: Embedder) -> None:
        self._collection = collection
        self._embedder = embedder

    @property
    def embeddings(self) -> Embeddings | None:
        """The embedder, where it is LangChain's kind, as `rag.models.embedder` makes it."""
        return self._embedder if isinstance(self._embedder, Embeddings) else None

    def add_texts(
        self,
        texts: Iterable[str],
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        **kwargs: Any,
    ) -> list[str]:
        """Add texts; returns their ids, new ones where none are given. Raises UsageError for lists
        of different lengths and for a text that holds nothing."""
        _refuse(kwargs)
        held = list(texts)
        said = metadatas or [{} for _ in held]
        named = [key or uuid.uuid4().hex for key in ids or [""] * len(held)]
        if not len(held) == len(said) == len(named):
            raise UsageError(
                f"{len(held)} texts, {len(said)} metadata and {len(named)} ids: give one of each"
            )
        with self._collection.writing():
            for text, metadata, key in zip(held, said, named, strict=True):
                self._add(text, metadata, key)
        return named

    def _add(self, text: str, metadata: dict[str, Any], key: str) -> None:
        if not text.strip():
            raise UsageError(f"the document {key!r} holds no text: leave it out")
        try:
            data = json.dumps([key, text]).encode()
            said = json.loads(json.dumps(metadata))
        except (TypeError, ValueError) as err:
            raise UsageError(f"the metadata of {key!r} is not JSON: {err}") from None
        ident = hashlib.sha256(data).hexdigest()
        name = PurePath(str(metadata.get("source") or key)).name or key
        path = PREFIX + key
        document = Held(ident, name, path, "text/plain", (Page(1, text),), len(text.encode()))
        chunks = chunk_document(document, self._embedder, self._collection.chunking)
        vectors = self._embedder.embed_passages([embedding_text(chunk) for chunk in chunks])
        place = Place(path, name, ident, metadata=said)
        self._collection.add(document, chunks, vectors, place)

    def delete(self, ids: list[str] | None = None, **kwargs: Any) -> bool:
        """Take out what was added under these ids; others are passed over. What `plumb ingest` read
        stays. Raises UsageError without ids."""
        _refuse(kwargs)
        if ids is None:
            raise UsageError("give the ids: `plumb collections remove` deletes a whole collection")
        self._collection.forget([PREFIX + key for key in ids])
        return True

    def get_by_ids(self, ids: Sequence[str], /) -> list[Document]:
        """What was added under these ids, and passages by their chunk ids, in the order given."""
        found = (self._by_id(key) for key in dict.fromkeys(ids))
        return [document for document in found if document is not None]

    def _by_id(self, key: str) -> Document | None:
        place = self._collection.place(PREFIX + key)
        if place is not None:
            return self._whole(place)
        chunk = self._collection.chunks([key]).get(key)
        return None if chunk is None else self._passage(chunk, 1.0)

    def similarity_search(self, query: str, k: int = 4, **kwargs: Any) -> list[Document]:
        """The `k` nearest texts, the best first. Filters are not supported: UsageError."""
        return [document for document, _ in self.similarity_search_with_score(query, k, **kwargs)]

    def similarity_search_with_score(
        self, query: str, k: int = 4, **kwargs: Any
    ) -> list[tuple[Document, float]]:
        """The same with the cosine similarity of each, higher for nearer."""
        _refuse(kwargs)
        return self._nearest(self._embedder.embed_queries([query])[0], k)

    def similarity_search_by_vector(
        self, embedding: list[float], k: int = 4, **kwargs: Any
    ) -> list[Document]:
        """The `k` texts nearest to a vector of the embedder's."""
        _refuse(kwargs)
        vector = np.asarray(embedding, dtype=np.float32)
        if vector.shape != (self._collection.info.dimension,):
            raise UsageError(
                f"the vector has the shape {list(vector.shape)}; the collection's vectors have "
                f"[{self._collection.info.dimension}]"
            )
        return [document for document, _ in self._nearest(vector, k)]

    def _nearest(self, vector: FloatArray, k: int) -> list[tuple[Document, float]]:
        """Texts by their best passage; passages of one added text count once."""
        reach = 2 * k
        while True:
            found = self._collection.search_vectors(vector, reach)
            best = self._merged(found)
            if len(best) >= k or len(found) < reach:
                return best[:k]
            reach *= 2

    def _merged(self, found: Sequence[tuple[str, float]]) -> list[tuple[Document, float]]:
        chunks = self._collection.chunks([key for key, _ in found])
        added: dict[str, Place | None] = {}
        best: dict[str, tuple[Document, float]] = {}
        for key, score in found:
            if key not in chunks:
                continue
            ident = chunks[key].document_id
            if ident not in added:
                added[ident] = self._added(ident)
            place = added[ident]
            if ident in best:
                continue
            if place is not None:
                best[ident] = (self._whole(place), score)
            else:
                best[key] = (self._passage(chunks[key], score), score)
        return list(best.values())

    def _added(self, document_id: str) -> Place | None:
        places = self._collection.places(document_id)
        return next((place for place in places if place.path.startswith(PREFIX)), None)

    def _whole(self, place: Place) -> Document:
        text = self._collection.page_text(place.document_id, 1)
        key = place.path.removeprefix(PREFIX)
        return Document(page_content=text, metadata=dict(place.metadata), id=key)

    def _passage(self, chunk: Chunk, score: float) -> Document:
        names = self._collection.names([chunk.document_id])
        return document_of(Hit(chunk, names.get(chunk.document_id, ""), score))

    def _select_relevance_score_fn(self) -> Any:
        return lambda cosine: min(1.0, max(0.0, cosine))

    @classmethod
    def from_texts(
        cls,
        texts: list[str],
        embedding: Embeddings,
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        **kwargs: Any,
    ) -> CollectionVectorStore:
        """Add texts to `collection`, an open collection; `embedding` is its embedder, as
        `rag.models.embedder.load_embedder` gives it."""
        collection = kwargs.pop("collection", None)
        if not isinstance(collection, Collection) or not hasattr(embedding, "token_spans"):
            raise UsageError(
                "give `collection`, an open collection, and as `embedding` the embedder of "
                "rag.models.embedder that it was made with"
            )
        store = cls(collection, cast(Embedder, embedding))
        store.add_texts(texts, metadatas, ids=ids, **kwargs)
        return store


def _refuse(kwargs: dict[str, Any]) -> None:
    if kwargs:
        raise UsageError(f"not supported here: {', '.join(kwargs)}; leave it out")
