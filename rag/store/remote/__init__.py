"""Collections beyond one machine: PostgreSQL holds the truth, Milvus the vectors to search."""

from rag.store.remote.collection import open_remote
from rag.store.remote.manage import ready
from rag.store.remote.traces import traces

__all__ = ["open_remote", "ready", "traces"]
