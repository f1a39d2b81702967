"""The vector index of a large collection: an inverted file in `index.db`, beside the database.

Each vector lies with those that are nearest to the same centroid (k-means, by FAISS), as bytes; a
question reads the cells nearest to it. What is found is compared anew with the stored vectors, so
that the bytes decide only what is compared. After Jégou, Douze and
Schmid, "Product quantization for nearest neighbor search", IEEE TPAMI 2011, section IV, with
scalar codes.

The file is derived: whatever is wrong with it, it is deleted and made anew. It may lag behind the
database: chunks above `last` are not in it, and those that were deleted are passed over.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.store.database import open_unchecked, snapshot
from rag.store.ranges import Ranges, inside
from rag.store.rows import Ids
from rag.types import FloatArray, Language

FORMAT = 1
_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE packed (
    id INTEGER PRIMARY KEY, language TEXT NOT NULL, cell INTEGER NOT NULL, entries BLOB NOT NULL
);
CREATE INDEX packed_by_cell ON packed (language, cell);
CREATE TABLE counts (
    language TEXT NOT NULL, cell INTEGER NOT NULL, held INTEGER NOT NULL,
    PRIMARY KEY (language, cell)
) WITHOUT ROWID;
CREATE TABLE placed (
    chunk INTEGER NOT NULL, cell INTEGER NOT NULL, PRIMARY KEY (chunk, cell)
) WITHOUT ROWID;
"""
_PAGE = 32768
"""Bytes: with vectors of 384 numbers a full row of `packed` is one page."""
_LEAST_READ = 4096
"""Vectors that a question is compared with at least, as bytes."""
_SHARE_READ = 0.012
"""The same as a share of the collection."""


class Cells:
    """An open `index.db`. Raises sqlite3.DatabaseError where the file is broken."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection = open_unchecked(path)
        try:
            (version,) = self._connection.execute("PRAGMA user_version").fetchone()
            if version != FORMAT:
                raise sqlite3.DatabaseError(f"format {version} is not {FORMAT}")
            meta = dict(self._connection.execute("SELECT key, value FROM meta"))
            self.life, self.trained = str(meta["life"]), int(meta["trained"])
            self.dimension = int(meta["dimension"])
            self._centroids = np.frombuffer(meta["centroids"], "<f4").reshape(-1, self.dimension)
            self._entry = _entry(self.dimension)
        except (KeyError, ValueError, TypeError) as err:
            self._connection.close()
            raise sqlite3.DatabaseError(f"{path.name} is no index: {err}") from None
        except sqlite3.DatabaseError:
            self._connection.close()
            raise
        self._version = -1
        self._counts: dict[Language, NDArray[np.int64]] = {}

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @classmethod
    def create(cls, path: Path, life: str, centroids: FloatArray, trained: int) -> Cells:
        """An empty index at `path` for the centroids, of shape [cells, d]; `life` names the
        collection, `trained` is the number of vectors that the centroids stand for."""
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute(f"PRAGMA page_size = {_PAGE}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(_SCHEMA)
        meta = {
            "life": life,
            "trained": trained,
            "dimension": centroids.shape[1],
            "centroids": centroids.astype("<f4").tobytes(),
            "last": 0,
            "state": "",
        }
        connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
        connection.execute(f"PRAGMA user_version = {FORMAT}")
        connection.close()
        return cls(path)

    @property
    def last(self) -> int:
        """The highest row id of a chunk that was put in."""
        return int(self._meta("last"))

    @property
    def state(self) -> str:
        """The state of the database (`read_state`) whose deletions it follows."""
        return str(self._meta("state"))

    @contextmanager
    def writing(self, state: str) -> Iterator[None]:
        """One transaction; afterwards the index has that `state`."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("UPDATE meta SET value = ? WHERE key = 'state'", (state,))
            self._connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            raise

    def merge_log(self) -> None:
        """Let the write-ahead log go into the file."""
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def reading(self) -> AbstractContextManager[None]:
        """Several reads of one and the same content."""
        return snapshot(self._connection)

    def chunks(self) -> Ids:
        """The row ids of all chunks in it, ascending."""
        found = self._connection.execute("SELECT DISTINCT chunk FROM placed ORDER BY chunk")
        return np.fromiter((row for (row,) in found), dtype=np.int64)

    def counts(self) -> dict[Language, NDArray[np.int64]]:
        """How many vectors each cell holds, by language."""
        (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        if version != self._version:
            self._counts = {}
            for language, cell, held in self._connection.execute("SELECT * FROM counts"):
                if language not in self._counts:
                    self._counts[language] = np.zeros(len(self._centroids), dtype=np.int64)
                self._counts[language][cell] = held
            self._version = version
        return {language: held for language, held in self._counts.items() if held.any()}

    def search(
        self, vector: FloatArray, language: Language, share: float, within: Ranges | None
    ) -> tuple[Ids, FloatArray]:
        """Row ids of chunks and rough inner products, of what the nearest cells hold. `share` is
        that of the collection which `within` leaves."""
        held = self.counts()[language]
        order = np.argsort(-(self._centroids @ vector))
        order = order[held[order] > 0]
        wanted = max(_LEAST_READ, _SHARE_READ * int(held.sum())) / max(share, 0.05)
        cells = order[: int(np.searchsorted(np.cumsum(held[order]), wanted)) + 1]
        marks = ", ".join(map(str, cells.tolist()))
        blobs = self._connection.execute(
            f"SELECT entries FROM packed WHERE language = ? AND cell IN ({marks})", (language,)
        )
        entries = np.frombuffer(b"".join(blob for (blob,) in blobs), dtype=self._entry)
        if within is not None:
            entries = entries[inside(entries["chunk"], within)]
        scores = (entries["code"].astype(np.float32) @ vector) * entries["scale"]
        return entries["chunk"], scores

    def add(self, chunks: Ids, vectors: FloatArray, languages: NDArray[np.str_]) -> None:
        """Put in vectors of shape [n, d] of chunks above `last`, ascending, within `writing`."""
        cells = self._nearest_cells(vectors)
        entries = self._encoded(chunks, vectors)
        order = np.lexsort((chunks, cells, languages))
        keys = np.stack([languages[order].astype(object), cells[order].astype(object)], axis=1)
        breaks = np.flatnonzero((keys[1:] != keys[:-1]).any(axis=1)) + 1
        for group in np.split(order, breaks):
            self._append(str(languages[group[0]]), int(cells[group[0]]), entries[group])
        self._connection.executemany(
            "INSERT OR IGNORE INTO placed VALUES (?, ?)",
            zip(chunks.tolist(), cells.tolist(), strict=True),
        )
        last = int(chunks[-1])
        self._connection.execute("UPDATE meta SET value = ? WHERE key = 'last'", (last,))
        self._version = -1

    def remove(self, chunks: Ids) -> None:
        """Take out what it holds of these chunks, within `writing`."""
        cells: dict[int, list[int]] = {}
        for chunk in chunks.tolist():
            for (cell,) in self._connection.execute(
                "SELECT cell FROM placed WHERE chunk = ?", (chunk,)
            ):
                cells.setdefault(cell, []).append(chunk)
        for cell, gone in cells.items():
            rows = self._connection.execute(
                "SELECT p.id, p.language, p.entries FROM counts c JOIN packed p ON "
                "p.language = c.language AND p.cell = c.cell WHERE c.cell = ?",
                (cell,),
            ).fetchall()
            for row, language, blob in rows:
                self._take_out(row, language, cell, np.frombuffer(blob, self._entry), gone)
        self._connection.executemany(
            "DELETE FROM placed WHERE chunk = ?", ((chunk,) for chunk in chunks.tolist())
        )
        self._version = -1

    def decoded(self) -> Iterator[tuple[Ids, FloatArray]]:
        """All it holds, a row at a time: row ids of chunks and vectors of shape [n, d]."""
        for (blob,) in self._connection.execute("SELECT entries FROM packed"):
            entries = np.frombuffer(blob, dtype=self._entry)
            yield entries["chunk"], entries["code"].astype(np.float32) * entries["scale"][:, None]

    def _meta(self, key: str) -> Any:
        query = "SELECT value FROM meta WHERE key = ?"
        return self._connection.execute(query, (key,)).fetchone()[0]

    def _nearest_cells(self, vectors: FloatArray) -> Ids:
        import faiss

        _, cells = faiss.knn(vectors, self._centroids, 1, metric=faiss.METRIC_INNER_PRODUCT)
        nearest: Ids = cells[:, 0].astype(np.int64)
        return nearest

    def _encoded(self, chunks: Ids, vectors: FloatArray) -> NDArray[np.void]:
        entries = np.zeros(len(chunks), dtype=self._entry)
        scales = np.maximum(np.abs(vectors).max(axis=1), 1e-9) / 127
        entries["chunk"], entries["scale"] = chunks, scales
        entries["code"] = np.rint(vectors / scales[:, None])
        return entries

    def _append(self, language: Language | str, cell: int, entries: NDArray[np.void]) -> None:
        """Fill up the last row of the cell, and begin new ones."""
        room = max(1, (_PAGE - 200) // self._entry.itemsize)
        last = self._connection.execute(
            "SELECT id, entries FROM packed WHERE language = ? AND cell = ? "
            "ORDER BY id DESC LIMIT 1",
            (language, cell),
        ).fetchone()
        held = 0 if last is None else len(last[1]) // self._entry.itemsize
        free = room - held if last is not None else 0
        if last is not None and free > 0:
            self._connection.execute(
                "UPDATE packed SET entries = ? WHERE id = ?",
                (last[1] + entries[:free].tobytes(), last[0]),
            )
        for at in range(max(free, 0), len(entries), room):
            self._connection.execute(
                "INSERT INTO packed (language, cell, entries) VALUES (?, ?, ?)",
                (language, cell, entries[at : at + room].tobytes()),
            )
        self._connection.execute(
            "INSERT INTO counts VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET held = held + ?3",
            (language, cell, len(entries)),
        )

    def _take_out(
        self, row: int, language: str, cell: int, entries: NDArray[np.void], gone: list[int]
    ) -> None:
        kept = entries[~np.isin(entries["chunk"], gone)]
        if len(kept) == len(entries):
            return
        if len(kept):
            self._connection.execute(
                "UPDATE packed SET entries = ? WHERE id = ?", (kept.tobytes(), row)
            )
        else:
            self._connection.execute("DELETE FROM packed WHERE id = ?", (row,))
        self._connection.execute(
            "UPDATE counts SET held = held - ? WHERE language = ? AND cell = ?",
            (len(entries) - len(kept), language, cell),
        )


def _entry(dimension: int) -> np.dtype[np.void]:
    return np.dtype([("chunk", "<i8"), ("scale", "<f4"), ("code", "i1", (dimension,))])
