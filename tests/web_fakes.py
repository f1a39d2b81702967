"""A back-end without models for the tests of the page and the API."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO

from starlette.types import ASGIApp, Receive, Scope, Send

from rag.errors import CollectionError, DocumentError, QuestionError, UsageError
from rag.store import Filter
from rag.types import (
    Answer,
    Chunk,
    Citation,
    Delta,
    DocumentInfo,
    Done,
    Event,
    Hit,
    Metadata,
    Page,
    Progress,
    Retrieved,
    Sentence,
    Status,
    Turn,
)
from web.access.identity import OWNER, asking
from web.belongings import Belongings
from web.work import FileOutcome, Reading, Step, Upload, Wish

PASSAGE = (
    "Travel costs are paid back within 14 days. Hotels are paid up to 140 euros a night. "
    "Receipts go to the finance desk."
)


def hit(text: str = PASSAGE, document: str = "travel.md", page: int = 2, start: int = 100) -> Hit:
    """A hit whose chunk starts at `start` of its page."""
    name = f"{document}:{page}:{start}"
    chunk = Chunk(
        chunk_id=name,
        document_id=f"id-{document}",
        page=page,
        start=start,
        end=start + len(text),
        text=text,
        heading="Travel > Costs",
        tokens=len(text.split()),
        ordinal=0,
    )
    return Hit(chunk, document, 0.9, {"vectors": 1}, {"vectors": 0.9})


def citing(hit: Hit, quote: str, number: int = 1) -> Citation:
    """A citation of `quote`, which must be in the hit's text."""
    at = hit.chunk.start + hit.chunk.text.index(quote)
    chunk = hit.chunk
    return Citation(
        number,
        hit.document,
        chunk.document_id,
        chunk.page,
        at,
        at + len(quote),
        quote,
        chunk.chunk_id,
    )


def answer(
    question: str = "How fast are travel costs paid back?",
    *,
    status: Status = "partly_grounded",
    searched: str | None = None,
    hits: Sequence[Hit] | None = None,
) -> Answer:
    """Two sentences: one cited, one not found in the documents."""
    found = tuple(hits) if hits is not None else (hit(), hit("Nothing of use.", "other.md", 1, 0))
    first = "They are paid back within 14 days."
    second = "The sun is a star."
    text = f"{first} {second}"
    quote = citing(found[0], "paid back within 14 days")
    return Answer(
        question=question,
        standalone_question=searched or question,
        answer=text,
        status=status,
        sentences=(
            Sentence(first, 0, len(first), "supported", 0.97, (quote,)),
            Sentence(second, len(first) + 1, len(text), "unsupported", 0.1, ()),
        ),
        hits=found,
        models={"generator": "fake-1b"},
        timings_ms={"total": 1234.0},
    )


def document(name: str = "travel.md", document_id: str | None = None) -> DocumentInfo:
    """What a collection would remember of `name`."""
    return DocumentInfo(
        document_id=document_id or f"id-{name}",
        name=name,
        path=f"/docs/{name}",
        media_type="text/markdown",
        bytes=10,
        pages=3,
        pages_without_text=0,
        chunks=7,
        added_at="2026-01-02T03:04:05+00:00",
    )


def as_owner(app: ASGIApp) -> ASGIApp:
    """The app, every request being that of the machine's owner, as the guard has it on loopback."""

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        with asking(OWNER, scope):
            await app(scope, receive, send)

    return guarded


@dataclass
class FakeBackend:
    """Answers every question with `scripted`, a word at a time. A question that holds "broken"
    raises; one that holds "slow" goes on until it is stopped. Set `gate` to hold loading back."""

    scripted: Answer = field(default_factory=answer)
    held: dict[str, list[DocumentInfo]] = field(
        default_factory=lambda: {"default": [document()], "law": []}
    )
    page_text: str = "Page {} of the handbook."
    gate: threading.Event = field(default_factory=threading.Event)
    load_error: Exception | None = None
    stream_error: Exception | None = None
    pause_s: float = 0.0
    asked: list[tuple[str, str, tuple[Turn, ...]]] = field(default_factory=list)
    filters: list[Filter] = field(default_factory=list)
    wishes: list[tuple[str, Wish]] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    running: int = 0
    most_running: int = 0
    closed: bool = False

    def __post_init__(self) -> None:
        self.gate.set()

    def load(self, report: Callable[[Step], None]) -> None:
        report("embedder")
        self.gate.wait()
        report("generator")
        if self.load_error:
            raise self.load_error

    def stream(
        self,
        collection: str,
        question: str,
        history: Sequence[Turn],
        where: Filter = None,
    ) -> Generator[Event, None, None]:
        if self.stream_error:
            raise self.stream_error
        if "broken" in question:
            raise QuestionError("the question is broken: mend it")
        self.asked.append((collection, question, tuple(history)))
        self.filters.append(where)
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        done = False
        try:
            yield Retrieved(self.scripted.standalone_question, self.scripted.hits)
            words = self.scripted.answer.split(" ")
            for word in words * (10_000 if "slow" in question else 1):
                time.sleep(0.002 if "slow" in question else self.pause_s)
                yield Delta(word + " ")
            done = True
            yield Done(self.scripted)
        except GeneratorExit:
            # Whoever has the whole answer may leave before the generator has run out.
            if not done:
                self.stopped.append(question)
            raise
        finally:
            self.running -= 1

    def summarise(self, collection: str, wish: Wish) -> Generator[Event, None, None]:
        """In two pieces, the first of which is so far; a section called "slow" never ends."""
        names = {name for info in self.held[collection] for name in (info.document_id, info.name)}
        if missing := [key for key in wish.documents if key not in names]:
            raise UsageError(f"the collection {collection!r} holds no document {missing[0]!r}")
        self.wishes.append((collection, wish))
        yield Progress(0, 2, "Travel")
        time.sleep(self.pause_s)
        yield Delta(self.scripted.answer)
        while wish.section == "slow":
            time.sleep(0.002)
            yield Delta(".")
        time.sleep(self.pause_s)
        yield Progress(1, 2, "", self.scripted)
        time.sleep(self.pause_s)
        while wish.section == "slow end":
            time.sleep(0.002)
            yield Delta(".")
        yield Done(replace(self.scripted, question="Summary of " + ", ".join(wish.documents)))

    def explain(
        self, collection: str, question: str, expect: str, where: Filter = None
    ) -> dict[str, Any]:
        self.filters.append(where)
        return {"question": question, "expect": expect, "verdict": "it is there"}

    def ingest(
        self, collection: str, uploads: Sequence[Upload], report: Callable[[Reading], None]
    ) -> list[FileOutcome]:
        outcomes = []
        for done, upload in enumerate(uploads):
            report(Reading(upload.name, done, len(uploads), done / len(uploads)))
            time.sleep(self.pause_s)
            try:
                outcomes.append(self._take(collection, upload))
            except DocumentError as err:
                outcomes.append(FileOutcome(upload.name, "failed", str(err), 0, 0, 0))
        return outcomes

    def _take(self, collection: str, upload: Upload) -> FileOutcome:
        if not upload.path.read_bytes():
            raise DocumentError(f"{upload.name} is empty: it holds no bytes")
        info = document(upload.name)
        self.held[collection].append(info)
        return FileOutcome(upload.name, "added", "", info.pages, info.chunks, 0)

    def remove(self, collection: str, document_id: str) -> DocumentInfo:
        for info in self.held[collection]:
            if info.document_id == document_id:
                self.held[collection].remove(info)
                return info
        raise CollectionError(f"there is no document {document_id!r}")

    def describe(self, collection: str, document_id: str, said: Metadata) -> DocumentInfo:
        held = self.held[collection]
        for at, info in enumerate(held):
            if info.document_id == document_id:
                held[at] = replace(info, metadata=said)
                return held[at]
        raise CollectionError(f"there is no document {document_id!r}")

    def create(self, collection: str) -> None:
        if collection in self.held:
            raise UsageError(f"there is a collection {collection!r} already")
        self.held[collection] = []

    def belongings(self, collection: str) -> Belongings:
        documents = self.held[collection]
        return Belongings(len(documents), sum(info.bytes for info in documents), 0, 2, 1, 0)

    def rename(self, collection: str, new: str) -> None:
        if new in self.held:
            raise UsageError(f"there is a collection {new!r} already")
        self.held[new] = self.held.pop(collection)

    def discard(self, collection: str) -> None:
        del self.held[collection]

    def documents(self, collection: str) -> list[DocumentInfo]:
        return list(self.held[collection])

    def search(self, collection: str, question: str, k: int, where: Filter = None) -> list[Hit]:
        if self.stream_error:
            raise self.stream_error
        self.asked.append((collection, question, ()))
        self.filters.append(where)
        return list(self.scripted.hits[:k])

    def pages(self, collection: str, document_id: str, numbers: Sequence[int]) -> list[Page]:
        return [Page(number, self.page_text.replace("{}", str(number))) for number in numbers]

    def file(self, collection: str, document_id: str) -> tuple[DocumentInfo, BinaryIO]:
        for info in self.held[collection]:
            if info.document_id == document_id:
                data = self.page_text.encode()
                return replace(info, bytes=len(data)), io.BytesIO(data)
        raise CollectionError(f"there is no document {document_id!r}")

    def collections(self) -> list[str]:
        return sorted(self.held)

    def close(self) -> None:
        self.closed = True
