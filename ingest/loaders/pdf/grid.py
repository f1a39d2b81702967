"""Tables that are ruled on the page: pieces put into the cells between the lines.

Where lines part cells, no guess from distances is needed: a cell ends where a line is drawn, and
spans the rows and columns between which there is none. Coordinates are points, y upwards.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.loaders.pdf.glyphs import Rule, Upright
from ingest.loaders.pdf.pieces import Piece, joined_wrap
from ingest.loaders.tables import Cell

_TOUCH = 3.0
_MOST_RULES = 1500
_MOST_WORK = 1_000_000
"""Small cells times lines: a drawing of thousands of lines is no table."""
_LONGEST = 700
_FILLED = 0.3


@dataclass(slots=True)
class RuledTable:
    """A table of the page: its rows as cells, and the pieces that stand in it."""

    rows: list[list[Cell]]
    pieces: list[Piece]
    heights: list[float]


def ruled_tables(
    pieces: Sequence[Piece], rules: Sequence[Rule], uprights: Sequence[Upright]
) -> Iterator[RuledTable]:
    """The tables among `pieces` whose cells are parted by lines, in no order."""
    if not uprights or len(rules) < 2 or len(rules) + len(uprights) > _MOST_RULES:
        return
    for level, upright in _connected(rules, uprights):
        grid = _Grid(level, upright)
        work = grid.columns * grid.rows * (len(level) + len(upright))
        if grid.columns >= 2 and grid.rows >= 1 and work <= _MOST_WORK:
            table = grid.filled(pieces)
            if table is not None:
                yield table


def _connected(
    rules: Sequence[Rule], uprights: Sequence[Upright]
) -> Iterator[tuple[list[Rule], list[Upright]]]:
    """Lines that touch one another, table by table."""
    parents = list(range(len(rules) + len(uprights)))

    def root(index: int) -> int:
        while parents[index] != index:
            parents[index] = parents[parents[index]]
            index = parents[index]
        return index

    for number, rule in enumerate(rules):
        for other, upright in enumerate(uprights):
            if (
                rule.left - _TOUCH <= upright.x <= rule.right + _TOUCH
                and upright.bottom - _TOUCH <= rule.y <= upright.top + _TOUCH
            ):
                parents[root(number)] = root(len(rules) + other)
    groups: dict[int, tuple[list[Rule], list[Upright]]] = {}
    for number, rule in enumerate(rules):
        groups.setdefault(root(number), ([], []))[0].append(rule)
    for other, upright in enumerate(uprights):
        groups.setdefault(root(len(rules) + other), ([], []))[1].append(upright)
    for level, upright_ones in groups.values():
        if len(level) >= 2 and upright_ones:
            yield level, upright_ones


def _edges(values: Sequence[float]) -> list[float]:
    """The values in ascending order, those that nearly coincide as one."""
    edges: list[float] = []
    for value in sorted(values):
        if not edges or value - edges[-1] > _TOUCH:
            edges.append(value)
    return edges


class _Grid:
    """The smallest cells between the lines, numbered from the top left; a table may be open at its
    sides, where its lines end."""

    def __init__(self, rules: list[Rule], uprights: list[Upright]) -> None:
        ends = [end for rule in rules for end in (rule.left, rule.right)]
        tips = [tip for upright in uprights for tip in (upright.bottom, upright.top)]
        self._xs = _edges([min(ends), *(upright.x for upright in uprights), max(ends)])
        self._ys = _edges([min(tips), *(rule.y for rule in rules), max(tips)])[::-1]
        self._rules, self._uprights = rules, uprights
        self.columns, self.rows = len(self._xs) - 1, len(self._ys) - 1

    def filled(self, pieces: Sequence[Piece]) -> RuledTable | None:
        """The table with what stands in its cells; None if it is a drawing or a page's layout."""
        inside: dict[tuple[int, int], list[Piece]] = {}
        for piece in pieces:
            place = self._place(piece)
            if place is not None:
                inside.setdefault(place, []).append(piece)
        origins = self._origins()
        texts: dict[tuple[int, int], list[Piece]] = {}
        for place, found in inside.items():
            texts.setdefault(origins[place], []).extend(found)
        cells = set(origins.values())
        wide = sum(len({c for r, c in texts if r == row}) > 1 for row in range(self.rows))
        longest = max((sum(len(p.text) for p in found) for found in texts.values()), default=0)
        if not wide or len(texts) < _FILLED * len(cells) or longest > _LONGEST:
            return None
        rows = [
            [
                Cell(_joined(texts.get((row, column), [])), *self._extent(origins, row, column))
                for column in range(self.columns)
                if origins[row, column] == (row, column)
            ]
            for row in range(self.rows)
        ]
        return RuledTable(rows, [p for found in inside.values() for p in found], self._ys)

    def _place(self, piece: Piece) -> tuple[int, int] | None:
        x, y = (piece.x + piece.right) / 2, piece.y + 0.3 * piece.size
        if not (self._xs[0] < x < self._xs[-1] and self._ys[-1] < y < self._ys[0]):
            return None
        row = bisect_right([-height for height in self._ys], -y) - 1
        return row, bisect_right(self._xs, x) - 1

    def _origins(self) -> dict[tuple[int, int], tuple[int, int]]:
        """For each small cell the top left one of the cell that it is part of."""
        origins: dict[tuple[int, int], tuple[int, int]] = {}
        for row in range(self.rows):
            for column in range(self.columns):
                if column and not self._parted(row, column):
                    origins[row, column] = origins[row, column - 1]
                elif row and not self._ruled(row, column):
                    origins[row, column] = origins[row - 1, column]
                else:
                    origins[row, column] = (row, column)
        return origins

    def _parted(self, row: int, column: int) -> bool:
        """Whether a line stands to the left of a small cell."""
        x, y = self._xs[column], (self._ys[row] + self._ys[row + 1]) / 2
        return any(abs(u.x - x) <= _TOUCH and u.bottom <= y <= u.top for u in self._uprights)

    def _ruled(self, row: int, column: int) -> bool:
        """Whether a line lies above a small cell."""
        y, x = self._ys[row], (self._xs[column] + self._xs[column + 1]) / 2
        return any(abs(r.y - y) <= _TOUCH and r.left <= x <= r.right for r in self._rules)

    def _extent(
        self, origins: dict[tuple[int, int], tuple[int, int]], row: int, column: int
    ) -> tuple[int, int]:
        """How many columns and rows the cell that begins here spans."""
        across = down = 1
        while column + across < self.columns and origins[row, column + across] == (row, column):
            across += 1
        while row + down < self.rows and origins[row + down, column] == (row, column):
            down += 1
        return across, down


def _joined(pieces: Sequence[Piece]) -> str:
    """The text of a cell, line by line from the top."""
    text = ""
    for piece in sorted(pieces, key=lambda one: (-round(one.y / (0.5 * one.size)), one.x)):
        text = joined_wrap(text, piece.text) if text else piece.text
    return " ".join(text.split())
