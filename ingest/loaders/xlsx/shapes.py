"""Text boxes and other shapes with words that lie on a sheet: openpyxl passes over them."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from lxml import etree
from openpyxl.utils import get_column_letter

from ingest.loaders.archive import read_member
from ingest.loaders.losses import Losses
from ingest.loaders.normalise import clean_characters

_BOOK = "xl/workbook.xml"
_RELATION_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_SHEET = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
_DRAWN = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_CORNER = ("col", "row")
_OLD_FORM = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


def words_of_shapes(archive: zipfile.ZipFile, losses: Losses) -> dict[str, list[str]]:
    """For each sheet by name, its shapes that hold words, each with the cell at its corner; a
    workbook in the transitional form. A drawing that is damaged is said."""
    places = dict(_related(archive, _BOOK, "/worksheet"))
    return {
        sheet.get("name", ""): [
            words
            for _, drawing in _related(archive, places[sheet.get(_RELATION_ID)], "/drawing")
            for words in _shapes(archive, drawing, losses)
        ]
        for sheet in _parsed(archive, _BOOK).iter("{*}sheet")
        if sheet.get(_RELATION_ID) in places
    }


def _shapes(archive: zipfile.ZipFile, drawing: str, losses: Losses) -> Iterator[str]:
    anchors = _parsed(archive, drawing)
    if not anchors.tag.startswith(_SHEET):
        losses.count("drawing not read", "drawings not read")
    for anchor in anchors:
        place = _corner(anchor)
        for shape in anchor.iter(f"{_SHEET}sp"):
            is_old = next(shape.iterancestors(_OLD_FORM), None) is not None
            if not is_old and (words := _words(shape)):
                yield f"[text box{place}: {words}]"


def _corner(anchor: Any) -> str:
    """The cell at its corner, as " at C5"; nothing for a drawing that stands at none."""
    try:
        column, row = (int(anchor.findtext(f"{_SHEET}from/{_SHEET}{name}")) for name in _CORNER)
        return f" at {get_column_letter(column + 1)}{row + 1}"
    except (TypeError, ValueError):
        return ""


def _words(shape: Any) -> str:
    paragraphs = ("".join(_runs(one)) for one in shape.iter(f"{_DRAWN}p"))
    lines = (" ".join(clean_characters(text).split()) for text in paragraphs)
    return "\n".join(line for line in lines if line)


def _runs(paragraph: Any) -> Iterator[str]:
    for element in paragraph.iter(f"{_DRAWN}t", f"{_DRAWN}br"):
        yield " " if element.tag == f"{_DRAWN}br" else element.text or ""


def _related(archive: zipfile.ZipFile, part: str, kind: str) -> Iterator[tuple[str, str]]:
    """Names of the relations of a part whose type ends so, and the parts they lead to."""
    folder, file = posixpath.split(part)
    for relation in _parsed(archive, f"{folder}/_rels/{file}.rels"):
        if relation.get("Type", "").endswith(kind):
            target = posixpath.join("/", folder, relation.get("Target", ""))
            yield relation.get("Id", ""), posixpath.normpath(target).lstrip("/")


def _parsed(archive: zipfile.ZipFile, member: str) -> Any:
    """The root of a part; an empty one where the part is missing or no XML."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    with suppress(etree.XMLSyntaxError):
        root = etree.fromstring(read_member(archive, member) or b"", parser)
        if root is not None:
            return root
    return etree.Element("none")
