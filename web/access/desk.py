"""The engine as one asker may use it: the only engine that the page and the routes are given.

Each call asks `may` for whoever is asking then, and tells the audit log. A collection that the
asker may not read is, to them, not there.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Any, BinaryIO

from gradio.context import LocalContext

from rag.config import Settings
from rag.store import Filter
from rag.types import Answer, DocumentInfo, Done, Event, Hit, Metadata, Page, Span, Turn
from web.access.audit import Audit
from web.access.identity import (
    NOBODY,
    Action,
    Forbidden,
    Identity,
    NotThere,
    identity_of,
    may,
)
from web.belongings import Belongings
from web.conversations import Conversation, Conversations
from web.engine import Engine, Readiness, Waiting
from web.exchange import Exchanges
from web.library import Library, Quoted, Source
from web.state import Kept
from web.work import Embedded, FileOutcome, Reading, TextKind, Upload, Wish


class Desk(Engine):
    """Has the engine's methods, each of them guarded, and none of its parts: what is not guarded
    here cannot be called. `asker` tells who is asking now, `via` on which way."""

    def __init__(
        self, engine: Engine, audit: Audit, asker: Callable[[], Identity], via: str
    ) -> None:
        self._engine = engine
        self._audit = audit
        self._asker = asker
        self._via = via

    @property
    def readiness(self) -> Readiness:
        """Where loading stands now."""
        return self._engine.readiness

    @property
    def waiting(self) -> int:
        """How many questions wait or are being answered."""
        return self._engine.waiting

    async def answer(
        self,
        collection: str,
        question: str,
        history: Sequence[Turn] = (),
        where: Filter = None,
        owner: str = "",
    ) -> AsyncGenerator[Event | Waiting, None]:
        """As the engine's, `owner` being the asker; raises NotThere too."""
        asker = await self._require("read", collection)
        outcome, shown = "left", tuple[str, ...]()
        try:
            async with aclosing(
                self._engine.answer(collection, question, history, where, _place(asker))
            ) as events:
                async for event in events:
                    if isinstance(event, Done):
                        outcome, shown = event.answer.status, _shown(event.answer)
                    yield event
        except Exception as err:
            outcome = type(err).__name__
            raise
        finally:
            self._note(asker, "ask", collection, outcome, shown, question)

    async def summarise(
        self, collection: str, wish: Wish, owner: str = ""
    ) -> AsyncGenerator[Event | Waiting, None]:
        """As the engine's, `owner` being the asker; raises NotThere too."""
        asker = await self._require("read", collection)
        outcome, shown = "left", wish.documents
        try:
            async with aclosing(self._engine.summarise(collection, wish, _place(asker))) as events:
                async for event in events:
                    if isinstance(event, Done):
                        outcome, shown = event.answer.status, _shown(event.answer)
                    yield event
        except Exception as err:
            outcome = type(err).__name__
            raise
        finally:
            self._note(asker, "summarise", collection, outcome, shown, wish.section)

    async def explain(
        self, collection: str, question: str, expect: str, where: Filter = None
    ) -> dict[str, Any]:
        """As the engine's; raises NotThere too."""
        asker = await self._require("read", collection)
        self._note(asker, "explain", collection, content=question)
        return await self._engine.explain(collection, question, expect, where)

    async def embed(self, texts: Sequence[str], kind: TextKind) -> Embedded:
        """As the engine's; for whoever may read or write anything."""
        if not self._asker().grants:
            raise Forbidden("you may use no collection here yet: ask for a grant")
        return await self._engine.embed(texts, kind)

    async def search(
        self, collection: str, question: str, k: int, where: Filter = None
    ) -> list[Hit]:
        """As the engine's; raises NotThere too."""
        asker = await self._require("read", collection)
        hits = await self._engine.search(collection, question, k, where)
        shown = tuple(dict.fromkeys(hit.chunk.document_id for hit in hits))
        self._note(asker, "search", collection, documents=shown, content=question)
        return hits

    async def pages(self, collection: str, document_id: str, numbers: Sequence[int]) -> list[Page]:
        """As the engine's; raises NotThere too."""
        asker = await self._require("read", collection)
        self._note(asker, "read", collection, documents=[document_id])
        return await self._engine.pages(collection, document_id, numbers)

    async def file(self, collection: str, document_id: str) -> tuple[DocumentInfo, BinaryIO]:
        """As the engine's; raises NotThere too."""
        asker = await self._require("read", collection)
        self._note(asker, "read", collection, documents=[document_id])
        return await self._engine.file(collection, document_id)

    async def ingest(
        self, collection: str, uploads: Sequence[Upload]
    ) -> AsyncGenerator[Reading | list[FileOutcome] | None, None]:
        """As the engine's; raises NotThere and Forbidden too."""
        asker = await self._require("write", collection)
        async with aclosing(self._engine.ingest(collection, uploads)) as steps:
            async for step in steps:
                if isinstance(step, list):
                    changes = ", ".join(sorted({outcome.change for outcome in step}))
                    names = [outcome.name for outcome in step]
                    self._note(asker, "add", collection, changes, names)
                yield step

    async def remove(self, collection: str, document_id: str) -> DocumentInfo:
        """As the engine's; raises NotThere and Forbidden too."""
        asker = await self._require("write", collection)
        gone = await self._engine.remove(collection, document_id)
        self._note(asker, "remove", collection, documents=[document_id])
        return gone

    async def describe(self, collection: str, document_id: str, said: Metadata) -> DocumentInfo:
        """As the engine's; raises NotThere and Forbidden too."""
        asker = await self._require("write", collection)
        info = await self._engine.describe(collection, document_id, said)
        self._note(asker, "describe", collection, documents=[document_id])
        return info

    async def create(self, collection: str) -> None:
        """As the engine's, for whoever may manage a collection of that name; raises Forbidden."""
        asker = self._asker()
        if not may(asker, "manage", collection):
            self._note(asker, "create", collection, "refused")
            raise Forbidden(f"you may not make a collection {collection!r}: ask an administrator")
        await self._engine.create(collection)
        self._note(asker, "create", collection)

    async def belongings(self, collection: str) -> Belongings:
        """As the engine's; raises NotThere and Forbidden too."""
        await self._require("manage", collection)
        return await self._engine.belongings(collection)

    async def rename(self, collection: str, new: str) -> None:
        """As the engine's, for whoever may manage both names; raises NotThere and Forbidden too."""
        asker = await self._require("manage", collection)
        if not may(asker, "manage", new):
            self._note(asker, "rename", collection, "refused")
            raise Forbidden(f"you may not name a collection {new!r}: ask an administrator")
        await self._engine.rename(collection, new)
        self._note(asker, "rename", collection, f"now {new}")

    async def discard(self, collection: str) -> None:
        """As the engine's; raises NotThere and Forbidden too."""
        asker = await self._require("manage", collection)
        await self._engine.discard(collection)
        self._note(asker, "discard", collection)

    async def documents(self, collection: str) -> list[DocumentInfo]:
        """As the engine's, none where no collection is named; raises NotThere too."""
        if not collection:
            return []
        await self._require("read", collection)
        return await self._engine.documents(collection)

    async def collections(self) -> list[str]:
        """Names of the collections that the asker may read, those among them that are still to be
        made where they were granted by name."""
        asker = self._asker()
        return [name for name in await self._engine.collections() if may(asker, "read", name)]

    async def knows(self, collection: str) -> bool:
        """Whether there is a collection of that name for the asker; a no is in the audit log."""
        try:
            await self._require("read", collection)
        except NotThere:
            return False
        return True

    def may(self, action: Action, collection: str | None) -> bool:
        """Whether the asker may do this."""
        return may(self._asker(), action, collection)

    async def _require(self, action: Action, collection: str) -> Identity:
        asker = self._asker()
        if collection not in await self._engine.collections() or not may(asker, "read", collection):
            self._note(asker, action, collection, "refused")
            raise NotThere(f"there is no collection {collection!r} that you may read")
        if not may(asker, action, collection):
            self._note(asker, action, collection, "refused")
            raise Forbidden(f"you may read the collection {collection!r} and not change it")
        return asker

    def _note(
        self,
        asker: Identity,
        action: str,
        collection: str,
        outcome: str = "done",
        documents: Sequence[str] = (),
        content: str | None = None,
    ) -> None:
        self._audit.note(
            asker,
            action,
            via=self._via,
            collection=collection,
            outcome=outcome,
            documents=documents,
            content=content,
        )


class ReadingRoom(Library):
    """A library for whoever is asking, each look into a document in the audit log."""

    def __init__(self, settings: Settings, audit: Audit, asker: Callable[[], Identity]) -> None:
        super().__init__(settings)
        self._audit = audit
        self._asker = asker

    def source(
        self, collection: str, document_id: str, number: int, quoted: Sequence[Quoted] = ()
    ) -> Source:
        """As the library's; raises NotThere too."""
        self._enter(collection, document_id)
        return super().source(collection, document_id, number, quoted)

    def picture(
        self, collection: str, document_id: str, number: int, spans: Sequence[Span] = ()
    ) -> tuple[bytes, tuple[float, float] | None]:
        """As the library's; raises NotThere too."""
        self._enter(collection, document_id)
        return super().picture(collection, document_id, number, spans)

    def file(self, collection: str, document_id: str) -> tuple[DocumentInfo, BinaryIO]:
        """As the library's; raises NotThere too."""
        self._enter(collection, document_id)
        return super().file(collection, document_id)

    def first_pages(
        self, collection: str, documents: Sequence[DocumentInfo]
    ) -> list[tuple[str, Page]]:
        """As the library's; none of what the asker may not read."""
        if not may(self._asker(), "read", collection):
            return []
        return super().first_pages(collection, documents)

    def _enter(self, collection: str, document_id: str) -> None:
        asker = self._asker()
        allowed = may(asker, "read", collection)
        outcome = "done" if allowed else "refused"
        shown = [document_id] if allowed else []
        note = self._audit.note
        note(asker, "read", via="page", collection=collection, outcome=outcome, documents=shown)
        if not allowed:
            raise NotThere(f"there is no collection {collection!r} that you may read")


class OwnTalks(Conversations):
    """Conversations of each, as far as they may still read what those are about."""

    def __init__(self, kept: Kept, who: Callable[[str], Identity]) -> None:
        super().__init__(kept)
        self._who = who

    def exchanges(self, user: str, conversation: str) -> Exchanges:
        """As ever; none if one of them is about what the user may not read."""
        found = super().exchanges(user, conversation)
        asker = self._who(user)
        return found if all(may(asker, "read", one.collection) for one in found) else ()

    def one(self, user: str, conversation: str) -> Conversation | None:
        """As ever; None if it is about what the user may not read."""
        found = super().one(user, conversation)
        return found if found and may(self._who(user), "read", found.collection) else None

    def listed(self, user: str, words: str = "") -> list[Conversation]:
        """As ever, without those about what the user may not read."""
        asker = self._who(user)
        found = super().listed(user, words)
        return [one for one in found if may(asker, "read", one.collection)]


def _place(asker: Identity) -> str:
    """Whose turn in the line it is; the one owner of a machine may fill it alone."""
    return "" if asker.kind == "owner" else f"{asker.kind} {asker.name}"


def _shown(answer: Answer) -> tuple[str, ...]:
    return tuple(dict.fromkeys(hit.chunk.document_id for hit in answer.hits))


def page_asker() -> Identity:
    """Who sent the event that Gradio is working on. Its workers are everybody's, so that the
    context of a request is not theirs."""
    request = LocalContext.request.get(None)
    sent = getattr(request, "request", None)
    return NOBODY if sent is None else identity_of(sent.scope)
