"""The vectors of one collection in Milvus: written, deleted, searched; errors with their mend.

The same code serves Milvus Lite and a cluster. Milvus holds copies alone, which PostgreSQL can make
again. Ids are PostgreSQL's row numbers. Knows nothing of texts.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from rag.config import StoreSettings
from rag.errors import CollectionError, ConfigError, StoreUnavailable
from rag.types import FloatArray, Language

BATCH = 1000
"""Vectors that are sent at once: with 1,024 numbers each, 4 MB."""
MOST = 16_384
"""Vectors that Milvus returns at most."""
_UNAVAILABLE = (1, 2, 3, 5, 6, 7, 8, 9)
"""Codes of services that are down, not ready or too busy; 2 is the client's own."""
_NOT_THERE, _NOT_LOADED = 100, 101
_AT_ONCE = {"grpc.use_local_subchannel_pool": 1, "grpc.max_reconnect_backoff_ms": 1000}
"""A new connection does not wait, as gRPC's would, because an earlier one had failed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A vector as Milvus keeps it, with the rows of its chunk and document."""

    chunk: int
    document: int
    language: str
    vector: FloatArray


class MilvusVectors:
    """The vectors of the collection with this `life`, of `dimension` numbers each."""

    def __init__(self, store: StoreSettings, life: str, dimension: int) -> None:
        self._store = store
        self._name = milvus_name(life)
        self._dimension = dimension
        self._connected: Any = None

    def exists(self) -> bool:
        """Whether Milvus has this collection."""
        with _explained(self._store):
            return bool(self._client.has_collection(self._name, timeout=self._store.timeout_s))

    def create(self) -> None:
        """Make it, empty and loaded, unless it is there."""
        if self.exists():
            return
        store, client, kinds = self._store, self._client, _library().DataType
        schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("chunk", kinds.INT64, is_primary=True)
        schema.add_field("document", kinds.INT64, is_partition_key=True)
        schema.add_field("language", kinds.VARCHAR, max_length=16)
        schema.add_field("vector", kinds.FLOAT_VECTOR, dim=self._dimension)
        index = client.prepare_index_params()
        index.add_index("vector", index_type="AUTOINDEX", metric_type="IP")
        with _explained(store):
            client.create_collection(
                self._name,
                schema=schema,
                index_params=index,
                num_shards=store.shards,
                num_partitions=store.partitions,
                consistency_level=store.consistency,
                timeout=store.timeout_s,
            )
            if store.replicas > 1:  # it was loaded with one
                client.release_collection(self._name, timeout=store.timeout_s)
                self._load()

    def drop(self) -> None:
        """Delete it with all it holds; nothing if it is not there."""
        with _explained(self._store):
            self._client.drop_collection(self._name, timeout=self._store.timeout_s)

    def write(self, entries: Sequence[Entry]) -> None:
        """Write entries; those with known rows take the place of what was there."""
        for at in range(0, len(entries), BATCH):
            data = [
                {
                    "chunk": entry.chunk,
                    "document": entry.document,
                    "language": entry.language,
                    "vector": entry.vector,
                }
                for entry in entries[at : at + BATCH]
            ]
            with _explained(self._store):
                self._client.upsert(self._name, data, timeout=self._store.timeout_s)

    def delete(self, documents: Sequence[int]) -> None:
        """Delete all vectors of the documents."""
        for at in range(0, len(documents), BATCH):
            which = list(documents[at : at + BATCH])
            with _explained(self._store):
                self._client.delete(
                    self._name, filter=f"document in {which}", timeout=self._store.timeout_s
                )

    def search(
        self,
        vector: FloatArray,
        k: int,
        language: Language | None = None,
        within: Sequence[int] | None = None,
        without: Sequence[int] = (),
    ) -> dict[int, float]:
        """The rows of the `k` nearest chunks with their inner products. `within` and `without` are
        rows of documents."""
        conditions = [f'language == "{language}"'] if language is not None else []
        conditions += [f"document in {list(within)}"] if within is not None else []
        conditions += [f"document not in {list(without)}"] if without else []
        (found,) = self._ask(
            lambda client: client.search(
                self._name,
                [vector],
                limit=min(k, MOST),
                filter=" and ".join(conditions),
                output_fields=["chunk"],
                consistency_level=self._store.consistency,
                timeout=self._store.timeout_s,
            )
        )
        return {int(hit["entity"]["chunk"]): float(hit["distance"]) for hit in found}

    def documents(self) -> dict[int, int]:
        """How many vectors it holds of each document, all of them read."""
        counts: dict[int, int] = {}
        pages = self._ask(
            lambda client: client.query_iterator(
                self._name,
                batch_size=MOST,
                filter="chunk >= 0",
                output_fields=["document"],
                consistency_level=self._store.consistency,
                timeout=self._store.timeout_s,
            )
        )
        with _explained(self._store):
            while found := pages.next():
                for row in found:
                    counts[row["document"]] = counts.get(row["document"], 0) + 1
            pages.close()
        return counts

    def _ask(self, question: Callable[[Any], Any]) -> Any:
        """The client's answer to a question about vectors, which have to be in memory for it."""
        with _explained(self._store):
            try:
                return question(self._client)
            except _library().MilvusException as err:
                if err.code != _NOT_LOADED:
                    raise
                self._load()
                return question(self._client)

    def _load(self) -> None:
        store = self._store
        self._client.load_collection(
            self._name, replica_number=store.replicas, timeout=store.timeout_s
        )

    @property
    def _client(self) -> Any:
        if self._connected is None:
            self._connected = _connect(self._store)
        return self._connected


def milvus_name(life: str) -> str:
    """What the collection with this life is called in Milvus."""
    return f"plumb_{life}"


def ping(store: StoreSettings) -> None:
    """Raise StoreUnavailable or CollectionError unless Milvus answers."""
    with _explained(store):
        _connect(store).list_collections(timeout=store.timeout_s)


def _connect(store: StoreSettings) -> Any:
    """A client; pymilvus keeps one connection for all clients of an address, and makes it again
    where it was lost."""
    library = _library()
    # It logs each failed request with its whole trace; we tell of it ourselves.
    logging.getLogger("pymilvus").setLevel(logging.CRITICAL)
    token = store.milvus_token
    with _explained(store):
        return library.MilvusClient(
            uri=store.milvus,
            token=token.get_secret_value() if token else "",
            db_name="" if store.milvus_database == "default" else store.milvus_database,
            timeout=store.timeout_s,
            grpc_options=_AT_ONCE,
        )


def _library() -> Any:
    try:
        import pymilvus
    except ImportError:
        raise ConfigError(
            "store.milvus is set, and pymilvus is not installed: pip install 'plumbline[remote]'"
        ) from None
    return pymilvus


@contextmanager
def _explained(store: StoreSettings) -> Iterator[None]:
    """Turn errors of Milvus, its client and gRPC into ours, with the mend."""
    refused = _library().MilvusException
    import grpc

    try:
        yield
    except (refused, grpc.RpcError, grpc.FutureTimeoutError) as err:
        raise _explain(store, err) from err


def _explain(store: StoreSettings, err: Exception) -> CollectionError:
    said = " ".join(str(getattr(err, "message", "") or err).split())[:300]
    where = f"Milvus at {store.milvus}"
    code = getattr(err, "code", None)
    code = code() if callable(code) else code
    status = getattr(code, "name", "")
    if status in ("UNAUTHENTICATED", "PERMISSION_DENIED") or "auth check failure" in said:
        return CollectionError(f"{where} refuses the token: set store.milvus_token ({said})")
    if "database not found" in said:
        return CollectionError(
            f"{where} has no database {store.milvus_database!r}: make it, or correct "
            f"store.milvus_database ({said})"
        )
    if code == _NOT_THERE:
        return CollectionError(
            f"{where} has lost the vectors of the collection: make them again from PostgreSQL with "
            f"`plumb collections check NAME --repair` ({said})"
        )
    if status or code in _UNAVAILABLE or "Retry" in said or "onnect" in said:
        return StoreUnavailable(
            f"{where} does not answer within {store.timeout_s:g} seconds: start it, or try again "
            f"later ({said})"
        )
    return CollectionError(f"{where}: {said}")
