"""Collections: SQLite holds the truth, FAISS and the keyword index are derived from it."""

from rag.store.collection import Collection
from rag.store.folder import list_collections, remove_collection
from rag.store.where import Filter, Where, parse_where

__all__ = ["Collection", "Filter", "Where", "list_collections", "parse_where", "remove_collection"]
