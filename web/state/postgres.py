"""The tables in PostgreSQL, in the schema of the collections, for all instances together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, TypeVar, cast
from zlib import crc32

from rag.config import StoreSettings
from rag.errors import CollectionError, StoreUnavailable
from rag.store.remote import postgres
from rag.store.remote.schema import LOCK, has_table
from web.state.database import Connection, Cursor, Database, Tables

_T = TypeVar("_T")
_TURNS = 0x504D
"""The first number of the advisory locks of those who write alone; the second is the tables'."""
_REST_S = 1.0
"""So long after the server did not answer nobody asks it again: whoever comes is told at once."""
_TYPES = {
    "text": 'text COLLATE "C"',
    "real": "double precision",
    "blob": "bytea",
    "number": "bigint",
    "counted": "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
}
_FUNCTIONS = """
CREATE SCHEMA IF NOT EXISTS plumbline;
CREATE TABLE IF NOT EXISTS plumbline.state (tables text PRIMARY KEY, version integer NOT NULL);
CREATE OR REPLACE FUNCTION plumbline.instr(text, text) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT strpos($1, $2)';
CREATE OR REPLACE FUNCTION plumbline.json_extract(text, text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$SELECT jsonb_path_query_first($1::jsonb, $2::jsonpath) #>> '{}'$$;
CREATE OR REPLACE FUNCTION plumbline.folded(text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT lower($1 COLLATE "und-x-icu")';
"""
# What SQLite has by these names.


class PostgresDatabase(Database):
    """See `Database`."""

    is_far = True

    def __init__(self, store: StoreSettings, tables: Tables) -> None:
        self._store = store
        self._tables = tables
        self._lock = threading.RLock()
        self._held: postgres.Connection | None = None
        self._inside: postgres.Connection | None = None
        self._is_made = False
        self._failed = (0.0, "")

    def exists(self) -> bool:
        """As `Database.exists`."""
        return bool(self._ask(self._made))

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        """As `Database.rows`."""

        def find(connection: postgres.Connection) -> list[Any]:
            if not self._made(connection):
                return []
            return connection.execute(_numbered(query), _kept(values)).fetchall()

        return self._ask(find)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """As `Database.writing`."""
        with self._lock, postgres.explained(self._store):
            self._ask(lambda connection: connection.execute("SELECT 1"))
            connection = cast("postgres.Connection", self._held)
            if not self._made(connection):
                self._make(connection)
            with connection.transaction():
                if self._tables.hasty:
                    connection.execute("SET LOCAL synchronous_commit = off")
                if self._tables.alone:
                    turn = crc32(self._tables.name.encode()) - 2**31
                    connection.execute("SELECT pg_advisory_xact_lock(%s, %s)", (_TURNS, turn))
                self._inside = connection
                try:
                    yield _Writing(connection)
                finally:
                    self._inside = None

    def scrub(self) -> None:
        """Nothing: the server's files are cleaned by its VACUUM."""

    def close(self) -> None:
        """As `Database.close`."""
        with self._lock:
            if self._held is not None:
                self._held.close()
                self._held = None

    def _ask(self, ask: Callable[[postgres.Connection], _T]) -> _T:
        """What `ask` finds on a connection that answers, by one thread at a time."""
        with self._lock, postgres.explained(self._store):
            if self._inside is not None:
                return ask(self._inside)
            until, why = self._failed
            if time.monotonic() < until:
                raise StoreUnavailable(why)
            try:
                self._held, found = postgres.alive(self._store, self._held, ask)
            except StoreUnavailable as err:
                self._failed = time.monotonic() + _REST_S, str(err)
                raise
            return cast("_T", found)

    def _made(self, connection: postgres.Connection) -> bool:
        """Whether the tables are there. Raises CollectionError if they are another version's."""
        if self._is_made:
            return True
        if not has_table(connection, "state"):
            return False
        query = "SELECT version FROM plumbline.state WHERE tables = %s"
        found = connection.execute(query, (self._tables.name,)).fetchone()
        if found is not None and found[0] != self._tables.version:
            raise CollectionError(
                f"the tables of {self._tables.name} in PostgreSQL have version {found[0]}, and "
                f"this Plumbline reads {self._tables.version}: use the same version everywhere, "
                "or name another database in store.postgres"
            )
        self._is_made = found is not None
        return self._is_made

    def _make(self, connection: postgres.Connection) -> None:
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
            if self._made(connection):
                return
            connection.execute(_FUNCTIONS)
            for statement in self._tables.statements:
                connection.execute(statement.format(**_TYPES))
            made = (self._tables.name, self._tables.version)
            connection.execute("INSERT INTO plumbline.state VALUES (%s, %s)", made)
        self._is_made = True


class _Writing:
    """A transaction that takes queries as the seam writes them."""

    def __init__(self, connection: postgres.Connection) -> None:
        self._connection = connection

    def execute(self, query: str, values: Sequence[Any] = (), /) -> Cursor:
        """Run one statement."""
        return self._connection.execute(_numbered(query), _kept(values))


@lru_cache(maxsize=256)
def _numbered(query: str) -> str:
    return query.replace("%", "%%").replace("?", "%s")


def _kept(values: Sequence[Any]) -> list[Any]:
    """The values without the one character that PostgreSQL cannot keep in a text."""
    return [v.replace("\0", "") if isinstance(v, str) else v for v in values]
