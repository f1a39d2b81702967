"""Postings: which chunks have a term, and how often; in SQLite, a block of chunks a row.

A row of `postings` holds the entries of one term for 4,096 chunk ids, so that a document touches as
many rows as it has terms and a common term is read in a few blobs. `lengths` holds how many terms
each chunk has. Knows nothing of ranking or of texts.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BLOCK = 4096
_ENTRY = np.dtype([("at", "<u2"), ("text", "u1"), ("heading", "u1")])
_MOST = 255
_READ = 20_000


@dataclass(frozen=True, slots=True)
class ChunkTerms:
    """The terms of the chunk with the row id `row`: of its text, and of its headings and the
    document's name; repeats kept."""

    row: int
    text: Sequence[str]
    heading: Sequence[str]

    @property
    def length(self) -> int:
        """How many there are."""
        return len(self.text) + len(self.heading)


@dataclass(frozen=True, slots=True, eq=False)
class Entries:
    """Which chunks have which of the `terms`: arrays of shape [n] with the place of the term in
    `terms`, the row id of the chunk, and how often it has the term in its text and above it; what
    is said twice of a term and a row is added up."""

    terms: Sequence[str]
    ids: NDArray[np.int64]
    rows: NDArray[np.int64]
    text: NDArray[np.int64]
    heading: NDArray[np.int64]


def insert(connection: sqlite3.Connection, chunks: Iterable[ChunkTerms]) -> None:
    """Write the entries of chunks that have none yet, within the current transaction."""
    ids: dict[str, int] = {}
    found: list[tuple[int, int, int, int]] = []
    lengths: dict[int, int] = {}
    for chunk in chunks:
        lengths[chunk.row] = chunk.length
        text, heading = Counter(chunk.text), Counter(chunk.heading)
        found += (
            (ids.setdefault(term, len(ids)), chunk.row, text[term], heading[term])
            for term in text.keys() | heading.keys()
        )
    table = np.array(found, dtype=np.int64).reshape(-1, 4)
    write(connection, Entries(list(ids), *np.ascontiguousarray(table.T)))
    set_lengths(connection, lengths)


def write(connection: sqlite3.Connection, entries: Entries) -> None:
    """Write entries of chunks that have none yet, in any order, within the current transaction."""
    if not len(entries.ids):
        return
    places = np.argsort(np.array(entries.terms, dtype=object))
    ranks = np.empty_like(places)
    ranks[places] = np.arange(len(places))
    keys = ranks[entries.ids] * (int(entries.rows.max(initial=0)) + 1) + entries.rows
    order = np.argsort(keys, kind="stable")
    firsts = np.flatnonzero(np.diff(keys[order], prepend=-1))
    ids, rows = entries.ids[order][firsts], entries.rows[order][firsts]
    packed = np.empty(len(rows), dtype=_ENTRY)
    packed["at"] = rows % BLOCK
    for field, counts in (("text", entries.text), ("heading", entries.heading)):
        packed[field] = np.minimum(np.add.reduceat(counts[order], firsts), _MOST)
    blocks, blob, width = rows // BLOCK, packed.tobytes(), _ENTRY.itemsize
    starts = np.flatnonzero(np.diff(ids, prepend=-1) | np.diff(blocks, prepend=-1))
    ends = np.append(starts[1:], len(rows))
    connection.executemany(
        "INSERT INTO postings VALUES (?1, ?2, ?3) ON CONFLICT (term, block) "
        "DO UPDATE SET entries = CAST(entries || ?3 AS BLOB)",
        (
            (entries.terms[term], block, blob[start * width : end * width])
            for term, block, start, end in zip(
                ids[starts].tolist(),
                blocks[starts].tolist(),
                starts.tolist(),
                ends.tolist(),
                strict=True,
            )
        ),
    )


def remove(connection: sqlite3.Connection, chunks: Iterable[ChunkTerms]) -> None:
    """Take the entries of the chunks out again, given the terms that they were written with."""
    gone: dict[tuple[str, int], list[int]] = {}
    lengths: dict[int, int] = {}
    for chunk in chunks:
        block, at = divmod(chunk.row, BLOCK)
        lengths[chunk.row] = -1
        for term in {*chunk.text, *chunk.heading}:
            gone.setdefault((term, block), []).append(at)
    for key, places in gone.items():
        row = connection.execute(
            "SELECT entries FROM postings WHERE term = ? AND block = ?", key
        ).fetchone()
        if row is None:
            continue
        entries = np.frombuffer(row[0], dtype=_ENTRY)
        kept = entries[~np.isin(entries["at"], places)]
        if len(kept):
            connection.execute(
                "UPDATE postings SET entries = ? WHERE term = ? AND block = ?",
                (kept.tobytes(), *key),
            )
        else:
            connection.execute("DELETE FROM postings WHERE term = ? AND block = ?", key)
    set_lengths(connection, lengths)


def set_lengths(connection: sqlite3.Connection, lengths: Mapping[int, int]) -> None:
    """Write how many terms chunks have, by row id; -1 for a chunk that is no more."""
    by_block: dict[int, dict[int, int]] = {}
    for row, length in lengths.items():
        block, at = divmod(row, BLOCK)
        by_block.setdefault(block, {})[at] = length
    for block, by_chunk in by_block.items():
        row = connection.execute("SELECT entries FROM lengths WHERE block = ?", (block,)).fetchone()
        held = _lengths(row[0]).copy() if row else np.full(BLOCK, -1, dtype=np.int32)
        held[list(by_chunk)] = list(by_chunk.values())
        if (held < 0).all():
            connection.execute("DELETE FROM lengths WHERE block = ?", (block,))
        else:
            connection.execute(
                "INSERT OR REPLACE INTO lengths VALUES (?, ?)",
                (block, held.astype("<i4").tobytes()),
            )


def count(connection: sqlite3.Connection, terms: Sequence[str]) -> dict[str, int]:
    """In how many chunks each term is, for those that are in any."""
    counts: dict[str, int] = {}
    for term in terms:
        (size,) = connection.execute(
            "SELECT total(length(entries)) FROM postings WHERE term = ?", (term,)
        ).fetchone()
        if size:
            counts[term] = int(size) // _ENTRY.itemsize
    return counts


def read(
    connection: sqlite3.Connection, term: str
) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float32]]:
    """The row ids of the chunks that have the term, how often in the text, how often above it."""
    blocks = connection.execute(
        "SELECT block, entries FROM postings WHERE term = ?", (term,)
    ).fetchall()
    rows, entries = _rows_of(blocks)
    return rows, entries["text"].astype(np.float32), entries["heading"].astype(np.float32)


def read_lengths(connection: sqlite3.Connection) -> NDArray[np.int32]:
    """How many terms each chunk has, by row id; -1 where there is no such chunk."""
    blocks = connection.execute("SELECT block, entries FROM lengths ORDER BY block").fetchall()
    if not blocks:
        return np.zeros(0, dtype=np.int32)
    lengths = np.full((blocks[-1][0] + 1) * BLOCK, -1, dtype=np.int32)
    for block, blob in blocks:
        lengths[block * BLOCK : (block + 1) * BLOCK] = _lengths(blob)
    return lengths


def read_rows(connection: sqlite3.Connection) -> Iterator[NDArray[np.int64]]:
    """The row ids of the chunks of all entries, many at a time."""
    cursor = connection.execute("SELECT block, entries FROM postings")
    while held := cursor.fetchmany(_READ):
        yield _rows_of(held)[0]


def read_all(connection: sqlite3.Connection) -> Iterator[tuple[str, int, Mapping[int, int]]]:
    """Every row of `postings`: the term, its block, and the weight (256 * heading + text) of each
    chunk's row id."""
    for term, block, blob in connection.execute("SELECT term, block, entries FROM postings"):
        entries = np.frombuffer(blob, dtype=_ENTRY)
        rows = (block * BLOCK + entries["at"].astype(np.int64)).tolist()
        weights = 256 * entries["heading"].astype(np.int64) + entries["text"]
        yield term, block, dict(zip(rows, weights.tolist(), strict=True))


def _rows_of(blocks: Sequence[tuple[int, bytes]]) -> tuple[NDArray[np.int64], NDArray[np.void]]:
    entries = np.frombuffer(b"".join(blob for _, blob in blocks), dtype=_ENTRY)
    sizes = [len(blob) // _ENTRY.itemsize for _, blob in blocks]
    starts = np.repeat([block * BLOCK for block, _ in blocks], sizes)
    return starts.astype(np.int64) + entries["at"], entries


def _lengths(blob: bytes) -> NDArray[np.int32]:
    return np.frombuffer(blob, dtype="<i4").astype(np.int32, copy=False)
