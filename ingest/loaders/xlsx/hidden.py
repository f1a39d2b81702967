"""Which rows and columns of a sheet its author hid. Knows openpyxl's sheets, nothing of text.

What a filter hides, or a group that is folded in, is part of the sheet: a click shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from openpyxl.utils.cell import range_boundaries


def hidden_rows(sheet: Any, spans: Iterable[tuple[int, int]]) -> frozenset[int]:
    """The hidden rows, 1-based, but for those of `spans` (first, last) that cells are merged in."""
    filtered = {row for first, last in _filtered(sheet) for row in range(first, last + 1)}
    hidden = {
        number
        for number, look in sheet.row_dimensions.items()
        if look.hidden and not look.outlineLevel and number not in filtered
    }
    return _outside(hidden, spans)


def hidden_columns(sheet: Any, spans: Iterable[tuple[int, int]]) -> frozenset[int]:
    """The same for columns."""
    hidden: set[int] = set()
    for look in sheet.column_dimensions.values():
        if look.hidden and not look.outlineLevel:
            look.reindex()
            hidden.update(range(look.min, min(look.max, look.min + _MOST) + 1))
    return _outside(hidden, spans)


_MOST = 2000


def _filtered(sheet: Any) -> Iterator[tuple[int, int]]:
    """The first and the last row of each range whose rows a filter picks."""
    filters = [sheet.auto_filter, *(table.autoFilter for table in sheet.tables.values())]
    for one in filters:
        if one is not None and one.ref and one.filterColumn:
            _, first, _, last = range_boundaries(one.ref)
            yield first, last


def _outside(hidden: set[int], spans: Iterable[tuple[int, int]]) -> frozenset[int]:
    merged = [(first, last) for first, last in spans if last > first]
    return frozenset(n for n in hidden if not any(first <= n <= last for first, last in merged))
