"""Tables of the app over SQLite in the home or over PostgreSQL: the seam between the two.

Queries are written once: with `?` for values, `ON CONFLICT (…)` for what may be there already,
"user" in quotes (a word of SQL), and no functions but those that both have or that
`web.state.postgres` makes (`instr`, `json_extract`, `folded`). Knows nothing of what is in them.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from rag.config import Settings, StoreSettings
from rag.errors import PlumbError

_TABLE = re.compile(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+) \((.*)\)$")
_COLUMN = re.compile(r""", ("?\w+"?) \{(?!counted)""")

Kept: TypeAlias = Path | StoreSettings | None
"""Where: in this home folder, in that PostgreSQL, or in memory until the process ends."""


@dataclass(frozen=True, slots=True)
class Tables:
    """What belongs together: `file` in a home, or tables in PostgreSQL.

    `statements` make it, with `{text}`, `{real}`, `{blob}`, `{number}` and `{counted}` (a primary
    key that counts up) for the types; `version` grows with them. Who writes is `alone` meanwhile,
    or else in company that no constraint of these tables lets come to harm. `failure` makes the
    error for a file (the first argument) that cannot be used. Of `hasty` ones a power cut may take
    the last entries.
    """

    file: str
    statements: tuple[str, ...]
    failure: Callable[[str, Exception], PlumbError]
    version: int = 1
    alone: bool = False
    hasty: bool = False

    @property
    def name(self) -> str:
        """What tells them from others of a database."""
        return Path(self.file).stem

    @property
    def columns(self) -> dict[str, str]:
        """Of each table, in the order in which they were made, the columns that are written."""
        found: dict[str, str] = {}
        for statement in self.statements:
            if (table := _TABLE.match(statement)) is not None:
                names = _COLUMN.findall(f", {table[2]}")
                found[table[1]] = ", ".join(names)
        return found


class Cursor(Protocol):
    """What a query gave."""

    @property
    def rowcount(self) -> int:
        """How many rows were changed."""

    def fetchone(self) -> Any:
        """The next row, or None."""

    def fetchall(self) -> list[Any]:
        """All rows left."""

    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """A transaction under way."""

    def execute(self, query: str, values: Sequence[Any] = (), /) -> Cursor:
        """Run one statement."""


class Database(ABC):
    """The tables, safe to use from several threads and processes. They are made by whoever writes
    first. Methods raise `Tables.failure`'s error for a file, StoreUnavailable and CollectionError
    for PostgreSQL."""

    is_far = False
    """Whether each look goes over a network: too long for an event loop to wait."""

    @abstractmethod
    def exists(self) -> bool:
        """Whether anything was ever written."""

    @abstractmethod
    def rows(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        """What a query finds; nothing where nothing was ever written. Within `writing`, by the
        same thread, what was written there is seen."""

    @abstractmethod
    def writing(self) -> AbstractContextManager[Connection]:
        """One transaction, undone if the block raises."""

    @abstractmethod
    def scrub(self) -> None:
        """Let nothing that was deleted stay in files, as far as they are ours."""

    @abstractmethod
    def close(self) -> None:
        """Let go. Used again, it is opened again."""


def kept_in(settings: Settings) -> Kept:
    """Where the settings say."""
    return settings.store if settings.store.is_remote else settings.home_dir


def open_database(kept: Kept, tables: Tables) -> Database:
    """The tables in their place; nothing is made or connected yet."""
    if isinstance(kept, StoreSettings):
        from web.state.postgres import PostgresDatabase

        return PostgresDatabase(kept, tables)
    from web.state.sqlite import SqliteDatabase

    return SqliteDatabase(None if kept is None else kept / tables.file, tables)
