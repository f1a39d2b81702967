"""PPTX -> a page for each slide: title, texts in reading order, tables, charts, notes, comments.

python-pptx opens the file; the text is walked for here, as its own `text_frame.text` knows nothing
of raised figures, struck-out words and links. Hidden slides are left out and said.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import pptx
from lxml import etree
from pptx.oxml.ns import qn

from ingest.loaders.archive import open_archive, read_member
from ingest.loaders.formulas import formula
from ingest.loaders.inner_pictures import InnerPictures
from ingest.loaders.links import noted
from ingest.loaders.losses import Losses
from ingest.loaders.pptx.charts import CHART, rows_of, title_of
from ingest.loaders.pptx.numbering import level, numbers
from ingest.loaders.scripts import lowered, raised
from ingest.loaders.strict import in_transitional_form
from ingest.loaders.tables import Cell, table_lines
from ingest.loaders.writer import PageWriter
from rag.config import IngestSettings
from rag.errors import DocumentError
from rag.types import Page

_ODD_FORMS = (
    b"application/vnd.openxmlformats-officedocument.presentationml.slideshow.main+xml",
    b"application/vnd.openxmlformats-officedocument.presentationml.template.main+xml",
    b"application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml",
    b"application/vnd.ms-powerpoint.slideshow.macroEnabled.main+xml",
    b"application/vnd.ms-powerpoint.template.macroEnabled.main+xml",
)
_USUAL_FORM = b"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
_TYPES = "[Content_Types].xml"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds"
_RELATIONS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_FILE_NAME = re.compile(r"\S+\.(?:png|jpe?g|gif|bmp|tiff?|emf|wmf|svg)$", re.I)
"""What programs write for a picture's description when its author gave none."""
_RUNNING = frozenset(["sldNum", "dt", "hdr"])
_MOVING = frozenset(["videoFile", "audioFile", "quickTimeFile", "wavAudioFile"])


def load_pptx(
    data: bytes, name: str, limits: IngestSettings, losses: Losses | None = None
) -> tuple[Page, ...]:
    """A page for each slide that is shown; its heading is the slide's title.

    Raises DocumentError when the file is broken, or unpacks to more than the limits allow.
    """
    losses = losses if losses is not None else Losses()
    losses.unit = "slide"
    show = _open(data, name, limits)
    pages: list[Page] = []
    footers: set[str] = set()
    pictures = InnerPictures(losses, ocr=limits.ocr)
    for number, slide in enumerate(show.slides, start=1):
        writer = _Slide(slide, number, losses, footers, pictures)
        if slide._element.get("show", "1") in ("0", "false"):
            losses.page(number, "hidden slide left out")
            pages.append(Page(number, ""))
            continue
        pages.append(writer.page())
    return tuple(pages)


def _open(data: bytes, name: str, limits: IngestSettings) -> Any:
    with open_archive(data, name, "PPTX", limits) as archive:
        types = read_member(archive, _TYPES) or b""
        if any(form in types for form in _ODD_FORMS):
            data = _in_usual_form(archive, types)
    try:
        return pptx.Presentation(io.BytesIO(in_transitional_form(data)))
    except Exception as err:  # python-pptx lets KeyError, ValueError and lxml's errors out
        raise DocumentError(
            f"{name} is damaged and cannot be opened as PPTX ({type(err).__name__}): "
            "open it in PowerPoint or LibreOffice and save it again"
        ) from None


def _in_usual_form(archive: Any, types: bytes) -> bytes:
    """The archive with its main part declared as python-pptx knows it: it refuses shows,
    templates and files with macros by their type alone."""
    for form in _ODD_FORMS:
        types = types.replace(form, _USUAL_FORM)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as target:
        for member in archive.infolist():
            content = types if member.filename == _TYPES else read_member(archive, member)
            target.writestr(member.filename, content or b"")
    return buffer.getvalue()


class _Slide:
    """Writes one slide. `footers` are the footers that other slides wrote."""

    def __init__(
        self,
        slide: Any,
        number: int,
        losses: Losses,
        footers: set[str],
        pictures: InnerPictures,
    ) -> None:
        self._slide, self._number, self._losses = slide, number, losses
        self._footers, self._pictures = footers, pictures
        self._writer = PageWriter()

    def page(self) -> Page:
        """The slide's text, its notes and comments below it."""
        title = self._slide.shapes.title
        if title is not None and title.has_text_frame:
            self._writer.open_heading(1)
            self._writer.inline(" ".join(self._paragraphs(title.text_frame._txBody)))
            self._writer.close_heading()
        for shape in self._slide.shapes._spTree:
            if title is None or shape is not title._element:
                self._shape(shape)
        if self._slide.has_notes_slide:
            self._notes(self._slide.notes_slide)
        for comment in self._comments():
            self._line(comment)
        self._losses.files(self._embedded())
        return self._writer.page(self._number)

    def _line(self, text: str) -> None:
        self._writer.paragraph_break()
        self._writer.inline(text)
        self._writer.paragraph_break()

    def _shape(self, shape: Any) -> None:
        """Write a shape: what is drawn as text, a table, a chart, a picture, or a group of them."""
        tag = etree.QName(shape).localname if isinstance(shape.tag, str) else ""
        if tag == "grpSp":
            for child in shape:
                self._shape(child)
        elif tag == "AlternateContent":
            for child in shape[0] if len(shape) else ():
                self._shape(child)
        elif tag in ("sp", "cxnSp"):
            self._text_shape(shape)
        elif tag == "graphicFrame":
            self._frame(shape)
        elif tag == "pic":
            self._picture(shape)

    def _text_shape(self, shape: Any) -> None:
        body = shape.find(qn("p:txBody"))
        holder = next(shape.iter(qn("p:ph")), None)
        kind = holder.get("type", "obj") if holder is not None else ""
        if body is None or kind in _RUNNING:
            return
        lines = list(self._paragraphs(body))
        if kind == "ftr":
            lines = [line for line in lines if line not in self._footers]
            self._footers.update(lines)
        listed = kind in ("body", "obj") and len(lines) > 1
        paragraphs = list(body.iterfind(qn("a:p")))
        marks = numbers(paragraphs, self._list_styles(body, holder))
        self._writer.paragraph_break()
        for paragraph, mark, line in zip(paragraphs, marks, lines, strict=False):
            if not line:
                continue
            self._writer.line_break()
            if mark or listed or level(paragraph):
                self._writer.item(f"{'  ' * level(paragraph)}{mark or '-'} ")
            self._writer.inline(line)
            self._writer.line_break()
        self._writer.paragraph_break()

    def _list_styles(self, body: Any, holder: Any) -> list[Any]:
        """How the text counts where its paragraphs do not say so: by itself, by its layout."""
        styles = [body.find(qn("a:lstStyle"))]
        index = holder.get("idx", "0") if holder is not None else None
        for twin in self._slide.slide_layout.placeholders if index else ():
            if str(twin.placeholder_format.idx) == index:
                styles += twin._element.iter(qn("a:lstStyle"))
        return [style for style in styles if style is not None]

    def _paragraphs(self, body: Any) -> Iterator[str]:
        for paragraph in body.iterfind(qn("a:p")):
            yield " ".join(self._spoken(paragraph).split())

    def _spoken(self, paragraph: Any) -> str:
        """A paragraph's text, what is raised or linked in words, what is struck out gone."""
        text = ""
        for element in paragraph.iter():
            tag = element.tag if isinstance(element.tag, str) else ""
            if tag in (qn("a:r"), qn("a:fld")):
                text += self._run(element, text)
            elif tag == qn("a:br"):
                text += " "
            elif tag == f"{_MATH}oMath":
                text += f" {formula(element)} "
        return text

    def _run(self, run: Any, before: str) -> str:
        look, node = run.find(qn("a:rPr")), run.find(qn("a:t"))
        words = (node.text or "") if node is not None else ""
        if look is None or not words:
            return words
        if look.get("strike", "noStrike") != "noStrike":
            self._losses.page(self._number, "struck-out text left out")
            return ""
        height = look.get("baseline", "0").rstrip("%")
        if height.startswith("-"):
            return lowered(before, words)
        if height.strip("0"):
            return raised(before, words)
        link = look.find(qn("a:hlinkClick"))
        if link is not None:
            relation = self._slide.part.rels.get(link.get(f"{_RELATIONS}id", ""))
            external = relation is not None and relation.is_external
            target = noted(relation.target_ref, words) if external else ""
            return f"{words} ({target})" if target else words
        return words

    def _frame(self, frame: Any) -> None:
        """A table, a chart or a drawn diagram."""
        table = next(frame.iter(qn("a:tbl")), None)
        if table is not None:
            self._rows(self._cells(table))
        elif (chart := next(frame.iter(f"{CHART}chart"), None)) is not None:
            relation = self._slide.part.rels.get(chart.get(f"{_RELATIONS}id", ""))
            self._chart(relation)
        elif (diagram := next(frame.iter(_DIAGRAM), None)) is not None:
            relation = self._slide.part.rels.get(diagram.get(f"{_RELATIONS}dm", ""))
            if relation is not None and not relation.is_external:
                tree = etree.fromstring(relation.target_part.blob)
                for paragraph in tree.iter(qn("a:p")):
                    if text := " ".join(self._spoken(paragraph).split()):
                        self._line(text)

    def _rows(self, rows: list[list[Cell]]) -> None:
        self._writer.paragraph_break()
        for line in table_lines(rows):
            self._writer.line_break()
            self._writer.mark(line)
        self._writer.paragraph_break()

    def _cells(self, table: Any) -> list[list[Cell]]:
        properties = table.find(qn("a:tblPr"))
        headed = properties is not None and properties.get("firstRow") in ("1", "true")
        rows: list[list[Cell]] = []
        for number, row in enumerate(table.iterfind(qn("a:tr"))):
            rows.append([])
            for cell in row.iterfind(qn("a:tc")):
                if cell.get("hMerge") in ("1", "true") or cell.get("vMerge") in ("1", "true"):
                    continue
                body = cell.find(qn("a:txBody"))
                text = " ".join(filter(None, self._paragraphs(body))) if body is not None else ""
                across, down = _count(cell.get("gridSpan")), _count(cell.get("rowSpan"))
                rows[-1].append(Cell(text, across, down, headed and number == 0))
        return rows

    def _chart(self, relation: Any) -> None:
        """The title and the figures of a chart."""
        if relation is None or relation.is_external:
            self._losses.page(self._number, "chart not read")
            return
        tree = etree.fromstring(relation.target_part.blob)
        self._line(title_of(tree))
        if rows := rows_of(tree):
            self._rows(rows)
        else:
            self._losses.page(self._number, "chart not read")

    def _picture(self, picture: Any) -> None:
        look = next(picture.iter(qn("p:cNvPr")), None)
        caption = " ".join((look.get("descr") or "").split()) if look is not None else ""
        moving = any(
            isinstance(e.tag, str) and etree.QName(e).localname in _MOVING for e in picture.iter()
        )
        if moving:
            self._losses.page(self._number, "recording not read")
        else:
            caption = "" if _FILE_NAME.match(caption) else caption
            self._line(self._pictures.shown(self._bytes_of(picture), caption, self._number))

    def _bytes_of(self, picture: Any) -> bytes | None:
        """The picture itself, None if it lies elsewhere."""
        blip = next(picture.iter(qn("a:blip")), None)
        key = blip.get(f"{_RELATIONS}embed", "") if blip is not None else ""
        relation = self._slide.part.rels.get(key)
        inside = relation is not None and not relation.is_external
        return bytes(relation.target_part.blob) if inside else None

    def _notes(self, notes: Any) -> None:
        frame = notes.notes_text_frame
        lines = [line for line in self._paragraphs(frame._txBody) if line] if frame else []
        if lines:
            self._line(f"Notes: {lines[0]}")
            for line in lines[1:]:
                self._line(line)

    def _comments(self) -> Iterator[str]:
        """Comments on the slide, in the old form or the new one of threads."""
        for relation in self._slide.part.rels.values():
            if relation.is_external or not relation.reltype.endswith("/comments"):
                continue
            for element in etree.fromstring(relation.target_part.blob).iter():
                name = etree.QName(element).localname if isinstance(element.tag, str) else ""
                words = ""
                if name == "cm" and (old := element.find(qn("p:text"))) is not None:
                    words = old.text or ""
                elif name == "txBody":
                    words = " ".join(self._paragraphs(element))
                if words.strip():
                    yield f"[comment: {' '.join(words.split())}]"

    def _embedded(self) -> Iterator[str]:
        for relation in self._slide.part.rels.values():
            if not relation.is_external and relation.reltype.endswith(("/package", "/oleObject")):
                yield posixpath.basename(str(relation.target_part.partname))


def _count(value: str | None) -> int:
    return int(value) if value and value.isdigit() else 1
