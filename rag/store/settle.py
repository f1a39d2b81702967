"""The file of the vector index, brought up to date after a writer's last change, or made anew.

The caller holds the write lock. Nothing of this is needed for the truth: a kill at any point leaves
an index that is whole, is caught up by the next writer, or is deleted and made anew.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np

from rag.store import vectors as sizes
from rag.store.cells import Cells
from rag.store.database import read_embedder, read_setting, read_state
from rag.store.rows import decode
from rag.store.vectors import INDEX, OLDER
from rag.types import FloatArray

_BUILD = 65_536
"""Vectors that are put into the file at once."""
_GROWTH = 4
"""Centroids are found anew when the collection has grown so many times."""
_SAMPLE = 50
"""Vectors for each centroid to be found from."""


def watch_deletions(connection: sqlite3.Connection) -> None:
    """Have the connection note the row ids of the chunks that it deletes."""
    connection.execute("CREATE TEMP TABLE gone (chunk INTEGER PRIMARY KEY)")
    connection.execute(
        "CREATE TEMP TRIGGER note_gone AFTER DELETE ON main.chunks "
        "BEGIN INSERT OR IGNORE INTO gone VALUES (OLD.id); END"
    )


def settle(connection: sqlite3.Connection, folder: Path, before: str) -> None:
    """Let the index follow what the connection changed since the state `before`.

    Raises OSError or sqlite3.Error if it cannot be written; it is then as it was, or gone.
    """
    for name in OLDER:
        (folder / name).unlink(missing_ok=True)
    cells = open_cells(connection, folder)
    count = _count(connection, cells)
    if cells is None and count <= sizes.EXACT:
        _delete(folder / INDEX)
        return
    if cells is None or count > _GROWTH * cells.trained:
        if cells is not None:
            cells.close()
        build(connection, folder)
        return
    try:
        _follow(connection, cells, before)
        count = _count(connection, cells)
    except sqlite3.DatabaseError:  # broken, most likely
        cells.close()
        build(connection, folder)
    finally:
        cells.close()
    if count <= sizes.EXACT // 2:
        _delete(folder / INDEX)


def _count(connection: sqlite3.Connection, cells: Cells | None) -> int:
    """How many vectors there are; to count them all takes half a second in a large collection."""
    held, last = 0, 0
    if cells is not None:
        try:
            held, last = sum(cells.counts().values()), cells.last
        except sqlite3.DatabaseError:  # broken: what follows finds out
            held, last = 0, 0
    newer = connection.execute("SELECT count(*) FROM vectors WHERE chunk > ?", (last,))
    return held + int(newer.fetchone()[0])


def open_cells(connection: sqlite3.Connection, folder: Path) -> Cells | None:
    """The index in `folder` if it is this collection's and can be opened."""
    if not (folder / INDEX).exists():
        return None
    try:
        cells = Cells(folder / INDEX)
    except sqlite3.DatabaseError:
        return None
    wanted = read_setting(connection, "collection"), read_embedder(connection).dimension
    if (cells.life, cells.dimension) != wanted:
        cells.close()
        return None
    return cells


def count_strangers(connection: sqlite3.Connection, folder: Path) -> int:
    """Chunks that the index holds and the database does not; 1 if it is not this collection's."""
    cells = open_cells(connection, folder)
    if cells is None:
        return int((folder / INDEX).exists())
    try:
        found = connection.execute("SELECT id FROM chunks")
        there = np.fromiter((row for (row,) in found), dtype=np.int64)
        return int(np.setdiff1d(cells.chunks(), there).size)
    finally:
        cells.close()


def delete_index(folder: Path) -> None:
    """Delete the index in `folder`, to be made anew."""
    _delete(folder / INDEX)


def build(connection: sqlite3.Connection, folder: Path) -> None:
    """Make the index anew from the database; it takes the place of the one there is when whole."""
    (count,) = connection.execute("SELECT count(*) FROM vectors").fetchone()
    draft = folder / f"{INDEX}.new"
    _delete(draft)
    life, state = read_setting(connection, "collection"), read_state(connection)
    try:
        cells = Cells.create(draft, life, _centroids(connection, count), count)
        try:
            _fill(connection, cells, state)
            cells.merge_log()
        finally:
            cells.close()
        _delete(folder / INDEX, but_itself=True)
        draft.replace(folder / INDEX)
    except BaseException:
        _delete(draft)
        raise


def _follow(connection: sqlite3.Connection, cells: Cells, before: str) -> None:
    state = read_state(connection)
    if cells.state == state:
        return
    if cells.state == before:
        found = connection.execute("SELECT chunk FROM temp.gone ORDER BY chunk")
        gone = np.fromiter((row for (row,) in found), dtype=np.int64)
    else:  # a writer was killed: what it deleted is found by comparing
        found = connection.execute("SELECT id FROM chunks")
        gone = np.setdiff1d(cells.chunks(), np.fromiter((r for (r,) in found), dtype=np.int64))
    with cells.writing(state):
        cells.remove(gone)
    (newer,) = connection.execute(
        "SELECT count(*) FROM vectors WHERE chunk > ?", (cells.last,)
    ).fetchone()
    if newer > sizes.BATCH:
        _fill(connection, cells, state)
    cells.merge_log()


def _fill(connection: sqlite3.Connection, cells: Cells, state: str) -> None:
    """Put in all vectors of chunks above the last one."""
    cursor = connection.execute(
        "SELECT v.chunk, c.language, v.vector FROM vectors v JOIN chunks c ON c.id = v.chunk "
        "WHERE v.chunk > ? ORDER BY v.chunk",
        (cells.last,),
    )
    while rows := cursor.fetchmany(_BUILD):
        ids, languages, blobs = zip(*rows, strict=True)
        vectors = decode(b"".join(blobs)).reshape(len(ids), -1)
        with cells.writing(state):
            cells.add(np.array(ids, dtype=np.int64), vectors, np.array(languages))


def _centroids(connection: sqlite3.Connection, count: int) -> FloatArray:
    """The root of `count` centroids, by k-means."""
    import faiss

    cells = max(1, int(count**0.5))
    step = max(1, count // (_SAMPLE * cells))
    found = connection.execute("SELECT vector FROM vectors WHERE chunk % ? = 0", (step,))
    sample = decode(b"".join(blob for (blob,) in found))
    sample = sample.reshape(-1, read_embedder(connection).dimension)
    means = faiss.Kmeans(
        sample.shape[1],
        min(cells, len(sample)),
        niter=6,
        seed=1,
        min_points_per_centroid=1,
        max_points_per_centroid=2 * _SAMPLE,
    )
    means.train(sample)
    return np.asarray(means.centroids, dtype=np.float32)


def _delete(path: Path, *, but_itself: bool = False) -> None:
    """Delete an index with its log; `but_itself`: the log alone, before another takes its place."""
    for suffix in ("-wal", "-shm") if but_itself else ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
