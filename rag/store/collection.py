"""A collection: documents in, passages out; whatever engine keeps it.

`Collection.open` takes the engine that the settings choose: `rag.store.embedded` (SQLite and an
index beside it) or `rag.store.remote` (PostgreSQL and Milvus). Knows nothing of either.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Self

from rag.config import ChunkingSettings, Settings
from rag.errors import CollectionError
from rag.store.where import Where
from rag.text import keyword_terms
from rag.types import (
    Change,
    Chunk,
    Document,
    DocumentInfo,
    EmbedderInfo,
    FloatArray,
    Language,
    Page,
    Place,
    Unit,
)

if TYPE_CHECKING:
    from rag.store.whole import Whole


class Collection(ABC):
    """An open collection. Use `Collection.open`, and close it or use it in a `with`.

    Methods may be called from any thread. Reads never wait for a writer. Writes raise
    CollectionBusy while someone else writes; hold `writing()` around many of them. Any method may
    raise CollectionError; StoreUnavailable where it may help to try again. `folder` is where files
    of the collection lie on this machine, its uploads at least.
    """

    name: str
    folder: Path

    @classmethod
    def open(
        cls,
        settings: Settings,
        name: str,
        embedder_info: EmbedderInfo | None = None,
        *,
        create: bool = False,
    ) -> Collection:
        """Open the collection `name`; with `create`, make it for that embedder if need be.

        Raises CollectionError if it does not exist, is damaged, was made by a newer Plumbline, or
        holds another embedder's vectors than `embedder_info`'s (None: whichever).
        """
        if settings.store.is_remote:
            from rag.store.remote import open_remote

            return open_remote(settings, name, embedder_info, create=create)
        from rag.store.embedded import EmbeddedCollection

        return EmbeddedCollection.open(settings, name, embedder_info, create=create)

    @abstractmethod
    def close(self) -> None:
        """Let go of files and connections. The collection cannot be used afterwards."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    @abstractmethod
    def info(self) -> EmbedderInfo:
        """The embedder whose vectors it holds."""

    @property
    @abstractmethod
    def chunking(self) -> ChunkingSettings:
        """The chunk sizes that it was made with."""

    @property
    @abstractmethod
    def generation(self) -> int:
        """Grows by one with every change."""

    # What it holds

    @abstractmethod
    def state(self, path: str) -> DocumentInfo | None:
        """What was last read from `path`."""

    @abstractmethod
    def places(self, document_id: str | None = None) -> list[Place]:
        """All places from which documents were read, by path; or those of one document."""

    @abstractmethod
    def place(self, path: str) -> Place | None:
        """What was last read from `path`, and when."""

    @abstractmethod
    def by_id(self, document_id: str) -> DocumentInfo | None:
        """The document with that id."""

    @abstractmethod
    def documents(self) -> list[DocumentInfo]:
        """All documents by name."""

    @abstractmethod
    def names(self, document_ids: Iterable[str]) -> dict[str, str]:
        """The file names of those of the documents that are there, by id."""

    def paths(self, document_id: str) -> list[str]:
        """All paths from which the document was read."""
        return [place.path for place in self.places(document_id)]

    @abstractmethod
    def page(self, document_id: str, number: int) -> Page:
        """A page (1-based) with its text and headings. Raises CollectionError if there is none."""

    @abstractmethod
    def page_names(self, chunks: Iterable[Chunk]) -> dict[str, tuple[Unit, str]]:
        """What the pages of the chunks are called, by the chunks' ids: unit and label."""

    def page_text(self, document_id: str, page: int) -> str:
        """The text of a page (1-based), as `page` gives it."""
        return self.page(document_id, page).text

    def chunk(self, chunk_id: str) -> Chunk:
        """One chunk. Raises CollectionError if it is not there (any more)."""
        found = self.chunks([chunk_id])
        if not found:
            raise CollectionError(f"collection {self.name!r} has no chunk {chunk_id}")
        return found[chunk_id]

    @abstractmethod
    def chunks(self, chunk_ids: Sequence[str]) -> dict[str, Chunk]:
        """Those of the chunks that are there, by id."""

    @abstractmethod
    def document_chunks(self, document_id: str) -> list[Chunk]:
        """All chunks of a document in order."""

    @abstractmethod
    def neighbours(self, chunk: Chunk) -> tuple[Chunk | None, Chunk | None]:
        """The chunks before and after this one in its document."""

    @abstractmethod
    def languages(self) -> list[Language]:
        """The languages of its chunks."""

    @abstractmethod
    def matching(self, where: Where) -> frozenset[str]:
        """The ids of the documents that the filter means."""

    @abstractmethod
    def fields(self) -> dict[str, list[object]]:
        """What there is to filter by: the fields that are said of documents, each with its values,
        sorted as text."""

    @abstractmethod
    def unsaid(self, lines: Iterable[str]) -> list[str]:
        """Those of the lines that no page holds."""

    @abstractmethod
    def upload_path(self, name: str) -> Path:
        """The path by which an uploaded file of that name is known, the same for every instance:
        the same name uploaded again takes its place."""

    @abstractmethod
    def file(self, document_id: str) -> BinaryIO | None:
        """The document's file, opened to be read: as it is kept, or where it lies unchanged. None
        where there is neither."""

    @abstractmethod
    def whole(self, document_id: str) -> Whole | None:
        """All that is kept of a document, to be put into another collection."""

    # The two searches

    @abstractmethod
    def search_vectors(
        self,
        vector: FloatArray,
        k: int,
        language: Language | None = None,
        within: frozenset[str] | None = None,
    ) -> list[tuple[str, float]]:
        """The `k` chunks nearest to `vector` (shape [d]) as (chunk id, similarity), best first.

        With `language`, the nearest among those in that language; with `within`, among those of
        documents with these ids.
        """

    @abstractmethod
    def similarities(self, vector: FloatArray, chunk_ids: Sequence[str]) -> dict[str, float]:
        """The inner products of `vector` with those of the chunks that exist."""

    def search_keywords(
        self, question: str, k: int, within: frozenset[str] | None = None
    ) -> list[tuple[str, float]]:
        """The `k` chunks that match the question's words best as (chunk id, BM25), best first;
        with `within`, among those of documents with these ids."""
        return self.search_terms(keyword_terms(question), k, within)

    @abstractmethod
    def search_terms(
        self, terms: Sequence[str], k: int, within: frozenset[str] | None = None
    ) -> list[tuple[str, float]]:
        """The same with keyword terms (`rag.text.keyword_terms`) in place of a question."""

    # Changes

    @abstractmethod
    def writing(self) -> AbstractContextManager[object]:
        """Hold the write lock over several changes, and let the index follow at the end.

        Within it, changes of the same thread share the lock. Raises CollectionBusy.
        """

    @abstractmethod
    def add(
        self,
        document: Document,
        chunks: Sequence[Chunk],
        vectors: FloatArray,
        place: Place | None = None,
    ) -> Change:
        """Take in a document in one transaction; `vectors` has shape [len(chunks), d].

        `place` says more of `document.path`. Other bytes under a known path replace what was read
        from it before; known bytes under a new path are "unchanged" and only the path is noted.
        """

    @abstractmethod
    def add_whole(self, whole: Whole) -> None:
        """Take in a document as another collection kept it, in one transaction; one that is there
        already is left as it is."""

    @abstractmethod
    def put(self, place: Place, *, instead_of: str | None = None) -> Change:
        """Note a place of a document that the collection holds. With `instead_of`, the path where
        the same bytes lay before, it takes that place's turn. No vector is made.

        Raises CollectionError if the document is not there (any more).
        """

    @abstractmethod
    def note(self, noted: Sequence[Place]) -> None:
        """Write the stamps and metadata of known places anew; one that changed is left alone."""

    @abstractmethod
    def keep_file(self, path: Path, file: BinaryIO) -> None:
        """Keep the file that the document at `path`, an `upload_path`, was read from, for as long
        as there is the document; one that is kept already stays."""

    @abstractmethod
    def forget(self, paths: Sequence[str]) -> list[Place]:
        """Drop these places, and with its last place the document; returns those there were."""

    @abstractmethod
    def remove(self, key: str) -> DocumentInfo:
        """Remove what `key` names: a document with all its places by its id, one place by its path
        or name. With its last place a document is gone.

        Returns what was removed, under the name and path of the place. Raises CollectionError if
        `key` names nothing or several places.
        """

    @abstractmethod
    def prove_absent(self, document_id: str) -> None:
        """Raise CollectionError if any table or index still holds the document or parts of it."""
