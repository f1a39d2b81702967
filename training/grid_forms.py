"""How a made-up table stands in its document: some of its rows, told or as cells, under its title.

Own work.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from rag.tables import Row, told
from rag.types import Language
from training.sheet_forms import BEGIN, END
from training.sheet_lists import Both

_FILLER: tuple[Both, ...] = (
    ("The list is brought up to date every quarter.", "本表每季度更新一次。"),
    ("All figures are unaudited.", "所有数字均未经审计。"),
    ("Questions are answered by the secretary.", "如有疑问，请与秘书处联系。"),
    ("The previous version is no longer valid.", "旧版本同时作废。"),
    ("Changes are marked in the margin.", "修改之处已在页边标出。"),
)


@dataclass(frozen=True, slots=True)
class Table:
    """`cells[row][column]`, the first column what the row is about; all in both languages."""

    company: Both
    document: Both
    section: Both
    year: int
    head: tuple[Both, ...]
    cells: tuple[tuple[Both, ...], ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A cell of a table, and how it is asked for and told. `finds` says that the row is asked for
    by the cell; `post` that the cell is an office; `astray` is a question after another measure of
    the same item and year, and how that is told."""

    row: int
    column: int
    ask: str
    say: str
    finds: bool
    post: bool = False
    astray: tuple[str, str] = ("", "")


def show(
    rng: random.Random,
    table: Table,
    wanted: Wanted,
    language: Language,
    *,
    marked: bool = False,
    titled: bool = False,
) -> str:
    """Some rows with that of the cell among them, each told or as cells, under their title."""
    at = int(language == "zh")
    others = [i for i in range(len(table.cells)) if i != wanted.row]
    kept = sorted({wanted.row, *rng.sample(others, rng.randint(0, len(others)))})
    if rng.random() < 0.45:
        kept = [wanted.row]
    head = tuple(name[at] for name in table.head)
    rows = []
    for i in kept:
        cells = [cell[at] for cell in table.cells[i]]
        place = 0 if wanted.finds else wanted.column
        if marked and i == wanted.row:
            cells[place] = f"{BEGIN}{cells[place]}{END}"
        rows.append(tuple(cells))
    chance = rng.random()
    if chance < 0.55:
        said = [told(Row(cells, 0, 0, head, 0, False)) for cells in rows]
        text = rng.choice((" … ", "; ", " ")).join(said)
    else:
        # Bare figures of several years are anybody's.
        headed = chance < 0.85 or any(name[:4].isdigit() for name in head)
        shown = [head, *rows] if headed else rows
        text = rng.choice((" ", " … ")).join(f"| {' | '.join(cells)} |" for cells in shown)
    if rng.random() < 0.2:
        filler = rng.choice(_FILLER)[at]
        text = rng.choice((f"{filler} {text}", f"{text} {filler}"))
    return _title(rng, table, language, titled) + text


def _title(rng: random.Random, table: Table, language: Language, titled: bool) -> str:
    at = language == "zh"
    stem = f"{table.document[0].replace(' ', '-')}-{table.year}"
    document = table.document[at]
    if titled or rng.random() < 0.6:
        document = f"{table.company[at]}{'' if at else ' '}{document}"
    if rng.random() < 0.5:
        document += f"（{table.year}）" if at else f" {table.year}"
    return f"{stem}: {document} > {table.section[at]}: "
