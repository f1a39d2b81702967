"""Filters by metadata -> the documents meant, and where their chunks lie.

What was found is remembered until the collection changes: the same filter comes with question after
question, and reading what is said of 100,000 documents takes half a second.
"""

from __future__ import annotations

import sqlite3
from typing import TypeVar

from rag.store import places
from rag.store.database import read_state
from rag.store.ranges import Ranges, read_ranges
from rag.store.where import Where

_MOST = 16
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class Filters:
    """The filters of one database that were used last."""

    def __init__(self) -> None:
        self._state = ""
        self._fields: list[tuple[str, dict[str, object]]] | None = None
        self._documents: dict[Where, frozenset[str]] = {}
        self._ranges: dict[frozenset[str], Ranges] = {}

    def matching(self, connection: sqlite3.Connection, where: Where) -> frozenset[str]:
        """The ids of the documents that the filter means."""
        self._follow(connection)
        if where not in self._documents:
            if self._fields is None:
                self._fields = places.read_fields(connection)
            meant = frozenset(key for key, held in self._fields if where.holds(held))
            _keep(self._documents, where, meant)
        return self._documents[where]

    def ranges(self, connection: sqlite3.Connection, document_ids: frozenset[str]) -> Ranges:
        """Where the chunks of the documents lie."""
        self._follow(connection)
        if document_ids not in self._ranges:
            _keep(self._ranges, document_ids, read_ranges(connection, document_ids))
        return self._ranges[document_ids]

    def _follow(self, connection: sqlite3.Connection) -> None:
        state = f"{read_state(connection)} {_changes(connection)}"
        if state != self._state:
            self._fields, self._state = None, state
            self._documents, self._ranges = {}, {}


def _keep(held: dict[_Key, _Value], key: _Key, value: _Value) -> None:
    if len(held) >= _MOST:
        held.pop(next(iter(held)))
    held[key] = value


def _changes(connection: sqlite3.Connection) -> int:
    """Grows when another connection wrote: metadata changes without a new state."""
    (version,) = connection.execute("PRAGMA data_version").fetchone()
    return int(version)
