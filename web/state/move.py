"""Users, keys, conversations, opinions and the audit log from the home to PostgreSQL, and back.

Each file's tables go in one transaction and are compared row for row before they leave the home.
What is interrupted is taken up again by the same command.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import Any, TypeAlias

from rag.config import Settings
from rag.errors import PlumbError, UsageError
from rag.store.move import Engine
from web.state.database import Database, Tables, open_database

_Rows: TypeAlias = dict[str, list[tuple[Any, ...]]]


def move_state(
    settings: Settings, all_tables: Sequence[Tables], to: Engine, *, keep: bool = False
) -> dict[str, int]:
    """Carry the tables to PostgreSQL, or to the home, and compare; then, unless `keep`, empty them
    where they were. How many rows of each table.

    Raises UsageError if the settings name no PostgreSQL, or other rows are there already;
    PlumbError if the two differ in the end.
    """
    if not settings.store.is_remote:
        raise UsageError("set store.postgres and store.milvus: plumb migrate works between them")
    places = (settings.home_dir, settings.store)
    source, target = places if to == "remote" else places[::-1]
    moved: dict[str, int] = {}
    for tables in all_tables:
        with (
            closing(open_database(source, tables)) as first,
            closing(open_database(target, tables)) as second,
        ):
            if first.exists():
                moved |= _carry(first, second, tables)
                if not keep:
                    _clear(first, tables)
    return moved


def _carry(first: Database, second: Database, tables: Tables) -> dict[str, int]:
    held, there = _read(first, tables), _read(second, tables)
    if not any(held.values()):
        return dict.fromkeys(held, 0)
    if not _same(held, there):
        if any(there.values()):
            raise UsageError(
                f"there are other {tables.name} already where these are to go: nothing of them was "
                "moved; remove those, or these"
            )
        with second.writing() as db:
            for table, columns in tables.columns.items():
                marks = ", ".join("?" * len(columns.split(", ")))
                for row in held[table]:
                    db.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", row)
        there = _read(second, tables)
    if not _same(held, there):
        raise PlumbError(
            f"the {tables.name} differ where they were moved to, and stay where they were: stop "
            "what writes to them, and run the same command again"
        )
    return {table: len(rows) for table, rows in held.items()}


def _read(database: Database, tables: Tables) -> _Rows:
    """Each table's rows."""
    return {
        table: database.rows(f"SELECT {columns} FROM {table}")
        for table, columns in tables.columns.items()
    }


def _same(held: _Rows, there: _Rows) -> bool:
    return all(sorted(map(repr, held[table])) == sorted(map(repr, there[table])) for table in held)


def _clear(database: Database, tables: Tables) -> None:
    with database.writing() as db:
        for table in reversed(tables.columns):
            db.execute(f"DELETE FROM {table}")
    database.scrub()
