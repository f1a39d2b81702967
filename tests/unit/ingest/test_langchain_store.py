"""The collection as a vector store: LangChain's standard suite, and what it does not ask."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_tests.integration_tests import VectorStoreIntegrationTests

from ingest.langchain_store import CollectionVectorStore
from ingest.pipeline import ingest
from rag.config import Settings
from rag.errors import UsageError
from rag.store import Collection
from tests.fakes import FakeEmbedder

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def settings() -> Iterator[Settings]:
    # In memory where the system has a file system there: each of some fifty tests commits, and a
    # commit waits for the disk.
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as home:
        yield Settings(home=Path(home))


@pytest.fixture
def collection(settings: Settings, embedder: FakeEmbedder) -> Iterator[Collection]:
    with Collection.open(settings, "default", embedder.info, create=True) as collection:
        yield collection


@pytest.fixture
def store(collection: Collection, embedder: FakeEmbedder) -> CollectionVectorStore:
    return CollectionVectorStore(collection, embedder)


class TestStandard(VectorStoreIntegrationTests):
    @pytest.fixture
    def vectorstore(self, store: CollectionVectorStore) -> CollectionVectorStore:
        return store


def test_a_long_text_is_found_by_any_part_and_comes_back_whole(
    store: CollectionVectorStore,
) -> None:
    filler = "The canteen opens at noon and closes at two. " * 60
    text = f"{filler}The spare key lies with the porter. {filler}"
    (key,) = store.add_texts([text])
    (found, *rest) = store.similarity_search("Who has the spare key? The porter?", k=5)
    assert (found.id, found.page_content) == (key, text)
    assert rest == []


def test_what_was_ingested_is_found_a_passage_at_a_time(
    store: CollectionVectorStore,
    collection: Collection,
    settings: Settings,
    embedder: FakeEmbedder,
    tmp_path: Path,
) -> None:
    path = tmp_path / "leave.md"
    path.write_text("Annual leave is 30 days a year.", encoding="utf-8")
    ingest([path], collection, embedder, settings)
    store.add_texts(["The canteen opens at noon."], [{"source": "a/canteen.md", "tags": ["x"]}])
    leave, canteen = store.similarity_search("annual leave days", k=2)
    assert (leave.metadata["document"], leave.metadata["page"]) == ("leave.md", 1)
    assert canteen.metadata == {"source": "a/canteen.md", "tags": ["x"]}
    assert leave.id is not None
    (again,) = store.get_by_ids([leave.id])
    assert again.page_content == leave.page_content
    store.delete([leave.id])
    assert {info.name for info in collection.documents()} == {"leave.md", "canteen.md"}


def test_the_same_text_may_stand_under_two_ids(store: CollectionVectorStore) -> None:
    store.add_texts(["Ask Anna."] * 2, [{"n": 1}, {"n": 2}], ids=["a", "b"])
    found = store.similarity_search("Ask Anna.", k=4)
    assert sorted((d.id, d.metadata["n"]) for d in found) == [("a", 1), ("b", 2)]
    store.delete(["a"])
    assert [d.id for d in store.similarity_search("Ask Anna.", k=4)] == ["b"]


def test_metadata_alone_may_change(store: CollectionVectorStore) -> None:
    for year in (2025, 2026):
        store.add_documents([Document("Ask Anna.", metadata={"year": year}, id="a")])
    (found,) = store.similarity_search("Anna", k=4)
    assert found.metadata == {"year": 2026}


def test_scores_fall_and_relevance_is_a_share(store: CollectionVectorStore) -> None:
    store.add_texts(["annual leave", "annual report", "canteen"])
    scored = store.similarity_search_with_score("annual leave", k=3)
    assert [d.page_content for d, _ in scored][:2] == ["annual leave", "annual report"]
    scores = [score for _, score in scored]
    assert scores == sorted(scores, reverse=True)
    relevant = store.similarity_search_with_relevance_scores("annual leave", score_threshold=0.4)
    assert all(0.4 <= score <= 1.0 for _, score in relevant)


def test_a_vector_of_the_embedder_is_searched_for(
    store: CollectionVectorStore, embedder: FakeEmbedder
) -> None:
    store.add_texts(["annual leave", "canteen"])
    vector = embedder.embed_queries(["canteen"])[0].tolist()
    (found,) = store.similarity_search_by_vector(vector, k=1)
    assert found.page_content == "canteen"
    with pytest.raises(UsageError, match="64"):
        store.similarity_search_by_vector([1.0, 2.0])


def test_it_serves_as_a_retriever(store: CollectionVectorStore) -> None:
    store.add_texts(["annual leave", "canteen"])
    (found,) = store.as_retriever(search_kwargs={"k": 1}).invoke("annual leave")
    assert found.page_content == "annual leave"


class EmbedderOfLangChain(FakeEmbedder, Embeddings):
    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        vectors: list[list[float]] = self.embed_passages(texts).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]


def test_it_is_made_from_documents(collection: Collection) -> None:
    embedder = EmbedderOfLangChain()
    documents = [Document("annual leave", id="a"), Document("canteen")]
    store = CollectionVectorStore.from_documents(documents, embedder, collection=collection)
    assert store.embeddings is embedder
    assert store.similarity_search("canteen", k=1)[0].page_content == "canteen"
    assert [d.page_content for d in store.get_by_ids(["a"])] == ["annual leave"]
    with pytest.raises(UsageError, match="collection"):
        CollectionVectorStore.from_documents(documents, embedder)


@pytest.mark.parametrize(
    ("texts", "metadatas", "said"),
    [
        (["a", " "], None, "no text"),
        (["a"], [{"x": object()}], "not JSON"),
        (["a", "b"], [{}], "2 texts, 1 metadata"),
    ],
)
def test_what_cannot_be_added_is_named(
    store: CollectionVectorStore,
    texts: list[str],
    metadatas: list[dict[str, object]] | None,
    said: str,
) -> None:
    with pytest.raises(UsageError, match=said):
        store.add_texts(texts, metadatas)


def test_what_is_not_supported_is_said(store: CollectionVectorStore) -> None:
    with pytest.raises(UsageError, match="filter"):
        store.similarity_search("x", filter={"a": 1})
    with pytest.raises(UsageError, match="ids"):
        store.delete()
