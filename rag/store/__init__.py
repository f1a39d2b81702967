"""Collections: SQLite holds the truth, the vector index is derived from it."""

from typing import TYPE_CHECKING

from rag.store.folder import list_collections, remove_collection
from rag.store.summary import Summary, summarise
from rag.store.where import Filter, Where, parse_where

if TYPE_CHECKING:
    from rag.store.collection import Collection

__all__ = [
    "Collection",
    "Filter",
    "Summary",
    "Where",
    "list_collections",
    "parse_where",
    "remove_collection",
    "summarise",
]


def __getattr__(name: str) -> object:
    """`Collection` when it is first asked for: it brings NumPy, which a list does not need."""
    if name == "Collection":
        from rag.store.collection import Collection

        return Collection
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
