"""What the engine asks of a back-end, and the records that pass between them.

Knows nothing of HTTP, HTML, Gradio, threads or models.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal, Protocol, runtime_checkable

from rag.store import Filter
from rag.types import (
    Change,
    DocumentInfo,
    Done,
    Event,
    FloatArray,
    Hit,
    Language,
    Metadata,
    Page,
    Turn,
)
from web.belongings import Belongings

Step = Literal["embedder", "generator", "scorer"]
TextKind = Literal["passage", "query"]


@dataclass(frozen=True, slots=True)
class Reading:
    """Ingestion is under way: `done` of `total` files are finished, `name` is being read;
    `fraction` in [0, 1] goes by bytes; `stage` says whether the file is read or made searchable."""

    name: str
    done: int
    total: int
    fraction: float
    stage: Literal["read", "embed"] = "read"


@dataclass(frozen=True, slots=True)
class Wish:
    """A summary that is wanted: of these documents (ids, or file names that are unique), of the
    section under one heading alone ("": all), in a language (None: the first document's)."""

    documents: tuple[str, ...]
    section: str = ""
    language: Language | None = None


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What became of one file; `reason` says why when it was skipped or failed, else is empty.
    `missing` are sentences on what a reader of the file sees and its text does not hold."""

    name: str
    change: Change
    reason: str
    pages: int
    chunks: int
    pages_without_text: int
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that arrived: its bytes lie at `path`, the person calls it `name`."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that the language model read and wrote for one answer. `counted_by` "embedder" if it
    did not tell the tokens of every request, and the embedder's tokenizer counted those."""

    prompt_tokens: int
    completion_tokens: int
    counted_by: Literal["model", "embedder"]


@dataclass(frozen=True, slots=True)
class Metered(Done):
    """Event: the checked answer and what it took."""

    usage: Usage


def usage_of(done: Done) -> Usage | None:
    """What the answer took, where the back-end says so."""
    return done.usage if isinstance(done, Metered) else None


@dataclass(frozen=True, slots=True, eq=False)
class Embedded:
    """L2-normalised vectors of shape [n, d] of n texts, and the tokens of all of them."""

    vectors: FloatArray
    tokens: int


class Backend(Protocol):
    """The real work, called from worker threads.

    `stream` and `summarise` run only after `load`; what changes a collection runs once at a time;
    what only reads one may run at any moment, before the models are loaded too.
    """

    def load(self, report: Callable[[Step], None]) -> None:
        """Load the models, naming each step as it starts. Raises ModelError."""

    def stream(
        self,
        collection: str,
        question: str,
        history: Sequence[Turn],
        where: Filter = None,
    ) -> Generator[Event, None, None]:
        """The events of one answer from the documents that the filter means, the last one `Metered`
        where the tokens are known; closing the generator stops the model."""

    def summarise(self, collection: str, wish: Wish) -> Generator[Event, None, None]:
        """The events of one summary, as `stream`'s of an answer. Raises CollectionError and
        UsageError."""

    def explain(
        self, collection: str, question: str, expect: str, where: Filter = None
    ) -> dict[str, Any]:
        """Where `expect`, which should have been found, was lost; needs `load`, runs at any time.
        Raises CollectionError and QuestionError."""

    def ingest(
        self, collection: str, uploads: Sequence[Upload], report: Callable[[Reading], None]
    ) -> list[FileOutcome]:
        """Take the files into the collection; a file that fails does not stop the others."""

    def remove(self, collection: str, document_id: str) -> DocumentInfo:
        """Take a document out. Raises CollectionError if there is none with that id."""

    def describe(self, collection: str, document_id: str, said: Metadata) -> DocumentInfo:
        """Say this of an uploaded document, instead of what was said. Raises CollectionError if
        there is none with that id, UsageError where its file was not uploaded."""

    def create(self, collection: str) -> None:
        """Make an empty collection; needs `load`. Raises UsageError for a name that is taken."""

    def belongings(self, collection: str) -> Belongings:
        """What would go with the collection. Raises CollectionError if there is none."""

    def rename(self, collection: str, new: str) -> None:
        """Give the collection another name. Raises CollectionError and UsageError."""

    def discard(self, collection: str) -> None:
        """Delete the collection with all that refers to it. Raises CollectionError."""

    def documents(self, collection: str) -> list[DocumentInfo]:
        """What the collection holds."""

    def search(self, collection: str, question: str, k: int, where: Filter = None) -> list[Hit]:
        """The `k` best passages of the documents that `where` means; needs `load`, runs at any
        time. Raises CollectionError and QuestionError."""

    def pages(self, collection: str, document_id: str, numbers: Sequence[int]) -> list[Page]:
        """Those pages (1-based) of a document. Raises CollectionError if one is not there."""

    def file(self, collection: str, document_id: str) -> tuple[DocumentInfo, BinaryIO]:
        """The document and its file, to be closed by who reads it. Raises CollectionError where
        there is none, or its file is gone or another one by now."""

    def collections(self) -> list[str]:
        """Names of the collections there are, the configured one among them, sorted."""

    def close(self) -> None:
        """Stop the models. Safe to call twice, and before `load`."""


@runtime_checkable
class Embeds(Protocol):
    """A back-end that also gives the vectors themselves."""

    def embed(self, texts: Sequence[str], kind: TextKind) -> Embedded:
        """The texts' vectors in the order given; needs `load`, runs at any time. Raises UsageError
        for a text that the embedder would cut."""
