"""The MCP tools: search, ask, summarise, read_passage, list_documents.

Knows the engine and who may read what, and nothing of the protocol but progress.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from starlette.requests import HTTPConnection

from rag.config import Settings
from rag.errors import UsageError
from rag.store import parse_where
from rag.types import Delta, DocumentInfo, Done, Event, Progress, Retrieved, Turn
from web.access import readable
from web.engine import Engine, Waiting
from web.mcp_records import (
    Answered,
    AskInput,
    Found,
    Listed,
    ListInput,
    ReadInput,
    ReadPassage,
    SearchInput,
    SummariseInput,
    answered,
    listing,
    passage,
    read_passage,
)
from web.work import Wish

LISTED_AT_ONCE = 100
PROGRESS_EVERY_S = 0.5

Tell = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Call:
    """Who calls (None: the owner of this process), and how to tell of progress."""

    asker: HTTPConnection | None
    progress: Tell


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool: its title, what it does, what it takes and gives, and the function itself."""

    title: str
    description: str
    takes: type[BaseModel]
    gives: type[BaseModel]
    run: Callable[[Any, Call], Awaitable[BaseModel]]


class Tools:
    """The tools over one engine. They raise PlumbError for what the caller can mend."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine = engine
        self._settings = settings

    def all(self) -> Mapping[str, Tool]:
        """By name."""
        return {
            "search": Tool(
                "Search documents",
                "Find the passages of the user's own documents that match a question or key words, "
                "best first, with document, page and offsets. English and Chinese find each other.",
                SearchInput,
                Found,
                self.search,
            ),
            "ask": Tool(
                "Ask documents",
                "Answer a question from the user's own documents. Every sentence comes with a "
                "verdict and with quotes from the documents; if they do not hold the answer, the "
                'status is "abstained". Takes some seconds to a minute.',
                AskInput,
                Answered,
                self.ask,
            ),
            "summarise": Tool(
                "Summarise documents",
                "Summarise whole documents of the user, or the section under a heading. Every "
                "sentence comes with a verdict and with quotes. Takes up to a minute for twenty "
                "pages.",
                SummariseInput,
                Answered,
                self.summarise,
            ),
            "read_passage": Tool(
                "Read a passage",
                "Read a page of a document, or a part of it: the context of what search or ask "
                "found.",
                ReadInput,
                ReadPassage,
                self.read_passage,
            ),
            "list_documents": Tool(
                "List documents",
                "List the documents of a collection, and the collections there are.",
                ListInput,
                Listed,
                self.list_documents,
            ),
        }

    async def search(self, wanted: SearchInput, call: Call) -> Found:
        """The best passages."""
        name = await self.collection(wanted.collection, call.asker)
        where = parse_where([wanted.where] if wanted.where.strip() else [])
        hits = await self._engine.search(name, wanted.query, wanted.limit, where)
        return Found(collection=name, passages=[passage(name, hit) for hit in hits])

    async def ask(self, wanted: AskInput, call: Call) -> Answered:
        """The checked answer; tells of progress at most twice a second."""
        name = await self.collection(wanted.collection, call.asker)
        turns = [Turn(turn.question, turn.answer) for turn in wanted.history]
        where = parse_where([wanted.where] if wanted.where.strip() else [])
        return await _followed(name, self._engine.answer(name, wanted.question, turns, where), call)

    async def summarise(self, wanted: SummariseInput, call: Call) -> Answered:
        """The checked summary; tells of progress as `ask` does."""
        name = await self.collection(wanted.collection, call.asker)
        wish = Wish(tuple(wanted.documents), wanted.section, wanted.language)
        return await _followed(name, self._engine.summarise(name, wish), call)

    async def read_passage(self, wanted: ReadInput, call: Call) -> ReadPassage:
        """A part of a page."""
        name = await self.collection(wanted.collection, call.asker)
        info = await self.document(name, wanted.document)
        if wanted.page > info.pages:
            raise UsageError(f"{info.name!r} has {info.pages} pages: there is no {wanted.page}")
        (page,) = await self._engine.pages(name, info.document_id, [wanted.page])
        return read_passage(name, info, page, wanted)

    async def list_documents(self, wanted: ListInput, call: Call) -> Listed:
        """A page of the collection's documents."""
        name = await self.collection(wanted.collection, call.asker)
        documents = await self._engine.documents(name)
        part, following = paged(documents, wanted.cursor, LISTED_AT_ONCE)
        return Listed(
            collection=name,
            collections=await self.collections(call.asker),
            documents=[listing(name, info) for info in part],
            total=len(documents),
            next_cursor=following,
        )

    async def collections(self, asker: HTTPConnection | None) -> list[str]:
        """Those that the asker may read."""
        return readable(asker, await self._engine.collections())

    async def collection(self, named: str | None, asker: HTTPConnection | None) -> str:
        """The collection, if the asker may read one of that name; raises UsageError else, with the
        same words whether it is another's or not there."""
        name = self._settings.collection if named is None else named
        names = await self.collections(asker)
        if not await self._engine.knows(name) or name not in names:
            known = ", ".join(names) or "none"
            raise UsageError(f"there is no collection {name!r} for you to read: there is {known}")
        return name

    async def document(self, collection: str, key: str) -> DocumentInfo:
        """The document with that id, or that file name. Raises UsageError if there is none, or
        more than one of that name."""
        documents = await self._engine.documents(collection)
        found = [info for info in documents if key in (info.document_id, info.name)]
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(info.document_id for info in found)
            raise UsageError(f"{len(found)} documents are named {key!r}: give one of the ids {ids}")
        raise UsageError(
            f"there is no document {key!r} in the collection {collection!r}: see list_documents"
        )


def paged(items: list[Any], cursor: str | None, size: int) -> tuple[list[Any], str | None]:
    """The items from `cursor` on, at most `size`, and the cursor of those that follow. Raises
    UsageError for a cursor that was never given."""
    if cursor is not None and not (cursor.isascii() and cursor.isdigit()):
        raise UsageError(f"{cursor!r} is no cursor: leave it out, or send next_cursor back")
    start = int(cursor[:12]) if cursor else 0
    end = start + size
    return items[start:end], str(end) if end < len(items) else None


async def _followed(
    name: str, answering: AsyncGenerator[Event | Waiting, None], call: Call
) -> Answered:
    """The answer at the end of the events."""
    told = 0.0
    written = 0
    async with aclosing(answering) as events:
        async for event in events:
            if isinstance(event, Done):
                return answered(name, event.answer)
            written += len(event.text) if isinstance(event, Delta) else 0
            big = isinstance(event, Retrieved | Progress)
            if big or time.monotonic() - told >= PROGRESS_EVERY_S:
                told = time.monotonic()
                await call.progress(_told(event, written))
    raise UsageError("the server stopped before the answer was written: ask again")


def _told(event: Event | Waiting, written: int) -> str:
    if isinstance(event, Waiting):
        if event.loading:
            return "the models are loading"
        if event.ahead:
            return f"waiting: {event.ahead} before this one"
        return "checking" if written else "reading"
    if isinstance(event, Retrieved):
        return f"{len(event.hits)} passages found"
    if isinstance(event, Progress):
        return f"{event.done} of {event.total} parts written; next: {event.title or 'overview'}"
    return f"writing: {written} characters, not checked yet"
