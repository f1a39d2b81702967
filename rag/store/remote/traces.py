"""What PostgreSQL still holds of removed texts, beside the collections, which say so themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing

from rag.config import StoreSettings
from rag.store.remote.postgres import connect, explained

_LEFT_OUT = (
    # The tables of collections, whose `prove_absent` and `unsaid` are asked,
    *("format", "collections", "documents", "places", "pages", "chunks", "vectors", "postings"),
    *("intended", "dropped", "files"),
    # and the audit log: that a document was removed is what it is for.
    "entries",
)


def traces(store: StoreSettings, patterns: Mapping[str, str]) -> Iterator[str]:
    """The columns that hold one of the texts, each with what that would be. Raises StoreUnavailable
    and CollectionError."""
    with closing(connect(store)) as connection, explained(store):
        columns = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = 'plumbline' AND data_type = 'text' AND table_name <> ALL(%s) "
            "ORDER BY 1, 2",
            (list(_LEFT_OUT),),
        ).fetchall()
        for table, column in columns:
            found = connection.execute(
                f'SELECT p FROM "{table}" t, unnest(%s::text[]) p '
                f'WHERE strpos(t."{column}", p) > 0 LIMIT 1',
                (list(patterns),),
            ).fetchone()
            if found is not None:
                yield f"PostgreSQL's table {table} {patterns[found[0]]}"
