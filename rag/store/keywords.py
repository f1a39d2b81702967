"""The keyword index: SQLite FTS5 over terms that `rag.text.keyword_terms` made.

FTS5 sees terms joined by blanks, for the chunk's text and for its heading with the document's
name; it ranks by its own BM25 (k1 = 1.2, b = 0.75, SQLite documentation, section 5.1.1).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from pathlib import PurePath

from rag.store.database import KEYWORDS as CREATE
from rag.store.database import read_setting, write_setting
from rag.text import keyword_terms

MAX_TERMS = 256
"""Distinct terms of a question that are searched for; a page of text has fewer."""

_CHUNKS_WITHIN = "SELECT id FROM chunks WHERE document_id IN (SELECT value FROM json_each(?))"
_TEXT_WEIGHT, _HEADING_WEIGHT = 1.0, 0.5


def insert_terms(
    connection: sqlite3.Connection, row: int, terms: Sequence[str], heading: Sequence[str]
) -> None:
    """Index the chunk with id `row`."""
    connection.execute(
        "INSERT INTO keywords (rowid, terms, heading) VALUES (?, ?, ?)",
        (row, " ".join(terms), " ".join(heading)),
    )


def change_heading(connection: sqlite3.Connection, row: int, heading: Sequence[str]) -> None:
    """Index the chunk with id `row` under another heading or document name."""
    connection.execute("UPDATE keywords SET heading = ? WHERE rowid = ?", (" ".join(heading), row))


def search_terms(
    connection: sqlite3.Connection,
    terms: Sequence[str],
    k: int,
    within: frozenset[str] | None = None,
) -> list[tuple[str, float]]:
    """The `k` best (chunk id, BM25 score), best first, higher is better; any term may match.
    `within`: only chunks of documents with these ids."""
    wanted = list(dict.fromkeys(terms))[:MAX_TERMS]
    if not wanted:
        return []
    # Quoted, a term is only ever a term: no operator, column or prefix of the query language.
    match = " OR ".join('"' + term.replace('"', '""') + '"' for term in wanted)
    only = "" if within is None else f"AND rowid IN ({_CHUNKS_WITHIN}) "
    rows = connection.execute(
        "SELECT c.chunk_id, -k.score FROM ("
        f"SELECT rowid AS id, bm25(keywords, {_TEXT_WEIGHT}, {_HEADING_WEIGHT}) AS score "
        f"FROM keywords WHERE keywords MATCH ? {only}ORDER BY score, rowid LIMIT ?) k "
        "JOIN chunks c ON c.id = k.id ORDER BY k.score, k.id",
        (match, k) if within is None else (match, json.dumps(list(within)), k),
    )
    return rows.fetchall()


def mark_unscrubbed(connection: sqlite3.Connection) -> None:
    """Remember, in the transaction that deletes text, that `scrub` has to follow it."""
    write_setting(connection, "unscrubbed", "1")


def is_unscrubbed(connection: sqlite3.Connection) -> bool:
    """Whether terms of deleted chunks may still lie in the file."""
    return read_setting(connection, "unscrubbed") == "1"


def scrub(connection: sqlite3.Connection) -> None:
    """Drop the terms of deleted chunks from the file.

    FTS5 only marks a deleted row; its terms stay until segments merge, which "optimize" forces.
    """
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO keywords (keywords) VALUES ('optimize')")
    write_setting(connection, "unscrubbed", "0")
    connection.execute("COMMIT")


def rebuild(connection: sqlite3.Connection) -> None:
    """Make the index anew from the chunks, within the current transaction."""
    connection.execute("DROP TABLE keywords")
    connection.execute(CREATE)
    found = connection.execute(
        "SELECT c.id, c.text, c.heading, (SELECT name FROM paths p WHERE "
        "p.document_id = c.document_id ORDER BY path LIMIT 1) FROM chunks c ORDER BY c.id"
    )
    for row, text, heading, name in found.fetchall():
        insert_terms(connection, row, keyword_terms(text), heading_terms(name or "", heading))


def heading_terms(name: str, heading: str) -> list[str]:
    """The terms of a chunk's heading in the document that goes by `name`."""
    return keyword_terms(f"{PurePath(name).stem} {heading}")


def count_orphans(connection: sqlite3.Connection) -> int:
    """Postings in the keyword index whose chunk is no longer there."""
    connection.execute(
        "CREATE VIRTUAL TABLE IF NOT EXISTS temp.postings "
        "USING fts5vocab('main', 'keywords', 'instance')"
    )
    row = connection.execute(
        "SELECT count(*) FROM temp.postings WHERE doc NOT IN (SELECT id FROM chunks)"
    ).fetchone()
    return int(row[0])
