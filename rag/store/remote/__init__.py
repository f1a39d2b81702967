"""Collections beyond one machine: PostgreSQL holds the truth, Milvus the vectors to search."""

from rag.store.remote.collection import open_remote
from rag.store.remote.manage import ready

__all__ = ["open_remote", "ready"]
