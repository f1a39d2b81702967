"""Collections: SQLite holds the truth, FAISS and the keyword index are derived from it."""

from rag.store.collection import Collection
from rag.store.folder import list_collections, remove_collection

__all__ = ["Collection", "list_collections", "remove_collection"]
