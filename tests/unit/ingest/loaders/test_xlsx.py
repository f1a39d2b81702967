"""Workbooks: each row with the names of its columns, figures as they are shown."""

from __future__ import annotations

import datetime
import io
from pathlib import Path

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import Font

from ingest.loaders import Losses
from ingest.loaders.xlsx import load_xlsx
from ingest.loaders.xlsx.numbers import shown
from ingest.pipeline import ingest
from rag.config import IngestSettings, Settings
from rag.errors import DocumentError
from rag.retrieval.retriever import Retriever
from rag.store import Collection
from rag.types import Page
from tests.archives import in_strict_form, unzipped, zipped
from tests.fakes import FakeEmbedder


def read(book: openpyxl.Workbook) -> tuple[tuple[Page, ...], tuple[str, ...]]:
    buffer, losses = io.BytesIO(), Losses()
    book.save(buffer)
    return load_xlsx(buffer.getvalue(), "a.xlsx", IngestSettings(), losses), losses.sentences()


def sheet_text(*rows: list[object], bold: bool = False) -> str:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cell in book.active[1] if bold else ():
        cell.font = Font(bold=True)
    ((page,), _) = read(book)
    return page.text.removeprefix("Sheet\n\n")


def test_each_row_has_the_names_of_its_columns() -> None:
    text = sheet_text(
        ["Lockers 2026"], [], ["name", "locker", "shoes"], ["Gus", 296, 41], ["Hal", None, 42]
    )
    assert text == "Lockers 2026\n\nname: Gus; locker: 296; shoes: 41\nname: Hal; shoes: 42"


def test_two_columns_are_a_table_if_a_head_is_marked_and_pairs_if_not() -> None:
    rows: list[list[object]] = [["name", "since"], ["Gus", "May"]]
    assert sheet_text(*rows, bold=True) == "name: Gus; since: May"
    assert sheet_text(*rows) == "| name | since |\n| Gus | May |"
    assert sheet_text(["Name:", "Petra"], ["Weeks:", 22]) == "Name: Petra\nWeeks: 22"


def test_merged_heads_name_all_their_columns() -> None:
    book = openpyxl.Workbook()
    for row in (["Course", "Fee", None], [None, "member", "guest"], ["Choir", 20, 35]):
        book.active.append(row)
    book.active.merge_cells("A1:A2")
    book.active.merge_cells("B1:C1")
    ((page,), _) = read(book)
    assert page.text.endswith("Course: Choir; Fee: member: 20; Fee: guest: 35")


def test_sheets_are_pages_with_their_names_and_what_is_missing_is_said() -> None:
    book = openpyxl.Workbook()
    book.active.title = "One"
    book.active["A1"], book.active["B7"] = "x", "=SUM(A1:A3)"
    book.create_sheet("Old").sheet_state = "hidden"
    book.create_sheet("Two")["XFD1048576"] = "far away"
    pages, losses = read(book)
    assert [(page.number, page.label, page.text) for page in pages] == [
        (1, "One", "One\n\nx"),
        (2, "Two", "Two\n\nfar away"),
    ]
    assert pages[0].headings[0].text == "One"
    assert losses == ("1 formula without a value", "1 hidden sheet left out")


def test_raised_struck_linked_and_commented_cells() -> None:
    book = openpyxl.Workbook()
    raised = TextBlock(InlineFont(vertAlign="superscript"), "3")
    struck = TextBlock(InlineFont(strike=True), "old")
    book.active["A1"] = CellRichText("10", raised, " germs", struck)
    book.active["B1"] = "portal"
    book.active["B1"].hyperlink = "https://leave.example.org"
    book.active["B1"].comment = Comment("ask first", "Mia")
    ((page,), losses) = read(book)
    assert "| 10^3 germs | portal (https://leave.example.org) |" in page.text
    assert page.text.endswith("[comment by Mia on B1: ask first]")
    assert losses == ("1 struck-out passage left out",)


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (0.25, "0%", "25%"),
        (0.125, "0.0%", "12.5%"),
        (4860, "#,##0.00", "4,860.00"),
        (4860, '#,##0.00 "EUR"', "4,860.00 EUR"),
        (-3.5, "[$€-407] 0.00", "-€3.50"),
        (-3, "0;(0)", "(3)"),
        (7, "00000", "00007"),
        (0.1 + 0.2, "General", "0.3"),
        (1250000.0, "General", "1250000"),
        (2.5, "0.##", "2.5"),
        (True, "General", "TRUE"),
        (datetime.datetime(2026, 3, 14), "d. mmmm yyyy", "2026-03-14"),
        (datetime.datetime(2026, 3, 14, 9, 30), "General", "2026-03-14 09:30"),
        (datetime.time(22, 30), "h:mm", "22:30"),
        (datetime.timedelta(hours=26, minutes=5), "[h]:mm", "26:05"),
    ],
)
def test_figures_read_as_they_are_shown(value: object, form: str, text: str) -> None:
    assert shown(value, form) == text


def test_a_broken_workbook_is_named() -> None:
    broken = zipped({"xl/workbook.xml": "<x/>", "[Content_Types].xml": "<x/>"})
    with pytest.raises(DocumentError, match=r"a\.xlsx is damaged and cannot be opened as XLSX"):
        load_xlsx(broken, "a.xlsx", IngestSettings())


def test_a_hit_in_a_workbook_names_its_sheet(
    tmp_path: Path, settings: Settings, embedder: FakeEmbedder
) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Lockers"
    for row in (["name", "locker", "shoes"], ["Gus Hart", 296, 41]):
        book.active.append(row)
    book.save(path := tmp_path / "staff.xlsx")
    with Collection.open(settings, "shelf", embedder.info, create=True) as collection:
        ingest([path], collection, embedder, settings)
        (hit,) = Retriever(collection, embedder, settings.retrieval).retrieve("locker of Gus Hart?")
    assert (hit.chunk.page, hit.unit, hit.label) == (1, "sheet", "Lockers")


def test_hidden_rows_and_columns_are_left_out_and_said() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for name, locker in (("name", "locker"), ("Gus", 296), ("Ola", 311), ("Ida", 7)):
        sheet.append([name, 5000, locker, "floor" if name == "name" else "first"])
    sheet.column_dimensions["B"].hidden = True
    sheet.row_dimensions[3].hidden = True
    sheet.row_dimensions[4].hidden, sheet.row_dimensions[4].outlineLevel = True, 1
    sheet["A2"].comment = Comment(
        "[Threaded comment]\n\nA newer Excel...\n\nComment:\n    Moves.", "Mia"
    )
    (page,), losses = read(book)
    assert page.text == (
        "Sheet\n\nname: Gus; locker: 296; floor: first\nname: Ida; locker: 7; floor: first\n\n"
        "[comment by Mia on A2: Moves.]"
    )
    assert losses == ("sheet 1: hidden columns left out", "sheet 1: hidden rows left out")


_FORMATS = "http://schemas.openxmlformats.org"
_BOX = "<xdr:sp><xdr:txBody><a:p><a:r><a:t>Keys are {}</a:t></a:r></a:p></xdr:txBody></xdr:sp>"
_DRAWING = (
    f'<xdr:wsDr xmlns:xdr="{_FORMATS}/drawingml/2006/spreadsheetDrawing" '
    f'xmlns:a="{_FORMATS}/drawingml/2006/main" '
    f'xmlns:mc="{_FORMATS}/markup-compatibility/2006"><xdr:twoCellAnchor>'
    "<xdr:from><xdr:col>2</xdr:col><xdr:row>4</xdr:row></xdr:from><mc:AlternateContent>"
    "<mc:Choice><xdr:grpSp>"
    + _BOX.format("</a:t></a:r><a:r><a:t>with Ida</a:t></a:r></a:p><a:p><a:r><a:t>till<a:br/>nine")
    + "</xdr:grpSp></mc:Choice><mc:Fallback>"
    + _BOX.format("with Ida")
    + "</mc:Fallback></mc:AlternateContent></xdr:twoCellAnchor></xdr:wsDr>"
).replace("till<a:br/>", "till</a:t></a:r><a:br/><a:r><a:t>")
_TO_DRAWING = (
    f'<Relationships xmlns="{_FORMATS}/package/2006/relationships"><Relationship Id="rId1" '
    f'Type="{_FORMATS}/officeDocument/2006/relationships/drawing" '
    'Target="../drawings/drawing1.xml"/></Relationships>'
)


def read_parts(parts: dict[str, bytes], losses: Losses | None = None) -> tuple[Page, ...]:
    return load_xlsx(zipped(parts), "a.xlsx", IngestSettings(), losses)


def with_a_text_box() -> dict[str, bytes]:
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    for row in (["name", "locker", "since"], ["Gus", 296, datetime.date(2026, 5, 4)]):
        book.active.append(row)
    book.save(buffer)
    parts = unzipped(buffer.getvalue())
    parts["xl/drawings/drawing1.xml"] = _DRAWING.encode()
    parts["xl/worksheets/_rels/sheet1.xml.rels"] = _TO_DRAWING.encode()
    return parts


def test_words_in_a_text_box_are_kept_once_with_their_place() -> None:
    (page,) = read_parts(with_a_text_box())
    assert page.text.endswith(
        "name: Gus; locker: 296; since: 2026-05-04\n\n"
        "[text box at C5: Keys are with Ida\ntill nine]"
    )


def test_a_workbook_in_the_strict_form_is_read_alike() -> None:
    parts = with_a_text_box()
    strict = in_strict_form(parts)
    assert strict != parts
    assert read_parts(strict) == read_parts(parts)


def test_what_is_no_drawing_costs_itself_alone_and_is_said() -> None:
    losses = Losses()
    (page,) = read_parts({**with_a_text_box(), "xl/drawings/drawing1.xml": b"<a/>"}, losses)
    assert page.text.endswith("since: 2026-05-04")
    assert losses.sentences() == ("1 drawing not read",)


@pytest.mark.parametrize("column", [b"far", b"99999", b"-7", b""])
def test_a_text_box_at_no_cell_is_read_without_its_place(column: bytes) -> None:
    parts = with_a_text_box()
    drawing = parts["xl/drawings/drawing1.xml"].replace(
        b"<xdr:col>2<", b"<xdr:col>" + column + b"<"
    )
    (page,) = read_parts({**parts, "xl/drawings/drawing1.xml": drawing})
    assert page.text.endswith("[text box: Keys are with Ida\ntill nine]")
