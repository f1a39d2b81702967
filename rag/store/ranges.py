"""Documents as ranges of the row ids of their chunks.

A document's chunks are written in one transaction, so that their ids are neighbours.
"""

from __future__ import annotations

import json
import sqlite3
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Ranges: TypeAlias = NDArray[np.int64]
"""Shape [n, 2]: first and last id of each, both in, ascending, not overlapping."""


def read_ranges(connection: sqlite3.Connection, document_ids: frozenset[str]) -> Ranges:
    """The ranges of those of the documents that have chunks."""
    first, last = (
        f"(SELECT id FROM chunks WHERE document_id = value ORDER BY ordinal {order} LIMIT 1)"
        for order in ("ASC", "DESC")
    )
    found = connection.execute(
        f"SELECT {first} AS first, {last} FROM json_each(?) WHERE first IS NOT NULL ORDER BY first",
        (json.dumps(list(document_ids)),),
    ).fetchall()
    return np.array(found, dtype=np.int64).reshape(-1, 2)


def inside(ids: NDArray[np.int64], ranges: Ranges) -> NDArray[np.bool_]:
    """Which of the ids lie in one of the ranges."""
    if not len(ranges):
        return np.zeros(len(ids), dtype=bool)
    at = np.searchsorted(ranges[:, 0], ids, side="right") - 1
    found: NDArray[np.bool_] = (at >= 0) & (ids <= ranges[at, 1])
    return found


def size(ranges: Ranges) -> int:
    """How many ids the ranges have."""
    return int((ranges[:, 1] - ranges[:, 0] + 1).sum())
