"""DOCX -> one page: paragraphs and tables in document order, headings, lists, headers, notes.

python-docx opens the file and knows the styles; the text is walked for here, as its own
`paragraph.text` leaves out content controls, text boxes and tracked insertions.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from docx.oxml.ns import qn
from docx.oxml.parser import parse_xml

from ingest.loaders.docx.inline import (
    LEFT_OUT,
    Context,
    Spoken,
    note_marks,
    speak,
    starting_mark,
)
from ingest.loaders.docx.numbering import Numbering
from ingest.loaders.docx.package import open_docx
from ingest.loaders.docx.styles import Styles
from ingest.loaders.docx.tables import rows_of
from ingest.loaders.inner_pictures import InnerPictures
from ingest.loaders.listing import formatted
from ingest.loaders.losses import Losses
from ingest.loaders.tables import Cell, table_lines
from ingest.loaders.writer import PageWriter
from rag.config import IngestSettings
from rag.types import Page

_BLOCKS = {qn("w:sdt"), qn("w:sdtContent"), qn("w:ins"), qn("w:moveTo"), qn("w:customXml")}
_TEXT = "{http://schemas.openxmlformats.org/drawingml/2006/main}t"


def load_docx(
    data: bytes, name: str, limits: IngestSettings, losses: Losses | None = None
) -> tuple[Page, ...]:
    """The single page of a DOCX file; what is left out of it is added to `losses`.

    Raises DocumentError when the archive is broken, or unpacks to more than the limits allow.
    """
    losses = losses if losses is not None else Losses()
    document = open_docx(data, name, limits, losses)
    return (_Extractor(document, losses, InnerPictures(losses, ocr=limits.ocr)).page(),)


class _Extractor:
    """Writes one document; knows its styles and where its numbered lists stand."""

    def __init__(self, document: Any, losses: Losses, pictures: InnerPictures) -> None:
        self._document = document
        self._body = document.element.body
        self._losses = losses
        self._writer = PageWriter()
        self._styles = Styles(document)
        self._numbering = Numbering.of(document)
        self._in_list = False
        notes = note_marks(self._body, "footnote", str)
        notes |= note_marks(self._body, "endnote", lambda n: formatted(n, "lowerRoman"))
        marks = frozenset(filter(None, map(starting_mark, self._body.iter(qn("w:p")))))
        self._pictures = pictures
        bare = Context(self._styles, losses, self._pictures_of(document.part))
        self._context = replace(
            bare,
            notes=notes,
            marks=marks,
            comments=dict(self._comments(bare)),
            targets=_targets(document.part),
        )

    def page(self) -> Page:
        """The page, headers first, then the text with its notes, footers last."""
        self._lines(self._running_text("header"))
        self._blocks(self._body)
        self._lines(self._diagrams())
        self._lines(self._notes())
        self._lines(self._running_text("footer"))
        self._losses.files(self._embedded())
        self._count_deletions()
        return self._writer.page()

    def _count_deletions(self) -> None:
        """Tell of text that was deleted while changes were tracked: Word shows it struck out."""
        deleted = sum(
            any(text.text for text in element.iter(qn("w:delText")))
            for element in self._body.iter(qn("w:del"))
        )
        self._losses.count("tracked deletion left out", "tracked deletions left out", deleted)

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
            elif element.tag == qn("w:altChunk"):
                self._losses.count("embedded document not read", "embedded documents not read")
            elif element.tag in _BLOCKS:
                self._blocks(element)

    def _paragraph(self, element: Any) -> None:
        chain = self._styles.chain(element)
        level = 0 if self._writer.flat else self._styles.heading_level(element, chain)
        spoken = speak(element, self._context, apart=bool(level))
        bullet = self._numbering.bullet(element, chain)  # an empty item counts as well
        if spoken.text.strip():
            if level:
                self._writer.open_heading(level)
                self._writer.inline(bullet.removeprefix("- ") + spoken.text)
                self._writer.close_heading()
            else:
                self._body_paragraph(spoken.text, bullet)
        self._remarks(spoken)
        for box in element.iter(qn("w:txbxContent")):
            if not any(parent.tag in LEFT_OUT for parent in box.iterancestors()):
                self._blocks(box)

    def _remarks(self, spoken: Spoken) -> None:
        """What belongs to a paragraph and does not stand within it."""
        for target in spoken.targets:
            self._writer.paragraph_break()
            self._writer.inline(f"({target})")
        for comment in spoken.comments:
            self._writer.line_break() if self._in_list else self._writer.paragraph_break()
            self._writer.inline(comment)
        if spoken.targets or spoken.comments:
            self._writer.line_break() if self._in_list else self._writer.paragraph_break()

    def _body_paragraph(self, text: str, bullet: str) -> None:
        writer = self._writer
        if not (bullet and self._in_list):
            writer.paragraph_break()
        self._in_list = bool(bullet)
        if bullet and not writer.flat:
            writer.line_break()
            writer.item(bullet)
        elif bullet and bullet.strip() != "-":
            writer.inline(bullet)
        for number, line in enumerate(text.split("\n")):
            if number:
                writer.line_break()
            writer.inline(line)
        writer.line_break() if bullet else writer.paragraph_break()

    def _table(self, table: Any) -> None:
        if self._writer.flat:
            self._nested(table)
            return
        self._writer.paragraph_break()
        cells = [cell for row in rows_of(table) for cell in row]
        if len(cells) == 1:  # a frame around text, not a table
            self._blocks(cells[0].element)
        else:
            rows = [
                [
                    Cell(self._cell_text(cell.element), cell.across, cell.down, cell.head)
                    for cell in row
                ]
                for row in rows_of(table)
            ]
            for line in table_lines(rows):
                self._writer.line_break()
                self._writer.mark(line)
        self._in_list = False
        self._writer.paragraph_break()

    def _cell_text(self, element: Any) -> str:
        if element is None:
            return ""
        outer, self._writer = self._writer, PageWriter()
        self._writer.flat = 1
        self._in_list = False
        self._blocks(element)
        text = self._writer.page().text
        self._writer = outer
        return text

    def _nested(self, table: Any) -> None:
        """A table within a cell, on one line: cells parted by commas, rows by semicolons."""
        rows = [
            ", ".join(filter(None, (self._cell_text(cell.element) for cell in row)))
            for row in rows_of(table)
        ]
        self._writer.space()
        self._writer.inline("; ".join(filter(None, rows)))
        self._writer.space()

    def _running_text(self, kind: str) -> Iterator[str]:
        """Lines of the sections' headers or footers, each once, page numbers alone left out."""
        seen: set[str] = set()
        for section in self._document.sections:
            for variant in (f"first_page_{kind}", kind, f"even_page_{kind}"):
                holder = getattr(section, variant)
                if holder.is_linked_to_previous:
                    continue
                context = self._context_of(holder.part)
                for paragraph in holder._element.iter(qn("w:p")):
                    line = " ".join(speak(paragraph, context).text.split())
                    if re.search(r"[^\W\d_]{2}|[\u4e00-\u9fff]", line) and line not in seen:
                        seen.add(line)
                        yield line

    def _context_of(self, part: Any) -> Context:
        """What the paragraphs of another part share."""
        pictures = self._pictures_of(part)
        return replace(self._context, targets=_targets(part), pictures=pictures, comments={})

    def _pictures_of(self, part: Any) -> Callable[[str, str, bool], str]:
        """What gives the words for the pictures of a part, by the ids of their relations."""

        def words(key: str, description: str, decorative: bool) -> str:
            relation = part.rels.get(key)
            inside = relation is not None and not relation.is_external
            data = relation.target_part.blob if inside else None
            return self._pictures.shown(data, description, None, decorative)

        return words

    def _notes(self) -> Iterator[str]:
        """Footnotes, then endnotes, each in the order of its mark."""
        for kind in ("footnote", "endnote"):
            tag = qn(f"w:{kind}Reference")
            part = _part(self._document.part, f"{kind}s")
            if part is None:
                continue
            context = self._context_of(part)
            texts: dict[str, str] = {}
            for element in parse_xml(part.blob):
                lines = (speak(p, context).text for p in element.iter(qn("w:p")))
                texts[f"{tag}{element.get(qn('w:id'))}"] = " ".join(" ".join(lines).split())
            for key, mark in self._context.notes.items():
                if key.startswith(tag) and texts.get(key):
                    yield f"{mark} {texts[key]}"

    def _comments(self, context: Context) -> Iterator[tuple[str, str]]:
        """(id, comment as it is written into the text) of all comments."""
        part = _part(self._document.part, "comments")
        if part is None:
            return
        for comment in parse_xml(part.blob):
            lines = [speak(p, context).text for p in comment.iter(qn("w:p"))]
            text = " ".join(" ".join(lines).split())
            author = " ".join(comment.get(qn("w:author"), "").split())
            if text:
                by = f" by {author}" if author else ""
                yield comment.get(qn("w:id"), ""), f"[comment{by}: {text}]"

    def _diagrams(self) -> Iterator[str]:
        """The texts of drawn diagrams (SmartArt), which lie in parts of their own."""
        for relation in self._document.part.rels.values():
            if not relation.is_external and relation.reltype.endswith("/diagramData"):
                for paragraph in parse_xml(relation.target_part.blob).iter(_TEXT):
                    if paragraph.text and paragraph.text.strip():
                        yield paragraph.text

    def _embedded(self) -> Iterator[str]:
        for relation in self._document.part.rels.values():
            if not relation.is_external and relation.reltype.endswith(("/package", "/oleObject")):
                yield posixpath.basename(str(relation.target_part.partname))


def _part(part: Any, kind: str) -> Any:
    """The part that `part` relates to as its `kind`, such as its footnotes; None without one."""
    for relation in part.rels.values():
        if not relation.is_external and relation.reltype.rpartition("/")[2] == kind:
            return relation.target_part
    return None


def _targets(part: Any) -> dict[str, str]:
    """Where the links of a part lead, by the ids of their relations."""
    return {key: relation.target_ref for key, relation in part.rels.items() if relation.is_external}
