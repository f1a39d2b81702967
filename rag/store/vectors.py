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

from rag.store.database import read_state, snapshot
from rag.store.folder import flush
from rag.store.rows import Ids, decode, read_vector_ids
from rag.types import FloatArray, Language

INDEX = "index.faiss"
MANIFEST = "index.json"
_typeless: Any = faiss
"""FAISS's type hints describe the constructors of C++, not those that its Python layer adds."""

_BLOCK = 8192
_THREADS = 2
"""One query over a flat index is bound by memory, not by cores; torch needs those more."""


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
        self._selectors: dict[Language, Any] = {}
        self._faiss: Any = faiss.IndexIDMap(faiss.IndexFlatIP(dimension))

    @property
    def flat(self) -> Any:
        """FAISS's own index of the vectors, in the order of `ids`."""
        return self._faiss.index

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
            if self.state and not _same_life(state, self.state):
                self._faiss = faiss.IndexIDMap(faiss.IndexFlatIP(self.dimension))
            by_language = read_vector_ids(connection)
            wanted = np.sort(np.concatenate([*by_language.values(), np.zeros(0, np.int64)]))
            held = self.ids
            gone, new = np.setdiff1d(held, wanted), np.setdiff1d(wanted, held)
            if len(gone):
                self._faiss.remove_ids(gone)
            self._take(connection, new)
            self._selectors = {name: _selector(ids) for name, ids in by_language.items()}
        self.state = state

    @property
    def languages(self) -> list[Language]:
        """The languages of the chunks whose vectors it holds."""
        return sorted(self._selectors)

    def search(
        self,
        vector: FloatArray,
        k: int,
        language: Language | None = None,
        among: Ids | None = None,
    ) -> list[tuple[int, float]]:
        """The `k` nearest (vector id, inner product), best first; `vector` has shape [d].

        With `language`, among the vectors of chunks in that language; with `among`, among those.
        """
        count = min(k, self._faiss.ntotal)
        if count == 0:
            return []
        query = np.ascontiguousarray(vector, dtype=np.float32).reshape(1, self.dimension)
        options: dict[str, Any] = {}
        if among is not None:
            if not len(among):
                return []
            options["params"] = _typeless.SearchParameters(sel=_selector(among))
        elif language is not None and self.languages != [language]:
            if language not in self._selectors:
                return []
            options["params"] = _typeless.SearchParameters(sel=self._selectors[language])
        scores, ids = self._faiss.search(query, count, **options)
        return [(int(i), float(s)) for i, s in zip(ids[0], scores[0], strict=True) if i >= 0]

    def save(self, folder: Path) -> None:
        """Write index and manifest so that a kill at any point leaves the old or the new pair,
        or a pair that does not match and is rebuilt. The caller holds the write lock."""
        draft = folder / f"{INDEX}.new"
        try:
            faiss.write_index(self._faiss, str(draft))
        except RuntimeError:  # no room: what was written would only take more of it
            draft.unlink(missing_ok=True)
            raise
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
        """The index on disk if it is whole and mirrors exactly `state`, else None.

        It has to `catch_up` before it is searched.
        """
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
        try:
            held = faiss.deserialize_index(np.frombuffer(data, dtype=np.uint8))
        except RuntimeError:  # written by a FAISS that knows kinds of index unknown here
            return None
        if not isinstance(held, faiss.IndexIDMap) or held.d != dimension:
            return None
        if held.ntotal != manifest.vectors:
            return None
        index._faiss = held
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


def _same_life(one: str, other: str) -> bool:
    """Whether two states are of one collection that was not restored in between: only then does an
    id stand for the same vector."""
    return one.rpartition("-")[0] == other.rpartition("-")[0]


def saved_state(folder: Path) -> str | None:
    """The state that the files in `folder` claim to mirror; whether they do shows on loading."""
    manifest = _read_manifest(folder)
    return None if manifest is None else manifest.state


def _read_manifest(folder: Path) -> _Manifest | None:
    """The manifest in `folder`, None if it is missing or not one of ours."""
    try:
        return _Manifest(**json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _selector(ids: Ids) -> Any:
    """FAISS's way to search among some ids only: a bit for every id up to the last."""
    mask = np.zeros(int(ids.max()) + 1, dtype=bool)
    mask[ids] = True
    return _typeless.IDSelectorBitmap(np.packbits(mask, bitorder="little"))


def _put(draft: Path, path: Path) -> None:
    flush(draft)
    draft.replace(path)
