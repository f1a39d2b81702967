"""Documents as OpenAI's files, collections as its vector stores: the shapes. Pure.

A vector store's id is the collection's name, a file's id the document's.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from rag.types import DocumentInfo, Hit, Page
from web.openai_format import ApiError
from web.openai_input import Narrowing, Text, or_none_given, refuse

Order = Literal["asc", "desc"]
State = Literal["in_progress", "completed", "failed", "cancelled"]
Query = Annotated[Text, Field(min_length=1)]
T = TypeVar("T")
_BATCH = re.compile(r"vsfb_(\d{1,12})_(\d{1,4})_(\d{1,4})", re.ASCII)


class RankingOptions(BaseModel):
    """Passed over, but for a threshold."""

    model_config = ConfigDict(extra="allow")
    score_threshold: float | None = None


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class SearchRequest(BaseModel):
    """A request to /v1/vector_stores/{id}/search."""

    model_config = ConfigDict(extra="allow")
    query: Annotated[
        list[Query],
        BeforeValidator(_as_list, json_schema_input_type=str | list[str]),
        Field(min_length=1, max_length=8),
    ]
    max_num_results: int | None = Field(None, ge=1, le=50)
    filters: dict[str, Any] | None = None
    ranking_options: RankingOptions | None = None
    rewrite_query: bool | None = None
    plumbline: Annotated[Narrowing, BeforeValidator(or_none_given)] = Narrowing()


class AttachRequest(BaseModel):
    """A request to put a file into a vector store."""

    model_config = ConfigDict(extra="allow")
    file_id: Text


class BatchRequest(BaseModel):
    """A request to put several files into a vector store, in either of its forms."""

    model_config = ConfigDict(extra="allow")
    file_ids: Annotated[list[Text] | None, Field(max_length=500)] = None
    files: Annotated[list[AttachRequest] | None, Field(max_length=500)] = None

    def idents(self) -> list[str]:
        """The files meant, each once. Raises ApiError if none is."""
        named = [*(self.file_ids or []), *(one.file_id for one in self.files or [])]
        if not named:
            raise refuse("file_ids", "name at least one file")
        return list(dict.fromkeys(named))


class StoreRequest(BaseModel):
    """A request to make a vector store, or to rename one."""

    model_config = ConfigDict(extra="allow")
    name: Text | None = None
    file_ids: list[Text] | None = None
    expires_after: dict[str, Any] | None = None


def check_store(request: StoreRequest) -> str:
    """The name asked for. Raises ApiError for what cannot be done."""
    if request.expires_after:
        raise refuse("expires_after", "collections stay until they are deleted")
    if not request.name:
        raise refuse("name", "a vector store is a collection and needs a name")
    return request.name


def check_names(infos: Sequence[DocumentInfo]) -> None:
    """Raises ApiError where two of the documents have one name and are not the same."""
    known: dict[str, str] = {}
    for info in infos:
        if known.setdefault(info.name, info.document_id) != info.document_id:
            message = (
                f"it would hold two different files called {info.name!r}: delete or rename one"
            )
            raise ApiError(409, message, code="name_taken", param="file_id")


def check_search(request: SearchRequest) -> None:
    """Raises ApiError for what cannot be done."""
    if request.filters:
        raise refuse("filters", "there are none here; write the filter as plumbline.where")
    options = request.ranking_options
    if options is not None and options.score_threshold:
        raise refuse(
            "ranking_options.score_threshold",
            "the scores order the results and are no shares; take fewer of them instead",
        )


def file_object(info: DocumentInfo) -> dict[str, Any]:
    """A document as a file."""
    return {
        "id": info.document_id,
        "object": "file",
        "bytes": info.bytes,
        "created_at": _seconds(info),
        "filename": info.name,
        "purpose": "assistants",
        "status": "processed",
        "status_details": None,
        "expires_at": None,
    }


def vector_store(name: str, documents: Sequence[DocumentInfo]) -> dict[str, Any]:
    """A collection as a vector store."""
    added = [_seconds(info) for info in documents]
    counts = {"in_progress": 0, "completed": len(added), "failed": 0, "cancelled": 0}
    return {
        "id": name,
        "object": "vector_store",
        "created_at": min(added, default=0),
        "last_active_at": max(added, default=None),
        "name": name,
        "status": "completed",
        "usage_bytes": sum(info.bytes for info in documents),
        "file_counts": {**counts, "total": len(added)},
        "metadata": {},
        "expires_after": None,
        "expires_at": None,
    }


def store_file(name: str, info: DocumentInfo) -> dict[str, Any]:
    """A document as a file of a vector store."""
    return {
        "id": info.document_id,
        "object": "vector_store.file",
        "created_at": _seconds(info),
        "vector_store_id": name,
        "status": "completed",
        "usage_bytes": info.bytes,
        "last_error": None,
        "attributes": {
            "filename": info.name,
            "pages": info.pages,
            "pages_without_text": info.pages_without_text,
            "chunks": info.chunks,
        },
    }


def batch_id(completed: int, failed: int) -> str:
    """The id of a batch that is done; it says all that is known of it."""
    return f"vsfb_{int(time.time())}_{completed}_{failed}"


def file_batch(name: str, ident: str) -> dict[str, Any]:
    """A batch of files put into a vector store. Raises ApiError for what is no batch's id."""
    match = _BATCH.fullmatch(ident)
    if match is None:
        raise ApiError(404, f"there is no batch {ident!r}", code="batch_not_found")
    created, completed, failed = (int(number) for number in match.groups())
    counts = {"in_progress": 0, "completed": completed, "failed": failed, "cancelled": 0}
    return {
        "id": ident,
        "object": "vector_store.file_batch",
        "created_at": created,
        "vector_store_id": name,
        "status": "completed" if completed or not failed else "failed",
        "file_counts": {**counts, "total": completed + failed},
    }


def contents(pages: Sequence[Page]) -> dict[str, Any]:
    """A document's text, a part for each page."""
    parts = [{"type": "text", "text": page.text} for page in pages]
    return {
        "object": "vector_store.file_content.page",
        "data": parts,
        "has_more": False,
        "next_page": None,
    }


def results(queries: Sequence[str], found: Sequence[Sequence[Hit]], most: int) -> dict[str, Any]:
    """The hits of several queries, in turns, each passage once."""
    turns = max((len(hits) for hits in found), default=0)
    mixed = [hits[i] for i in range(turns) for hits in found if i < len(hits)]
    once: dict[str, Hit] = {}
    for hit in mixed:
        once.setdefault(hit.chunk.chunk_id, hit)
    return {
        "object": "vector_store.search_results.page",
        "search_query": list(queries),
        "data": [_result(hit) for hit in list(once.values())[:most]],
        "has_more": False,
        "next_page": None,
    }


def listed(
    entries: Sequence[T],
    written: Callable[[T], dict[str, Any]],
    order: Order,
    after: str | None,
    limit: int,
) -> dict[str, Any]:
    """One page of a list, by time. Raises ApiError for an `after` that is not in it."""
    rows = [written(entry) for entry in entries]
    rows.sort(key=lambda row: (row["created_at"], row["id"]), reverse=order == "desc")
    ids = [row["id"] for row in rows]
    if after is not None and after not in ids:
        raise ApiError(400, f"there is no {after!r} to go on after", param="after")
    start = 0 if after is None else ids.index(after) + 1
    part = rows[start : start + limit]
    return {
        "object": "list",
        "data": part,
        "first_id": part[0]["id"] if part else None,
        "last_id": part[-1]["id"] if part else None,
        "has_more": start + limit < len(rows),
    }


def _result(hit: Hit) -> dict[str, Any]:
    chunk = hit.chunk
    return {
        "file_id": chunk.document_id,
        "filename": hit.document,
        "score": hit.score,
        "attributes": {
            "chunk_id": chunk.chunk_id,
            "page": chunk.page,
            "start": chunk.start,
            "end": chunk.end,
            "heading": chunk.heading,
        },
        "content": [{"type": "text", "text": chunk.text}],
    }


def _seconds(info: DocumentInfo) -> int:
    return int(datetime.fromisoformat(info.added_at).timestamp())
