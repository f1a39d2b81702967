"""The vector index: FAISS over the vectors of the database, derived and never trusted.

In memory it is brought up to date by comparing ids: the database never uses an id twice, so an
id stands for the same vector for ever. On disk it is `index.faiss` and `index.json`; the latter
is written last and names the state of the database and the digest of the former. Whatever does
not match is rebuilt from the database.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from rag.store.database import read_state, snapshot
from rag.store.folder import flush
from rag.types import FloatArray

INDEX = "index.faiss"
MANIFEST = "index.json"
_BLOCK = 8192
_THREADS = 2
"""One query over a flat index is bound by memory, not by cores; torch needs those more."""

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Manifest:
    """What `index.json` promises of `index.faiss`."""

    state: str
    sha256: str
    vectors: int
    dimension: int


class VectorIndex:
    """Exact inner-product search over all vectors of one database, held in memory."""

    def __init__(self, dimension: int) -> None:
        faiss.omp_set_num_threads(_THREADS)
        self.dimension = dimension
        self.state = ""
        self._faiss: Any = faiss.IndexIDMap(faiss.IndexFlatIP(dimension))

    @property
    def ids(self) -> Ids:
        """The ids held, unsorted."""
        held: Ids = faiss.vector_to_array(self._faiss.id_map)
        return held

    def catch_up(self, connection: sqlite3.Connection) -> None:
        """Take in what the database gained and lose what it lost since the last time."""
        with snapshot(connection):
            state = read_state(connection)
            if state == self.state:
                return
            rows = connection.execute("SELECT id FROM vectors").fetchall()
            wanted = np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))
            held = self.ids
            gone, new = np.setdiff1d(held, wanted), np.setdiff1d(wanted, held)
            if len(gone):
                self._faiss.remove_ids(gone)
            self._take(connection, new)
        self.state = state

    def search(self, vector: FloatArray, k: int) -> list[tuple[int, float]]:
        """The `k` nearest (vector id, inner product), best first; `vector` has shape [d]."""
        count = min(k, self._faiss.ntotal)
        if count == 0:
            return []
        query = np.ascontiguousarray(vector, dtype=np.float32).reshape(1, self.dimension)
        scores, ids = self._faiss.search(query, count)
        return [(int(i), float(s)) for i, s in zip(ids[0], scores[0], strict=True) if i >= 0]

    def save(self, folder: Path) -> None:
        """Write index and manifest so that a kill at any point leaves the old or the new pair,
        or a pair that does not match and is rebuilt. The caller holds the write lock."""
        draft = folder / f"{INDEX}.new"
        faiss.write_index(self._faiss, str(draft))
        with draft.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        _put(draft, folder / INDEX)
        manifest = {
            "state": self.state,
            "sha256": digest,
            "vectors": self._faiss.ntotal,
            "dimension": self.dimension,
        }
        draft = folder / f"{MANIFEST}.new"
        draft.write_text(json.dumps(manifest), encoding="utf-8")
        _put(draft, folder / MANIFEST)
        flush(folder)

    @classmethod
    def load(cls, folder: Path, dimension: int, state: str) -> VectorIndex | None:
        """The index on disk if it is whole and mirrors exactly `state`, else None."""
        manifest = _read_manifest(folder)
        if manifest is None or (manifest.state, manifest.dimension) != (state, dimension):
            return None
        try:
            data = (folder / INDEX).read_bytes()
        except OSError:
            return None
        if hashlib.sha256(data).hexdigest() != manifest.sha256:
            return None
        index = cls(dimension)
        index._faiss = faiss.deserialize_index(np.frombuffer(data, dtype=np.uint8))
        index.state = state
        return index

    def _take(self, connection: sqlite3.Connection, ids: Ids) -> None:
        """Add the vectors of `ids` (sorted), a block at a time."""
        for at in range(0, len(ids), _BLOCK):
            block = ids[at : at + _BLOCK]
            rows = connection.execute(
                "SELECT id, vector FROM vectors WHERE id BETWEEN ? AND ? ORDER BY id",
                (int(block[0]), int(block[-1])),
            ).fetchall()
            wanted = set(block.tolist())
            vectors = [decode(blob) for identity, blob in rows if identity in wanted]
            self._faiss.add_with_ids(np.stack(vectors), block)


def encode(vector: FloatArray) -> bytes:
    """A vector as it lies in the database: float16, little-endian."""
    return vector.astype("<f2").tobytes()


def decode(blob: bytes) -> FloatArray:
    """The inverse of `encode`, in float32."""
    return np.frombuffer(blob, dtype="<f2").astype(np.float32)


def _read_manifest(folder: Path) -> _Manifest | None:
    """The manifest in `folder`, None if it is missing or not one of ours."""
    try:
        return _Manifest(**json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _put(draft: Path, path: Path) -> None:
    flush(draft)
    draft.replace(path)
