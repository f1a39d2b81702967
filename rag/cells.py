"""Cells: whether a figure stands in another row or column of a table than the answer speaks of.

A row of two years holds every word and number of "the backlog of 2025 was 231 million", and does
not say it where 231 stands under 2024. Pure functions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set

from rag.attribute import Quote, terms_of
from rag.clauses import figures_in
from rag.quantities import Quantity, agree
from rag.ranges import in_another_band
from rag.tables import Row, rows


def from_another_row(sentence: str, quotes: Sequence[Quote]) -> bool:
    """Whether a quoted row of a table is not the one that the sentence speaks of: it names the
    beginning of another row of that table, which neither the quotes nor their headings do, and
    nothing of the beginning of the quoted one that the other lacks."""
    said = terms_of(sentence)
    told = set().union(*(terms_of(f"{quote.above} {quote.text}") for quote in quotes))
    for quote in quotes:
        table = [row for row in rows(quote.hit.chunk.text) if not row.is_head]
        inside = [row for row in table if row.start < quote.end and quote.start < row.end]
        named = said & {term for row in inside for term in terms_of(row.cells[0])}
        for other in table:
            if other in inside or other.table not in {row.table for row in inside}:
                continue
            begins = terms_of(other.cells[0])
            if (begins & said) - told - terms_of(" ".join(other.head)) and not named - begins:
                return True
    return False


def asks_for_another_row(question: str, row: Row, table: Sequence[Row]) -> bool:
    """Whether the question names the beginning of another row of `table`, and nothing of the
    beginning of `row` that the other lacks, or a number in another's range."""
    said = terms_of(question) - terms_of(" ".join(row.head))
    own = terms_of(row.cells[0])
    for other in table:
        begins = terms_of(other.cells[0])
        if other.table == row.table and (begins - own) & said and not (own - begins) & said:
            return True
    return in_another_band(question, row, table)


def from_another_band(question: str, quotes: Sequence[Quote]) -> bool:
    """Whether all that is quoted of tables are rows for other ranges than the question's number."""
    beyond = [
        in_another_band(question, row, rows(quote.hit.chunk.text))
        for quote in quotes
        for row in _quoted_rows(quote)
    ]
    return bool(beyond) and all(beyond)


def from_another_column(sentence: str, quotes: Sequence[Quote]) -> bool:
    """Whether a figure of `sentence` stands in the quotes only in cells of other columns than it
    names: it says all that tells another column's head from theirs, and nothing of the reverse,
    and the other column has a figure of the same kind."""
    said = terms_of(sentence)
    table = [row for quote in quotes for row in _quoted_rows(quote)]
    prose = [figure for quote in quotes for figure in figures_in(_outside_tables(quote))]
    for figure in figures_in(sentence):
        places = [row for row in table if any(_holds(cell, figure) for cell in row.cells)]
        elsewhere = not places or any(agree(figure, other) for other in prose)
        if not elsewhere and all(_in_another_column(said, figure, row) for row in places):
            return True
    return False


def _in_another_column(said: Set[str], figure: Quantity, row: Row) -> bool:
    if len(row.head) != len(row.cells) or _holds(row.cells[0], figure):
        return False
    columns = list(zip(map(terms_of, row.head), row.cells, strict=True))[1:]
    own = [head for head, cell in columns if _holds(cell, figure)]
    others = [head for head, cell in columns if _like(cell, figure) and not _holds(cell, figure)]
    return any(all(_rather(said, other, head) for head in own) for other in others)


def _rather(said: Set[str], other: Set[str], own: Set[str]) -> bool:
    """Whether what is said tells of the `other` column's head, and not of the figure's own."""
    theirs, ours = other - own, own - other
    return bool(theirs) and theirs <= said and bool(ours) and not ours & said


def _holds(cell: str, figure: Quantity) -> bool:
    return any(agree(figure, held) for held in figures_in(cell))


def _like(cell: str, figure: Quantity) -> bool:
    """Whether the cell has a figure of the same kind: what is bare may be of any kind but a
    share."""
    return any((held.unit == "%") == (figure.unit == "%") for held in figures_in(cell))


def _quoted_rows(quote: Quote) -> Iterator[Row]:
    found = rows(quote.hit.chunk.text)
    return (r for r in found if not r.is_head and r.start < quote.end and quote.start < r.end)


def _outside_tables(quote: Quote) -> str:
    """The quoted text without the rows in it."""
    pieces, at = [], quote.start
    for row in rows(quote.hit.chunk.text):
        if row.start < quote.end and quote.start < row.end:
            pieces.append(quote.hit.chunk.text[at : max(at, row.start)])
            at = row.end
    return " ".join([*pieces, quote.hit.chunk.text[at : quote.end]])
