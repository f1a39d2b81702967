"""What the page and the API ask: answers in a fair order, ingestion one at a time, readiness.

Knows nothing of HTTP, HTML or Gradio, and of the models only the `Backend` it is handed. A question
never waits for a document to be read; `slots` of them are worked on side by side, so that one is
searched for while the language model writes another's answer.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, closing, suppress
from dataclasses import dataclass
from typing import Any, BinaryIO, Literal

from rag.config import Settings
from rag.errors import ModelError, PlumbError
from rag.stopping import Stopped, listening
from rag.store import Filter
from rag.types import DocumentInfo, Event, Hit, Metadata, Page, Turn
from web.access.identity import Action
from web.belongings import Belongings
from web.bridge import Interrupted, items_of
from web.line import Line, Place, QueueFull
from web.work import Backend, Embedded, Embeds, FileOutcome, Reading, Step, TextKind, Upload, Wish

__all__ = ["Engine", "Phase", "QueueFull", "Readiness", "Waiting", "slots"]

Phase = Literal["loading", "ready", "failed"]


_SLOTS_HERE = 2
"""One question is searched for, or its answer checked, while another's is written."""
_SLOTS_ELSEWHERE = 8


def slots(settings: Settings) -> int:
    """How many questions to work on side by side: few where this machine writes the answers too."""
    given = settings.server.answers_at_once
    elsewhere = settings.generator.base_url is not None
    return given or (_SLOTS_ELSEWHERE if elsewhere else _SLOTS_HERE)


@dataclass(frozen=True, slots=True)
class Readiness:
    """Where loading stands: the step begun last, and the problem if it failed."""

    phase: Phase
    step: Step = "embedder"
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing new yet: `ahead` questions are before this one; the models may still be loading."""

    ahead: int
    loading: bool


class Engine:
    """Owns the backend, its loading and its queues."""

    def __init__(
        self, backend: Backend, *, slots: int = 1, queue_limit: int = 32, each: int = 32
    ) -> None:
        self._backend = backend
        self._line = Line(slots, queue_limit, each, "plumb-answer")
        self._ingesting = ThreadPoolExecutor(1, "plumb-ingest")
        self._embedding = ThreadPoolExecutor(1, "plumb-embed")
        self._readiness = Readiness("loading")
        self._loaded = threading.Event()
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._loader: threading.Thread | None = None

    @property
    def readiness(self) -> Readiness:
        """Where loading stands now."""
        return self._readiness

    @property
    def waiting(self) -> int:
        """How many questions wait or are being answered."""
        return len(self._line)

    def start(self) -> None:
        """Begin to load in the background; does nothing while loading or when loaded."""
        with self._lock:
            if self._loaded.is_set() or (self._loader and self._loader.is_alive()):
                return
            self._readiness = Readiness("loading")
            self._loader = threading.Thread(target=self._load, name="plumb-load")
            self._loader.start()

    def _load(self) -> None:
        try:
            self._backend.load(self._report_step)
        except (PlumbError, OSError) as err:
            self._readiness = Readiness("failed", self._readiness.step, str(err))
        except Exception as err:
            # What escapes a thread is lost, and the page would say "loading" for ever.
            self._readiness = Readiness("failed", self._readiness.step, repr(err))
            raise
        else:
            self._readiness = Readiness("ready", self._readiness.step)
            self._loaded.set()

    def _report_step(self, step: Step) -> None:
        self._readiness = Readiness("loading", step)

    async def answer(
        self,
        collection: str,
        question: str,
        history: Sequence[Turn] = (),
        where: Filter = None,
        owner: str = "",
    ) -> AsyncGenerator[Event | Waiting, None]:
        """The events of one answer from the documents that `where` means, and `Waiting` twice a
        second while there are none. Owners are answered in turn.

        Closing the iterator takes the question out of the line, or stops the model at its next
        word. Raises QueueFull, ModelError if loading failed, and what answering raises.
        """

        def work() -> Generator[Event, None, None]:
            return self._backend.stream(collection, question, history, where)

        async with aclosing(self._told(work, owner)) as events:
            async for event in events:
                yield event

    async def summarise(
        self, collection: str, wish: Wish, owner: str = ""
    ) -> AsyncGenerator[Event | Waiting, None]:
        """The events of one summary; waits in line, stops and raises as `answer` does, and
        UsageError and CollectionError for what cannot be summarised."""

        def work() -> Generator[Event, None, None]:
            return self._backend.summarise(collection, wish)

        async with aclosing(self._told(work, owner)) as events:
            async for event in events:
                yield event

    async def _told(
        self, work: Callable[[], Generator[Event, None, None]], owner: str
    ) -> AsyncGenerator[Event | Waiting, None]:
        """The events of `work`, once it is its turn."""

        def produce(emit: Callable[[Event], None], stopped: threading.Event) -> None:
            if not self._wait_until_loaded(stopped):
                return
            over = self._over(stopped)
            events = work()
            with suppress(Stopped), listening(over), closing(events):
                for event in events:
                    emit(event)
                    if over():
                        return

        if self._readiness.phase == "failed":
            self.start()
        place = self._line.take(owner)
        try:
            async with aclosing(items_of(place, produce)) as items:
                async for item in items:
                    yield self._waiting(place) if item is None else item
        finally:
            place.leave()

    def _over(self, stopped: threading.Event) -> Callable[[], bool]:
        return lambda: stopped.is_set() or self._closing.is_set()

    def _waiting(self, place: Place) -> Waiting:
        return Waiting(place.ahead(), not self._loaded.is_set())

    def _wait_until_loaded(self, stopped: threading.Event) -> bool:
        """True once loaded, False if told to stop before. Raises ModelError if loading failed."""
        while not self._loaded.wait(0.05):
            if self._readiness.phase == "failed":
                raise ModelError(self._readiness.problem)
            if stopped.is_set() or self._closing.is_set():
                return False
        return True

    async def explain(
        self, collection: str, question: str, expect: str, where: Filter = None
    ) -> dict[str, Any]:
        """Where `expect` was lost, among the documents that `where` means. Raises ModelError while
        the models are not loaded."""
        self._require_loaded()
        return await asyncio.to_thread(self._backend.explain, collection, question, expect, where)

    async def embed(self, texts: Sequence[str], kind: TextKind) -> Embedded:
        """The texts' vectors. Raises ModelError while the models are not loaded, or if the back-end
        gives none, and UsageError for a text that the embedder would cut."""
        self._require_loaded()
        if not isinstance(self._backend, Embeds):
            raise ModelError("this back-end gives no vectors")
        work = self._embedding.submit(self._backend.embed, texts, kind)
        return await asyncio.wrap_future(work)

    async def search(
        self, collection: str, question: str, k: int, where: Filter = None
    ) -> list[Hit]:
        """The `k` best passages of the documents that `where` means, once the models are loaded;
        no answer is waited for. Raises ModelError if loading failed, CollectionError and
        QuestionError."""
        if self._readiness.phase == "failed":
            self.start()

        def find() -> list[Hit]:
            if not self._wait_until_loaded(self._closing):
                raise Interrupted("shut down before the models were loaded")
            return self._backend.search(collection, question, k, where)

        return await asyncio.wrap_future(self._embedding.submit(find))

    def _require_loaded(self) -> None:
        if not self._loaded.is_set():
            raise ModelError(self._readiness.problem or "the models are still loading: try again")

    async def ingest(
        self, collection: str, uploads: Sequence[Upload]
    ) -> AsyncGenerator[Reading | list[FileOutcome] | None, None]:
        """Progress, then the receipt as the last item; None twice a second in between.

        Ingestion that has begun is finished even if nobody listens any more. Raises
        ModelError if loading failed, CollectionError if the collection cannot be written.
        """

        def produce(
            emit: Callable[[Reading | list[FileOutcome]], None], stopped: threading.Event
        ) -> None:
            if self._wait_until_loaded(self._closing):
                emit(self._backend.ingest(collection, uploads, emit))

        async with aclosing(items_of(self._ingesting, produce)) as items:
            async for item in items:
                yield item

    async def remove(self, collection: str, document_id: str) -> DocumentInfo:
        """Take a document out. Raises CollectionError if there is none with that id."""
        work = self._ingesting.submit(self._backend.remove, collection, document_id)
        return await asyncio.wrap_future(work)

    async def describe(self, collection: str, document_id: str, said: Metadata) -> DocumentInfo:
        """Say this of an uploaded document. Raises what the back-end's `describe` does."""
        work = self._ingesting.submit(self._backend.describe, collection, document_id, said)
        return await asyncio.wrap_future(work)

    def may(self, action: Action, collection: str | None) -> bool:
        """Whether whoever asks may do this; without a desk before it, everyone may."""
        return True

    async def create(self, collection: str) -> None:
        """Make an empty collection. Raises UsageError, and ModelError before loading is done."""
        self._require_loaded()
        await asyncio.wrap_future(self._ingesting.submit(self._backend.create, collection))

    async def belongings(self, collection: str) -> Belongings:
        """What would go with a collection. Raises CollectionError if there is none."""
        return await asyncio.to_thread(self._backend.belongings, collection)

    async def rename(self, collection: str, new: str) -> None:
        """Give a collection another name. Raises CollectionError and UsageError."""
        await asyncio.wrap_future(self._ingesting.submit(self._backend.rename, collection, new))

    async def discard(self, collection: str) -> None:
        """Delete a collection with all that refers to it. Raises CollectionError."""
        await asyncio.wrap_future(self._ingesting.submit(self._backend.discard, collection))

    async def documents(self, collection: str) -> list[DocumentInfo]:
        """What the collection holds, in the backend's order."""
        return await asyncio.to_thread(self._backend.documents, collection)

    async def pages(self, collection: str, document_id: str, numbers: Sequence[int]) -> list[Page]:
        """Pages (1-based) of a document. Raises CollectionError if one is not there."""
        return await asyncio.to_thread(self._backend.pages, collection, document_id, numbers)

    async def file(self, collection: str, document_id: str) -> tuple[DocumentInfo, BinaryIO]:
        """A document and its file, to be closed by who reads it. Raises CollectionError where the
        document is not there, or its file is gone or another one by now."""
        return await asyncio.to_thread(self._backend.file, collection, document_id)

    async def collections(self) -> list[str]:
        """Names of the collections there are."""
        return await asyncio.to_thread(self._backend.collections)

    async def knows(self, collection: str) -> bool:
        """Whether there is a collection of that name."""
        return collection in await self.collections()

    def close(self) -> None:
        """Stop answering and ingesting, then the models. Safe to call twice."""
        self._closing.set()
        self._line.close()
        for executor in (self._ingesting, self._embedding):
            executor.shutdown(wait=True, cancel_futures=True)
        if self._loader:
            self._loader.join()
        self._backend.close()
