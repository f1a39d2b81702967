"""XLSX -> a page for each sheet. Each row has the names of its columns, so that a chunk far from
the head can be read by itself.

openpyxl reads values, looks and spans. Sheets that are hidden are left out and said; rows that a
filter hides are kept.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import openpyxl
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.utils import get_column_letter

from ingest.loaders.archive import open_archive, read_member
from ingest.loaders.inner_pictures import InnerPictures
from ingest.loaders.limits import check_text_size
from ingest.loaders.links import noted
from ingest.loaders.losses import Losses
from ingest.loaders.normalise import clean_characters
from ingest.loaders.records import parted, record_lines
from ingest.loaders.scripts import lowered, raised
from ingest.loaders.strict import in_transitional_form
from ingest.loaders.tables import Cell
from ingest.loaders.xlsx.hidden import hidden_columns, hidden_rows
from ingest.loaders.xlsx.merges import MOST_SPANNED, with_small_spans
from ingest.loaders.xlsx.numbers import shown
from ingest.loaders.xlsx.shapes import words_of_shapes
from rag.config import IngestSettings
from rag.errors import DocumentError
from rag.types import Heading, Page

_FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")
_CHART = re.compile(r"xl/charts/chart\d*\.xml$")
_MEDIA = re.compile(r"xl/media/.+\.(?:png|jpe?g|gif|bmp|tiff?|emf|wmf)$", re.I)
_GAP = 10_000
_THREADED = re.compile(r"^\[Threaded comment\].*?\bComment: ", re.S)
"""What Excel writes before a comment for programs that know no threads."""
_EMBEDDED = re.compile(r"xl/embeddings/(.+)$")


def load_xlsx(
    data: bytes, name: str, limits: IngestSettings, losses: Losses | None = None
) -> tuple[Page, ...]:
    """A page for each sheet that is shown; its heading is the sheet's name.

    Raises DocumentError when the file is broken, or unpacks to more than the limits allow.
    """
    losses = losses if losses is not None else Losses()
    losses.unit = "sheet"
    with open_archive(data, name, "XLSX", limits) as archive:
        members = archive.namelist()
        has_formulas = any(
            _FORMULA.search(read_member(archive, member) or b"")
            for member in members
            if member.startswith("xl/worksheets/") and member.endswith(".xml")
        )
    data = in_transitional_form(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        shapes = words_of_shapes(archive, losses)
    book = _open(data, name, values=True)
    formulas = _open(data, name, values=False) if has_formulas else None
    pictures, seen = InnerPictures(losses, ocr=limits.ocr), set[str]()
    pages: list[Page] = []
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            losses.count("hidden sheet left out", "hidden sheets left out")
            continue
        twin = formulas[sheet.title] if formulas is not None else None
        page = _Sheet(sheet, twin, losses).page(len(pages) + 1)
        words = [*shapes.get(sheet.title, ()), *_drawn(sheet, page.number, pictures, seen)]
        drawn = "".join(f"\n{one}" for one in words)
        pages.append(replace(page, text=f"{page.text}\n{drawn}" if drawn else page.text))
        check_text_size(name, sum(len(page.text) for page in pages), limits)
    losses.count("chart not read", "charts not read", sum(map(bool, map(_CHART.match, members))))
    unseen = sum(map(bool, map(_MEDIA.match, members))) - len(seen)
    losses.count("picture without text", "pictures without text", max(unseen, 0))
    losses.files(match.group(1) for match in map(_EMBEDDED.match, members) if match)
    return tuple(pages)


def _open(data: bytes, name: str, *, values: bool) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of extensions that hold no cells
            small = io.BytesIO(with_small_spans(data))
            return openpyxl.load_workbook(small, data_only=values, rich_text=True)
    except Exception as err:  # openpyxl lets KeyError, ValueError and lxml's errors out
        raise DocumentError(
            f"{name} is damaged and cannot be opened as XLSX ({type(err).__name__}): "
            "open it in Excel or LibreOffice and save it again"
        ) from None


def _drawn(sheet: Any, page: int, pictures: InnerPictures, seen: set[str]) -> Iterator[str]:
    """The words for the pictures on a sheet; their paths in the file are added to `seen`."""
    for image in sheet._images:
        seen.add(image.path)
        with suppress(Exception):  # openpyxl reads the picture anew, and raises what Pillow does
            corner = image.anchor._from
            place = f"{get_column_letter(corner.col + 1)}{corner.row + 1}"
            if words := pictures.shown(image._data(), "", page):
                yield words.replace("picture:", f"picture at {place}:", 1)


class _Sheet:
    """Writes one sheet; `twin` is the same sheet with formulas in place of their values."""

    def __init__(self, sheet: Any, twin: Any, losses: Losses) -> None:
        self._sheet, self._losses = sheet, losses
        self._spans = {
            (span.min_row, span.min_col): (
                span.max_col - span.min_col + 1,
                span.max_row - span.min_row + 1,
            )
            for span in sheet.merged_cells.ranges
        }
        self._covered = {
            (row, column)
            for span in sheet.merged_cells.ranges
            for row in range(span.min_row, min(span.max_row, span.min_row + MOST_SPANNED) + 1)
            for column in range(span.min_col, min(span.max_col, span.min_col + MOST_SPANNED) + 1)
        } - set(self._spans)
        self._remarks: list[str] = []
        ranges = sheet.merged_cells.ranges
        self._hidden_rows = hidden_rows(sheet, ((s.min_row, s.max_row) for s in ranges))
        self._hidden_columns = hidden_columns(sheet, ((s.min_col, s.max_col) for s in ranges))
        if twin is not None:
            held = sheet._cells
            bare = sum(
                cell.value is not None and (place not in held or held[place].value is None)
                for place, cell in twin._cells.items()
            )
            losses.count("formula without a value", "formulas without a value", bare)

    def page(self, number: int) -> Page:
        """The sheet's name, its tables, and the comments on its cells."""
        title = " ".join(clean_characters(self._sheet.title).split())
        lines = [title]
        for block in parted(list(self._rows(number))):
            rows = _trimmed(block)
            marked = any(cell.head for cell in rows[0])
            wide = max(len(row) for row in rows) > 2
            lines += ["", *record_lines(rows, guess=marked or wide or self._has_head())]
        if self._remarks:
            lines += ["", *self._remarks]
        return Page(number, "\n".join(lines), (Heading(1, title, 0),), title)

    def _has_head(self) -> bool:
        """Whether the sheet says of a row that it is a head: by a table, a filter, a fixed pane."""
        sheet = self._sheet
        return bool(sheet.tables or sheet.auto_filter.ref or sheet.freeze_panes)

    def _rows(self, page: int) -> Iterator[list[Cell]]:
        """The rows that hold cells and are shown, an empty one where some are skipped. A sheet may
        claim a million rows and hold a cell in the last of them."""
        by_row: dict[int, dict[int, Any]] = {}
        for (row, column), cell in self._sheet._cells.items():
            if row in self._hidden_rows or column in self._hidden_columns:
                if cell.value is not None:
                    what = "rows" if row in self._hidden_rows else "columns"
                    self._losses.page(page, f"hidden {what} left out")
            elif cell.value is not None or (row, column) in self._spans:
                by_row.setdefault(row, {})[column] = cell
        last = 0
        for number in sorted(by_row):
            skipped = any(row not in self._hidden_rows for row in range(last + 1, number)[:_GAP])
            if skipped and not any((last + 1, c) in self._covered for c in (1, 2, 3)):
                yield []
            cells = by_row[number]
            yield [
                self._cell(cells[column]) if column in cells else Cell("")
                for column in range(1, max(cells) + 1)
                if (number, column) not in self._covered and column not in self._hidden_columns
            ]
            last = number

    def _cell(self, cell: Any) -> Cell:
        across, down = self._spans.get((cell.row, cell.column), (1, 1))
        if cell.value is None:
            return Cell("", across, down)
        text = self._text(cell)
        if getattr(cell, "hyperlink", None) is not None:
            target = noted(cell.hyperlink.target or "", text)
            text += f" ({target})" if target else ""
        if getattr(cell, "comment", None) is not None:
            words = " ".join(clean_characters(cell.comment.text or "").split())
            words = _THREADED.sub("", words)
            by = f" by {cell.comment.author}" if cell.comment.author else ""
            self._remarks.append(f"[comment{by} on {cell.coordinate}: {words}]")
        return Cell(text, across, down, bool(cell.font and cell.font.b))

    def _text(self, cell: Any) -> str:
        if isinstance(cell.value, CellRichText):
            text = self._rich(cell.value)
        elif cell.font is not None and cell.font.strike:
            self._losses.count("struck-out passage left out", "struck-out passages left out")
            text = ""
        else:
            text = shown(cell.value, cell.number_format or "General")
        return " ".join(clean_characters(text).split())

    def _rich(self, value: CellRichText) -> str:
        """A cell with several looks: raised and lowered figures in words, struck-out text gone."""
        text = ""
        for block in value:
            if not isinstance(block, TextBlock):
                text += block
                continue
            font = block.font
            if font.strike:
                self._losses.count("struck-out passage left out", "struck-out passages left out")
            elif font.vertAlign == "superscript":
                text += raised(text, block.text)
            elif font.vertAlign == "subscript":
                text += lowered(text, block.text)
            else:
                text += block.text
        return text


def _trimmed(rows: Sequence[Sequence[Cell]]) -> list[list[Cell]]:
    """The rows without the columns that are empty at their left, where nothing is spanned."""
    if any(cell.across > 1 or cell.down > 1 for row in rows for cell in row):
        return [list(row) for row in rows]
    first = min(column for row in rows for column, cell in enumerate(row) if cell.text)
    return [list(row[first:]) for row in rows]
