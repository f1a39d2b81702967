"""The vector index of a large collection: an inverted file in `index.db`, beside the database.

Each vector lies with those that are nearest to the same centroid (k-means, by FAISS), as a code of
one bit for each number (`rough`). The codes are read into memory for the first question; a question
is compared with those in the cells nearest to it. What is found is compared anew with the stored
vectors, so that the codes decide only what is compared. After Jégou, Douze and Schmid, "Product
quantization for nearest neighbor search", IEEE TPAMI 2011, section IV.

FAISS keeps an inverted file in one file of its own, which knows no transactions and is written
whole; here a batch of new vectors and a removal each touch their cells.

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
from rag.store.ranges import Ranges
from rag.store.rough import Coder, Codes, RoughVectors
from rag.store.rows import Ids
from rag.types import FloatArray, Language

FORMAT = 3
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
CREATE TABLE placed (chunk INTEGER PRIMARY KEY, cell INTEGER NOT NULL);
"""
_PAGE = 32768
"""Bytes: a full row of `packed` is one page."""
LEAST_READ = 131_072
"""Vectors that a question is compared with at least, as codes."""
SHARE_READ = 0.2
"""The same as a share of a language's vectors; both from `benchmarks/at_size.py --curve`."""
_STALE = 0.02
"""Such a share of removed vectors may stay in memory: they are passed over."""


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
            centroids = np.frombuffer(meta["centroids"], "<f4").reshape(-1, self.dimension)
            self._coder = Coder(centroids)
            self._entry = np.dtype([("chunk", "<i8"), ("code", "u1", (self._coder.width,))])
        except (KeyError, ValueError, TypeError) as err:
            self._connection.close()
            raise sqlite3.DatabaseError(f"{path.name} is no index: {err}") from None
        except sqlite3.DatabaseError:
            self._connection.close()
            raise
        self._version = -1
        self._counts: dict[Language, int] = {}
        self._rough: dict[Language, RoughVectors] = {}
        self._read = 0

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
        found = self._connection.execute("SELECT chunk FROM placed ORDER BY chunk")
        return np.fromiter((row for (row,) in found), dtype=np.int64)

    def counts(self) -> dict[Language, int]:
        """How many vectors it holds, by language."""
        (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        if version != self._version:
            self._counts = dict(
                self._connection.execute("SELECT language, sum(held) FROM counts GROUP BY 1")
            )
            self._version = version
        return {language: held for language, held in self._counts.items() if held}

    def search(
        self, vector: FloatArray, k: int, language: Language, share: float, within: Ranges | None
    ) -> tuple[Ids, FloatArray]:
        """Row ids of chunks and rough inner products of the `k` nearest of what the nearest cells
        hold. `share` is that of the collection which `within` leaves."""
        rough = self._in_memory(language)
        wanted = max(LEAST_READ, SHARE_READ * rough.count) / max(share, 0.05)
        return rough.search(vector, k, int(wanted), within)

    def _in_memory(self, language: Language) -> RoughVectors:
        """The codes of the language as of now but for some that were removed."""
        last = self.last
        if last != self._read:
            self._rough, self._read = {}, last
        held = self.counts().get(language, 0)
        known = self._rough.get(language)
        if known is None or known.count > (1 + _STALE) * held:
            self._rough[language] = known = RoughVectors(self._coder, self._rows(language))
        return known

    def _rows(self, language: Language) -> Iterator[tuple[int, Ids, Codes]]:
        for cell, blob in self._connection.execute(
            "SELECT cell, entries FROM packed WHERE language = ? ORDER BY cell, id", (language,)
        ):
            entries = np.frombuffer(blob, dtype=self._entry)
            yield cell, entries["chunk"], entries["code"]

    def add(self, chunks: Ids, vectors: FloatArray, languages: NDArray[np.str_]) -> None:
        """Put in vectors of shape [n, d] of chunks above `last`, ascending, within `writing`."""
        cells = self._coder.nearest_cells(vectors)
        entries = np.empty(len(chunks), dtype=self._entry)
        entries["chunk"], entries["code"] = chunks, self._coder.encode(vectors, cells)
        order = np.lexsort((chunks, cells, languages))
        keys = np.stack([languages[order].astype(object), cells[order].astype(object)], axis=1)
        breaks = np.flatnonzero((keys[1:] != keys[:-1]).any(axis=1)) + 1
        for group in np.split(order, breaks):
            self._append(str(languages[group[0]]), int(cells[group[0]]), entries[group])
        self._connection.executemany(
            "INSERT INTO placed VALUES (?, ?)",
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

    def coded(self) -> Iterator[tuple[int, Ids, Codes]]:
        """All it holds, a row at a time: cell, row ids of chunks, codes."""
        for cell, blob in self._connection.execute("SELECT cell, entries FROM packed"):
            entries = np.frombuffer(blob, dtype=self._entry)
            yield cell, entries["chunk"], entries["code"]

    def encode(self, vectors: FloatArray, cell: int) -> Codes:
        """The codes that vectors of shape [n, d] have in the cell."""
        return self._coder.encode(vectors, np.full(len(vectors), cell))

    def _meta(self, key: str) -> Any:
        query = "SELECT value FROM meta WHERE key = ?"
        return self._connection.execute(query, (key,)).fetchone()[0]

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
