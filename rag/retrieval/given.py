"""What the answerer asks of a retriever, and passages that the caller gave in the place of one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from rag.errors import UsageError
from rag.store import Filter, Where
from rag.types import Chunk, Hit


@runtime_checkable
class Finder(Protocol):
    """What the answerer needs of a retriever."""

    def retrieve(self, question: str, k: int | None = None) -> list[Hit]:
        """The best hits for the question, best first."""


@runtime_checkable
class Narrowable(Protocol):
    """A finder that can be told to look at some of its documents only."""

    def narrowed(self, where: Where) -> Finder:
        """The same over the documents that the filter means."""


def narrow(finder: Finder, where: Filter) -> Finder:
    """The finder over the documents that the filter means. Raises UsageError if it knows nothing of
    its passages' documents."""
    if where is None:
        return finder
    if not isinstance(finder, Narrowable):
        raise UsageError(f"these passages have no fields to filter by: leave out {where}")
    return finder.narrowed(where)


@dataclass(frozen=True, slots=True)
class Given:
    """A finder that has but the hits it was given, whatever is asked."""

    hits: Sequence[Hit]

    def retrieve(self, question: str, k: int | None = None) -> list[Hit]:
        """All of them, or the first `k`."""
        return list(self.hits[:k])


def hits_from_texts(texts: Sequence[str]) -> list[Hit]:
    """One hit per text, in order: a document of its own named "passage N", one page, one chunk.

    `document_id` is the SHA-256 of the text's UTF-8 bytes; a text given twice comes once.
    """
    hits: dict[str, Hit] = {}
    for number, text in enumerate(texts, start=1):
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        chunk = Chunk(
            chunk_id=f"{digest[:16]}-0",
            document_id=digest,
            page=1,
            start=0,
            end=len(text),
            text=text,
            heading="",
            tokens=0,
            ordinal=0,
        )
        if text.strip():
            hits.setdefault(digest, Hit(chunk, f"passage {number}", 1.0 / number))
    return list(hits.values())
