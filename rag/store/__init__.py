"""Collections: documents in, passages out, in the home or in PostgreSQL and Milvus."""

from typing import TYPE_CHECKING

from rag.store.engines import (
    check_collection,
    identity,
    list_collections,
    remove_collection,
    rename_collection,
    summarise,
)
from rag.store.finding import Finding
from rag.store.where import Filter, Where, parse_where

if TYPE_CHECKING:
    from rag.store.collection import Collection

__all__ = [
    "Collection",
    "Filter",
    "Finding",
    "Where",
    "check_collection",
    "identity",
    "list_collections",
    "parse_where",
    "remove_collection",
    "rename_collection",
    "summarise",
]


def __getattr__(name: str) -> object:
    """`Collection` when it is first asked for: it brings NumPy, which a list does not need."""
    if name == "Collection":
        from rag.store.collection import Collection

        return Collection
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
