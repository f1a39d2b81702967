"""The keyword index ranks as SQLite's FTS5 does, and forgets what is taken out."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator

import numpy as np
import pytest

from rag.store import postings
from rag.store.database import KEYWORDS
from rag.store.keywords import Keywords
from rag.store.postings import ChunkTerms

WORDS = [f"w{i}" for i in range(60)]
COUNT = 400


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    made = sqlite3.connect(":memory:", isolation_level=None)
    made.execute("CREATE TABLE settings (key TEXT, value TEXT)")
    made.execute("INSERT INTO settings VALUES ('collection', 'x'), ('generation', '1')")
    for statement in KEYWORDS:
        made.execute(statement)
    yield made
    made.close()


def texts() -> list[ChunkTerms]:
    chance = random.Random(3)
    weights = [1 / (i + 1) for i in range(len(WORDS))]
    rows = sorted(chance.sample(range(1, 20_000), COUNT))  # several blocks
    return [
        ChunkTerms(
            row, chance.choices(WORDS, weights, k=chance.randint(1, 40)), chance.choices(WORDS, k=2)
        )
        for row in rows
    ]


def test_it_ranks_as_fts5_does(connection: sqlite3.Connection) -> None:
    chunks = texts()
    connection.execute("CREATE VIRTUAL TABLE oracle USING fts5 (terms, heading)")
    for chunk in chunks:
        connection.execute(
            "INSERT INTO oracle (rowid, terms, heading) VALUES (?, ?, ?)",
            (chunk.row, " ".join(chunk.text), " ".join(chunk.heading)),
        )
    for at in range(0, COUNT, 7):  # a document at a time
        postings.insert(connection, chunks[at : at + 7])
    keywords = Keywords()
    chance = random.Random(4)
    for _ in range(30):
        asked = chance.sample(WORDS, chance.randint(1, 6))
        wanted = connection.execute(
            "SELECT rowid, -bm25(oracle, 1.0, 0.5) FROM oracle WHERE oracle MATCH ? "
            "ORDER BY 2 DESC, 1 LIMIT 20",
            (" OR ".join(asked),),
        ).fetchall()
        found = keywords.search(connection, asked, 20)
        assert [score for _, score in found] == pytest.approx([s for _, s in wanted], rel=1e-4)
        # Equal scores differ in the last bits of the two sums: only the sets can be compared.
        sure = {row for row, score in wanted if score > wanted[-1][1] * 1.001}
        assert sure <= {row for row, _ in found}


def test_ranges_limit_the_search(connection: sqlite3.Connection) -> None:
    chunks = texts()
    postings.insert(connection, chunks)
    within = np.array([[chunks[10].row, chunks[20].row], [chunks[50].row, chunks[51].row]])
    found = Keywords().search(connection, WORDS, 100, within)
    assert {row for row, _ in found} == {c.row for c in (*chunks[10:21], *chunks[50:52])}
    assert Keywords().search(connection, WORDS, 9, np.zeros((0, 2), dtype=np.int64)) == []


def test_what_is_taken_out_leaves_no_entry(connection: sqlite3.Connection) -> None:
    chunks = texts()
    postings.insert(connection, chunks)
    postings.remove(connection, chunks[: COUNT // 2])
    rows = {row for _, _, held in postings.read_all(connection) for row in held}
    assert rows == {chunk.row for chunk in chunks[COUNT // 2 :]}
    assert set(np.flatnonzero(postings.read_lengths(connection) >= 0)) == rows
    postings.remove(connection, chunks[COUNT // 2 :])
    for table in ("postings", "lengths"):
        assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_what_only_common_words_find_comes_after_what_others_find(
    connection: sqlite3.Connection,
) -> None:
    chunks = [
        ChunkTerms(1, ["heron", "dome"], []),
        ChunkTerms(2, ["heron", "river"], []),
        ChunkTerms(3, ["jena"], []),
    ]
    postings.insert(connection, chunks)
    found = Keywords().search(connection, ["heron", "river"], 3)
    assert [row for row, _ in found] == [2, 1]
    assert [row for row, _ in Keywords().search(connection, ["heron", "river"], 1)] == [2]
