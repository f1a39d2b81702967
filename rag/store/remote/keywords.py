"""BM25 in PostgreSQL: the ranking of `rag.store.keywords`, reckoned where the postings lie."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rag.store.keywords import MAX_TERMS, heading_terms
from rag.store.remote.postgres import Connection
from rag.text import keyword_terms

if TYPE_CHECKING:
    from rag.store.remote.rows import Head

_MOST = 255
_SEARCH = """
SELECT c.chunk_id, found.score FROM (
    SELECT p.chunk, sum(
        asked.weight * often.value * 2.2
        / (often.value + 1.2 * (0.25 + 0.75 * p.length / %(mean)s))
    )::real AS score
    FROM unnest(%(terms)s::text[], %(weights)s::float8[]) AS asked (term, weight)
    JOIN postings p ON p.collection = %(collection)s AND p.term = asked.term
    CROSS JOIN LATERAL (SELECT p.text + 0.5 * p.heading AS value) often
    WHERE %(within)s::bigint[] IS NULL OR p.document = ANY(%(within)s)
    GROUP BY p.chunk ORDER BY score DESC, p.chunk LIMIT %(k)s
) found JOIN chunks c ON c.id = found.chunk ORDER BY found.score DESC, c.id
"""


def search(
    connection: Connection,
    head: Head,
    terms: Sequence[str],
    k: int,
    within: Sequence[int] | None = None,
) -> list[tuple[str, float]]:
    """The `k` best (chunk id, BM25 score), best first, of equals the older first; any term may
    match. With `within`, among the chunks of the documents in these rows."""
    asked = list(dict.fromkeys(terms))[:MAX_TERMS]
    counted = connection.execute(
        "SELECT term, count(*) FROM postings WHERE collection = %s AND term = ANY(%s) "
        "GROUP BY term",
        (head.collection, asked),
    )
    counts: dict[str, int] = dict(counted.fetchall())
    telling = {term: held for term, held in counts.items() if 2 * held < head.chunks}
    found: list[tuple[str, float]] = []
    for some in (telling, counts):  # long lists are read only where the short ones do not do
        if some and len(found) < k:
            found = _score(connection, head, some, k, within)
    return found


def _score(
    connection: Connection,
    head: Head,
    counts: dict[str, int],
    k: int,
    within: Sequence[int] | None,
) -> list[tuple[str, float]]:
    weights = [
        max(math.log((head.chunks - held + 0.5) / (held + 0.5)), 1e-6)
        if held <= head.chunks
        else 1e-6
        for held in counts.values()
    ]
    rows = connection.execute(
        _SEARCH,
        {
            "mean": max(head.terms / max(head.chunks, 1), 1.0),
            "terms": list(counts),
            "weights": weights,
            "collection": head.collection,
            "within": None if within is None else list(within),
            "k": k,
        },
    )
    return [(chunk_id, float(score)) for chunk_id, score in rows]


def insert(
    connection: Connection, collection: int, document: int, name: str, *, is_new: bool
) -> None:
    """Index the document's chunks under `name`, within the current transaction. The collection's
    counts of chunks and terms follow; `is_new`: they are not counted yet."""
    total = 0
    indexed = list(_terms(connection, document, name))
    with connection.cursor().copy(
        "COPY postings (collection, term, chunk, document, text, heading, length) FROM STDIN"
    ) as copy:
        for chunk, text, heading in indexed:
            length = text.total() + heading.total()
            total += length
            for term in text.keys() | heading.keys():
                often = min(text[term], _MOST), min(heading[term], _MOST)
                copy.write_row((collection, term, chunk, document, *often, length))
    _count(connection, collection, len(indexed) if is_new else 0, total)


def remove(
    connection: Connection, collection: int, document: int, name: str, *, is_gone: bool
) -> None:
    """Take out what `insert` put in under `name`; `is_gone`: the chunks go too."""
    terms: list[str] = []
    rows: list[int] = []
    total = chunks = 0
    for chunk, text, heading in _terms(connection, document, name):
        total, chunks = total + text.total() + heading.total(), chunks + 1
        held = text.keys() | heading.keys()
        terms += held
        rows += [chunk] * len(held)
    connection.execute(
        "DELETE FROM postings p USING unnest(%s::text[], %s::bigint[]) AS gone (term, chunk) "
        "WHERE p.collection = %s AND p.term = gone.term AND p.chunk = gone.chunk",
        (terms, rows, collection),
    )
    _count(connection, collection, -chunks if is_gone else 0, -total)


def _terms(
    connection: Connection, document: int, name: str
) -> Iterator[tuple[int, Counter[str], Counter[str]]]:
    """Chunk row and how often each term is in its text and above it, for a document's chunks."""
    for row, text, heading in connection.execute(
        "SELECT id, text, heading FROM chunks WHERE document = %s ORDER BY id", (document,)
    ).fetchall():
        yield row, Counter(keyword_terms(text)), Counter(heading_terms(name, heading))


def _count(connection: Connection, collection: int, chunks: int, terms: int) -> None:
    connection.execute(
        "UPDATE collections SET chunks = chunks + %s, terms = terms + %s WHERE id = %s",
        (chunks, terms, collection),
    )
