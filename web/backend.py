"""The real back-end: this machine's models and collections.

Models are loaded once and serve every collection. Heavy libraries are imported while loading, so
that the page is up before them.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Generator, Hashable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from rag.config import Settings
from rag.errors import CollectionError, UsageError
from rag.retrieval import narrow
from rag.store import Collection, Filter, identity, list_collections
from rag.store.folder import SIDECAR, UPLOADS, collection_folder
from rag.types import DocumentInfo, Event, Hit, Metadata, Page, Turn
from web import belongings
from web.belongings import Belongings, forget_documents
from web.library import Library
from web.mending import mended
from web.uploads import Placed, place, restore_sidecars, settle
from web.usage import metered
from web.work import Embedded, FileOutcome, Reading, Step, TextKind, Upload, Wish

if TYPE_CHECKING:
    from ingest.pipeline import Progress
    from ingest.receipt import FileResult
    from rag.models.generator import Generator as LanguageModel
    from rag.pipeline import Answerer
    from rag.retrieval.retriever import Retriever
    from rag.summarise import Summariser
    from rag.tools import Tools

_FRAME_TOKENS = 8
"""What an embedder puts around a text: prefix and specials."""


@dataclass(frozen=True)
class _Models:
    """What answering needs beside a collection."""

    tools: Tools
    generator: LanguageModel


@dataclass(frozen=True)
class _Opened:
    """A collection opened for answering; `identity` tells it from its namesakes."""

    identity: Hashable
    models: _Models
    collection: Collection
    retriever: Retriever
    answerer: Answerer
    summariser: Summariser


class LocalBackend:
    """Implements `web.work.Backend` over `rag` and `ingest`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._held = ExitStack()
        self._models: _Models | None = None
        self._opened: dict[str, _Opened] = {}
        self._lock = threading.Lock()

    def load(self, report: Callable[[Step], None]) -> None:
        """Load embedder, scorers and language model; what is loaded already stays."""
        report("embedder")
        from rag.generation.write import read_ahead
        from rag.models.generator import open_generator
        from rag.tools import load_search, load_tools

        search = load_search(self._settings)
        report("scorer")
        tools = load_tools(self._settings, search)
        report("generator")
        generator = self._held.enter_context(open_generator(self._settings))
        if generator.digest is not None:
            read_ahead(generator.chat)
        self._models = _Models(tools, generator)

    def stream(
        self,
        collection: str,
        question: str,
        history: Sequence[Turn],
        where: Filter = None,
    ) -> Generator[Event, None, None]:
        """The events of one answer and its tokens. Raises CollectionError if there is nothing to
        answer from."""
        generator, answerer = self._loaded().generator, self._open(collection).answerer

        def events() -> Generator[Event, None, None]:
            told = answerer.stream(question, history, where)
            yield from mended(told, generator.alive, lambda: self._restart(generator))

        yield from metered(events(), self._tokens)

    def summarise(self, collection: str, wish: Wish) -> Generator[Event, None, None]:
        """The events of one summary and its tokens. Raises CollectionError where a document is
        not there, or not any more, and UsageError."""
        generator, opened = self._loaded().generator, self._open(collection)

        def events() -> Generator[Event, None, None]:
            from rag.summary.sources import collection_sources, while_there

            sources = collection_sources(opened.collection, wish.documents)
            told = opened.summariser.stream(sources, wish.language, wish.section)
            there = while_there(told, opened.collection, sources)
            yield from mended(there, generator.alive, lambda: self._restart(generator))

        yield from metered(events(), self._tokens)

    def embed(self, texts: Sequence[str], kind: TextKind) -> Embedded:
        """The texts' vectors, as the collections' are made. Raises UsageError for a text that the
        embedder would cut."""
        embedder = self._loaded().tools.search.plain
        longest = embedder.max_tokens - _FRAME_TOKENS
        tokens = [self._tokens(text) for text in texts]
        for text, count in zip(texts, tokens, strict=True):
            if count > longest:
                raise UsageError(
                    f"the text {text[:40]!r}… has {count} tokens and the embedder reads {longest}: "
                    "send shorter pieces"
                )
        embed = embedder.embed_queries if kind == "query" else embedder.embed_passages
        return Embedded(embed(texts), sum(tokens))

    def _tokens(self, text: str) -> int:
        return len(self._loaded().tools.search.plain.token_spans(text))

    def explain(
        self, collection: str, question: str, expect: str, where: Filter = None
    ) -> dict[str, Any]:
        """Follow `expect` through every stage up to the prompt."""
        from rag.explain import explain

        models = self._loaded()
        opened = self._open(collection)
        report = explain(
            question,
            expect,
            opened.collection,
            narrow(opened.retriever, where),
            models.tools,
            self._settings,
        )
        return report.to_json()

    def search(self, collection: str, question: str, k: int, where: Filter = None) -> list[Hit]:
        """The best passages, by the retriever that answers use. Raises CollectionError."""
        from rag.question import check_question

        asked = check_question(question, self._settings.answering.max_question_chars)
        return narrow(self._open(collection).retriever, where).retrieve(asked, k)

    def _open(self, name: str) -> _Opened:
        """The collection, ready to answer from; opened once, and again if it was made anew."""
        found = identity(self._settings, name)
        if found is None:
            raise CollectionError(
                f"the collection {name!r} holds no documents yet: add some, then ask"
            )
        with self._lock:
            opened = self._opened.get(name)
            if opened is not None and opened.identity != found:
                opened.collection.close()
                opened = None
            if opened is None:
                info = self._loaded().tools.search.embedder.info
                collection = Collection.open(self._settings, name, info)
                opened = self._opened[name] = self._fitted(name, found, collection)
            elif opened.models is not self._models:
                opened = self._opened[name] = self._fitted(name, found, opened.collection)
            return opened

    def _restart(self, dead: LanguageModel) -> None:
        """Another language model in the place of one that died. Raises ModelError."""
        from rag.models.generator import open_generator

        with self._lock:
            models = self._loaded()
            if models.generator is dead:
                dead.close()
                generator = self._held.enter_context(open_generator(self._settings))
                self._models = replace(models, generator=generator)

    def _fitted(self, name: str, found: Hashable, collection: Collection) -> _Opened:
        """What answers from an open collection with the models as they are."""
        from rag.pipeline import Answerer
        from rag.summarise import Summariser

        models = self._loaded()
        settings = self._settings.model_copy(update={"collection": name})
        search, generator = models.tools.search, models.generator
        retriever = search.retriever(collection, settings)
        answerer = Answerer(retriever, generator.chat, generator.name, models.tools, settings)
        summariser = Summariser(generator.chat, generator.name, models.tools, settings)
        return _Opened(found, models, collection, retriever, answerer, summariser)

    def _loaded(self) -> _Models:
        assert self._models is not None, "the engine answers and ingests after loading only"
        return self._models

    def ingest(
        self, collection: str, uploads: Sequence[Upload], report: Callable[[Reading], None]
    ) -> list[FileOutcome]:
        """Take the files into the collection, which is made if need be, and keep them beside it."""
        from ingest.pipeline import ingest

        def progress(state: Progress) -> None:
            done, total = state.files_done, state.files_total
            report(Reading(state.name, done, total, state.fraction, state.stage))

        embedder = self._loaded().tools.search.plain
        with (
            Collection.open(self._settings, collection, embedder.info, create=True) as opened,
            self._landing(collection) as folder,
        ):
            placed = place(uploads, folder)
            kept: set[Path] = set()
            try:
                restore_sidecars(placed, opened)
                receipt = ingest(
                    [upload.path for upload in placed],
                    opened,
                    embedder,
                    self._settings,
                    progress,
                    known_as=lambda path: opened.upload_path(path.name),
                )
                results = {Path(result.path): result for result in receipt.results}
                kept = {p for p, r in results.items() if r.change not in ("failed", "skipped")}
                for path in sorted(kept):
                    with path.open("rb") as file:
                        opened.keep_file(opened.upload_path(path.name), file)
            finally:
                settle(placed, kept)
        return [_outcome(upload, results[upload.path]) for upload in placed]

    @contextmanager
    def _landing(self, collection: str) -> Iterator[Path]:
        """The folder where uploads are read: the one they stay in, or where their collection keeps
        them elsewhere, one for now."""
        if not self._settings.store.is_remote:
            yield collection_folder(self._settings, collection) / UPLOADS
            return
        with tempfile.TemporaryDirectory(prefix="plumb-upload-") as folder:
            yield Path(folder).resolve()

    def remove(self, collection: str, document_id: str) -> DocumentInfo:
        """Take a document out, with the files it came by if they were uploaded, and with the
        answers that quote it in conversations."""
        with Collection.open(self._settings, collection) as opened:
            gone = opened.remove(document_id)
        forget_documents(self._settings, collection, [gone.document_id])
        return gone

    def describe(self, collection: str, document_id: str, said: Metadata) -> DocumentInfo:
        """Say this of an uploaded document, in a sidecar too where its file lies here. Raises
        CollectionError, UsageError and DocumentError."""
        from ingest.metadata import write_sidecar

        with Collection.open(self._settings, collection) as opened, opened.writing():
            info = opened.by_id(document_id)
            place = None if info is None else opened.place(info.path)
            if info is None or place is None:
                raise CollectionError(f"{collection!r} holds no document {document_id!r}")
            path = Path(place.path)
            if path != opened.upload_path(place.name):
                raise UsageError(
                    f"{info.name} was not uploaded: write what is said of it into {path}{SIDECAR}"
                )
            if path.is_file():
                write_sidecar(path, said)
            opened.note([replace(place, metadata=said)])
            return opened.by_id(document_id) or info

    def create(self, collection: str) -> None:
        """Make an empty collection for the embedder that is loaded. Raises UsageError."""
        belongings.create(self._settings, collection, self._loaded().tools.search.plain.info)

    def belongings(self, collection: str) -> Belongings:
        """What would go with the collection. Raises CollectionError."""
        return belongings.belongings(self._settings, collection)

    def rename(self, collection: str, new: str) -> None:
        """Give a collection another name, wherever it stands. Raises CollectionError."""
        belongings.rename(self._settings, collection, new)
        self._close(collection)

    def discard(self, collection: str) -> None:
        """Delete a collection and what refers to it. Raises CollectionError."""
        belongings.remove(self._settings, collection)
        self._close(collection)

    def _close(self, collection: str) -> None:
        with self._lock:
            opened = self._opened.pop(collection, None)
        if opened is not None:
            opened.collection.close()

    def documents(self, collection: str) -> list[DocumentInfo]:
        """What the collection holds; nothing if it is still to be made."""
        if identity(self._settings, collection) is None:
            return []
        with Collection.open(self._settings, collection) as opened:
            return opened.documents()

    def pages(self, collection: str, document_id: str, numbers: Sequence[int]) -> list[Page]:
        """Pages of a document as they were read. Raises CollectionError."""
        with Collection.open(self._settings, collection) as opened:
            return [opened.page(document_id, number) for number in numbers]

    def file(self, collection: str, document_id: str) -> tuple[DocumentInfo, BinaryIO]:
        """A document and its file, as it was read. Raises CollectionError."""
        return Library(self._settings).file(collection, document_id)

    def collections(self) -> list[str]:
        """All collections, the configured one too where it is still to be made."""
        return sorted({*list_collections(self._settings), self._settings.collection})

    def close(self) -> None:
        """Stop the language model and close the collections."""
        for opened in self._opened.values():
            opened.collection.close()
        self._opened.clear()
        self._held.close()


def _outcome(upload: Placed, result: FileResult) -> FileOutcome:
    return FileOutcome(
        upload.name,
        result.change,
        result.reason,
        result.pages,
        result.chunks,
        result.pages_without_text,
        result.missing,
    )
