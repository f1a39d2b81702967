"""DOCX -> one page: paragraphs and tables in document order, headings, lists, headers, notes.

python-docx opens the file and knows the styles; the text is walked for here, as its own
`paragraph.text` leaves out content controls, text boxes and tracked insertions.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any

import docx
from docx.oxml.ns import qn
from docx.oxml.parser import parse_xml

from ingest.loaders.limits import MIB
from ingest.loaders.numbering import Numbering
from ingest.loaders.writer import PageWriter
from rag.config import IngestSettings
from rag.errors import DocumentError
from rag.types import Page

_LEFT_OUT = {
    qn("w:del"), qn("w:moveFrom"), qn("w:instrText"), qn("w:delText"), qn("w:pPr"), qn("w:rPr"),
    qn("w:sdtPr"), qn("w:tblPr"), qn("w:commentReference"),
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
}  # fmt: skip
_NOTES = ("footnotes", "endnotes")
_HEADING_STYLE = re.compile(r"(?:heading|标题|標題)\s*([1-9])$", re.I)
_MAX_HEADING = 9
_XML_PER_TEXT = 20
"""Bytes of XML that Word may spend on one byte of text before an archive looks like a bomb."""


def load_docx(data: bytes, name: str, limits: IngestSettings) -> tuple[Page, ...]:
    """The single page of a DOCX file.

    Raises DocumentError when the archive is broken, or unpacks to more than the limits allow.
    """
    _refuse_bombs(data, name, limits)
    try:
        document = docx.Document(io.BytesIO(data))
    except Exception as err:  # python-docx lets KeyError, ValueError, lxml's and its own out
        raise DocumentError(
            f"{name} is damaged and cannot be opened as DOCX ({type(err).__name__}): "
            "open it in Word and save it again"
        ) from None
    return (_Extractor(document).page(),)


def _refuse_bombs(data: bytes, name: str, limits: IngestSettings) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, EOFError):
        raise DocumentError(
            f"{name} is a damaged DOCX file: get a whole copy of it, or save it again in Word"
        ) from None
    xml = sum(m.file_size for m in members if m.filename.endswith((".xml", ".rels")))
    everything = sum(member.file_size for member in members)
    if xml > _XML_PER_TEXT * limits.max_text_mb * MIB or everything > 4 * limits.max_file_mb * MIB:
        raise DocumentError(
            f"{name} would unpack to {everything / MIB:,.0f} MiB and is refused: "
            "if it is no trap, split it, or raise the setting ingest.max_text_mb"
        )


class _Extractor:
    """Writes one document; knows its styles and where its numbered lists stand."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._writer = PageWriter()
        self._styles = {style.style_id: style for style in document.styles}
        self._numbering = Numbering.of(document)
        self._in_list = False

    def page(self) -> Page:
        self._lines(self._running_text("header"))
        self._blocks(self._document.element.body)
        self._lines(self._notes())
        self._lines(self._running_text("footer"))
        return self._writer.page()

    def _lines(self, lines: Iterable[str]) -> None:
        self._writer.paragraph_break()
        for line in lines:
            self._writer.inline(line)
            self._writer.line_break()
        self._writer.paragraph_break()

    def _blocks(self, parent: Any) -> None:
        for element in parent:
            if element.tag == qn("w:p"):
                self._paragraph(element)
            elif element.tag == qn("w:tbl"):
                self._table(element)
            elif element.tag in (qn("w:sdt"), qn("w:sdtContent"), qn("w:ins"), qn("w:customXml")):
                self._blocks(element)

    def _paragraph(self, element: Any) -> None:
        text = "".join(_texts(element))
        if text.strip():
            level = self._heading_level(element)
            bullet = self._numbering.bullet(element, self._style_chain(element))
            if level and not self._writer.flat:
                self._writer.open_heading(level)
                self._writer.inline(bullet.removeprefix("- ") + text)
                self._writer.close_heading()
            else:
                self._body_paragraph(text, bullet)
        for box in element.iter(qn("w:txbxContent")):
            if not any(parent.tag in _LEFT_OUT for parent in box.iterancestors()):
                self._blocks(box)

    def _body_paragraph(self, text: str, bullet: str) -> None:
        writer = self._writer
        if not (bullet and self._in_list):
            writer.paragraph_break()
        self._in_list = bool(bullet)
        if bullet and not writer.flat:
            writer.line_break()
            writer.item(bullet)
        for number, line in enumerate(text.split("\n")):
            if number:
                writer.line_break()
            writer.inline(line)
        writer.line_break() if bullet else writer.paragraph_break()

    def _table(self, table: Any) -> None:
        self._writer.paragraph_break()
        for row in table.iter(qn("w:tr")):
            if next(row.iterancestors(qn("w:tbl"))) is not table:
                continue  # a row of a table within a cell is written with that cell
            self._writer.line_break()
            if not self._writer.flat:
                self._writer.mark("|")
            for cell in _cells(row):
                self._writer.space()
                self._writer.flat += 1
                if not _continues_above(cell):
                    self._blocks(cell)
                self._writer.flat -= 1
                self._writer.space()
                if not self._writer.flat:
                    self._writer.mark("|")
        self._in_list = False
        self._writer.paragraph_break()

    def _style_chain(self, paragraph: Any) -> list[Any]:
        """The paragraph's style and those it is based on, nearest first."""
        style_id = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        style = self._styles.get(style_id.get(qn("w:val"))) if style_id is not None else None
        chain: list[Any] = []
        while style is not None and style.element not in chain:
            chain.append(style.element)
            style = style.base_style
        return chain

    def _heading_level(self, paragraph: Any) -> int:
        """1 to 9 for a heading (a title counts as 1), 0 for body text."""
        chain = self._style_chain(paragraph)
        for holder in [paragraph, *chain]:
            outline = holder.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}")
            if outline is not None and outline.get(qn("w:val"), "").isdigit():
                level = int(outline.get(qn("w:val"))) + 1
                return level if level <= _MAX_HEADING else 0
        for style in chain:
            named = style.find(qn("w:name"))
            title = named.get(qn("w:val"), "") if named is not None else ""
            if match := _HEADING_STYLE.match(title):
                return int(match.group(1))
            if title.lower() in ("title", "标题", "標題"):
                return 1
        return 0

    def _running_text(self, kind: str) -> Iterator[str]:
        """Lines of the sections' headers or footers, each once, page numbers alone left out."""
        seen: set[str] = set()
        for section in self._document.sections:
            for variant in (f"first_page_{kind}", kind, f"even_page_{kind}"):
                holder = getattr(section, variant)
                if holder.is_linked_to_previous:
                    continue
                for paragraph in holder._element.iter(qn("w:p")):
                    line = " ".join("".join(_texts(paragraph)).split())
                    if re.search(r"[^\W\d_]{2}|[\u4e00-\u9fff]", line) and line not in seen:
                        seen.add(line)
                        yield line

    def _notes(self) -> Iterator[str]:
        """Footnotes and endnotes; python-docx has no way to them but the part itself."""
        for relation in self._document.part.rels.values():
            if relation.is_external or relation.reltype.rpartition("/")[2] not in _NOTES:
                continue
            for note in parse_xml(relation.target_part.blob):
                if note.get(qn("w:type")) in ("separator", "continuationSeparator"):
                    continue
                text = " ".join("".join(_texts(p)) for p in note.iter(qn("w:p"))).strip()
                if text:
                    yield f"[{note.get(qn('w:id'))}] {text}"


def _texts(paragraph: Any) -> Iterator[str]:
    """The visible text of a paragraph in order; deleted, hidden and boxed text is left out."""
    for element in paragraph:
        if element.tag in _LEFT_OUT or element.tag == qn("w:txbxContent"):
            continue
        if element.tag == qn("w:r") and _is_hidden(element):
            continue
        if element.tag in (qn("w:t"), qn("m:t")):
            yield element.text or ""
        elif element.tag == qn("w:tab"):
            yield "\t"
        elif element.tag in (qn("w:br"), qn("w:cr")):
            yield "\n"
        elif element.tag == qn("w:noBreakHyphen"):
            yield "-"
        elif element.tag in (qn("w:footnoteReference"), qn("w:endnoteReference")):
            yield f"[{element.get(qn('w:id'))}]"
        else:
            yield from _texts(element)


def _is_hidden(run: Any) -> bool:
    vanish = run.find(f"{qn('w:rPr')}/{qn('w:vanish')}")
    return vanish is not None and vanish.get(qn("w:val"), "1") not in ("0", "false", "off")


def _cells(row: Any) -> Iterator[Any]:
    for element in row:
        if element.tag == qn("w:tc"):
            yield element
        elif element.tag == qn("w:sdt"):
            yield from element.iterfind(f"{qn('w:sdtContent')}/{qn('w:tc')}")


def _continues_above(cell: Any) -> bool:
    """Whether the cell is the lower part of one merged downwards: its text stands further up."""
    merge = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
    return merge is not None and merge.get(qn("w:val"), "continue") == "continue"
