"""ODT -> one page: paragraphs, lists and tables in order, headings, headers, notes, comments."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from ingest.loaders.archive import open_archive, read_member
from ingest.loaders.inner_pictures import InnerPictures
from ingest.loaders.losses import Losses
from ingest.loaders.odt.inline import Inline, Source
from ingest.loaders.odt.names import q
from ingest.loaders.odt.styles import Styles, mark
from ingest.loaders.tables import Cell, table_lines
from ingest.loaders.writer import PageWriter
from rag.config import IngestSettings
from rag.errors import DocumentError
from rag.types import Page

_BLOCKS = {
    q("text:section"), q("text:index-body"), q("text:table-of-content"), q("text:index-title"),
    q("text:bibliography"), q("text:alphabetical-index"), q("text:illustration-index"),
    q("text:table-index"), q("text:user-index"), q("text:numbered-paragraph"),
}  # fmt: skip
_GROUPS = {
    q("table:table-header-rows"), q("table:table-rows"), q("table:table-row-group"),
}  # fmt: skip
_MOST_REPEATED = 50
_ENCRYPTED = re.compile(rb"<(?:\w+:)?encryption-data")


def load_odt(
    data: bytes, name: str, limits: IngestSettings, losses: Losses | None = None
) -> tuple[Page, ...]:
    """The single page of an ODT file; what is left out of it is added to `losses`.

    Raises DocumentError when the file is broken, locked, or unpacks to more than the limits allow.
    """
    losses = losses if losses is not None else Losses()
    with open_archive(data, name, "ODT", limits) as archive:
        if _ENCRYPTED.search(read_member(archive, "META-INF/manifest.xml") or b""):
            raise DocumentError(f"{name} needs a password: save a copy without the password")
        content = _parsed(read_member(archive, "content.xml"))
        styles = _parsed(read_member(archive, "styles.xml"))
        if content is None or (body := content.find(f".//{q('office:text')}")) is None:
            raise DocumentError(
                f"{name} is damaged and cannot be opened as ODT: "
                "open it in LibreOffice and save it again"
            )
        roots = [root for root in (content, styles) if root is not None]
        pictures = InnerPictures(losses, ocr=limits.ocr)
        source = Source(archive, Styles(roots), losses, pictures)
        return (_Extractor(source, body, styles).page(),)


def _parsed(content: bytes | None) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        return etree.fromstring(content, parser) if content else None
    except etree.XMLSyntaxError:
        return None


class _Extractor:
    """Writes one document; knows where its numbered lists stand."""

    def __init__(self, source: Source, body: Any, styles: Any) -> None:
        self._source, self._body, self._styles_root = source, body, styles
        self._styles = source.styles
        self._inline = Inline(source, body)
        self._writer = PageWriter()
        self._counts: dict[str, list[int]] = {}
        self._named: dict[str, str] = {}
        self._in_list = False

    def page(self) -> Page:
        """The page: headers, the text, its notes, footers."""
        self._lines(self._running_text("header"))
        self._blocks(self._body)
        self._lines(self._inline.notes())
        self._lines(self._running_text("footer"))
        self._source.losses.files(self._embedded())
        deletions = [
            e for e in self._body.iter(q("text:deletion")) if "".join(e.itertext()).strip()
        ]
        self._source.losses.count(
            "tracked deletion left out", "tracked deletions left out", len(deletions)
        )
        return self._writer.page()

    def _lines(self, lines: Iterator[str]) -> None:
        self._writer.paragraph_break()
        for line in lines:
            self._writer.inline(line)
            self._writer.line_break()
        self._writer.paragraph_break()

    def _blocks(self, parent: Any) -> None:
        for element in parent:
            if element.tag in (q("text:p"), q("text:h")):
                self._paragraph(element)
            elif element.tag == q("text:list"):
                self._list(element, [], "")
            elif element.tag == q("table:table"):
                self._table(element)
            elif element.tag in _BLOCKS:
                if element.get(q("text:display")) != "none":
                    self._blocks(element)
            elif element.tag in (q("draw:frame"), q("draw:custom-shape"), q("draw:g")):
                self._frames(element)

    def _paragraph(self, element: Any, bullet: str = "") -> None:
        writer = self._writer
        look = self._styles.look(element.get(q("text:style-name")), "paragraph")
        spoken = "" if look.hidden else self._inline.speak(element)
        if element.tag == q("text:h") and spoken.strip() and not writer.flat:
            writer.open_heading(_level(element))
            writer.inline(bullet.removeprefix("- ") + " ".join(spoken.split()))
            writer.close_heading()
            self._in_list = False
        elif spoken.strip():
            if not (bullet and self._in_list):
                writer.paragraph_break()
            self._in_list = bool(bullet)
            writer.line_break()
            if bullet and not writer.flat:
                writer.item(bullet)
            elif bullet.strip() not in ("", "-"):
                writer.inline(bullet)
            for number, line in enumerate(spoken.split("\n")):
                if number:
                    writer.line_break()
                writer.inline(line)
            writer.line_break() if bullet else writer.paragraph_break()
        for remark in self._inline.remarks():
            writer.paragraph_break()
            writer.inline(remark)
            writer.paragraph_break()
        self._frames(element)

    def _frames(self, parent: Any) -> None:
        """The text boxes that hang on a paragraph."""
        for box in parent.iter(q("draw:text-box")):
            self._blocks(box)
        for shape in parent.iter(q("draw:custom-shape")):
            self._blocks(shape)

    def _list(self, element: Any, above: list[int], inherited: str) -> None:
        """A list and those within it; `above` are the numbers of the items it stands in."""
        style = element.get(q("text:style-name")) or inherited or self._style_of(element)
        depth = len(above) + 1
        level = self._styles.level(style, depth)
        goes_on = element.get(q("text:continue-numbering")) == "true"
        continued = element.get(q("text:continue-list"), "")
        key = f"{style}:{depth}"
        numbers = self._counts.get(key, [])
        number = numbers[-1] if numbers and (goes_on or continued) else level.start - 1
        for item in element:
            if item.tag not in (q("text:list-item"), q("text:list-header")):
                continue
            own = item.get(q("text:start-value"), "")
            if item.tag == q("text:list-item"):
                number = int(own) if own.isdigit() else number + 1
            self._item(item, [*above, number], style, depth)
        self._counts[key] = [*above, number]

    def _item(self, item: Any, numbers: list[int], style: str, depth: int) -> None:
        marked = False
        for child in item:
            if child.tag in (q("text:p"), q("text:h")):
                level = self._styles.level(style, depth)
                bullet = "" if marked or item.tag == q("text:list-header") else mark(level, numbers)
                if not marked and child.tag == q("text:p"):
                    bullet = f"{'  ' * (depth - 1)}{bullet}"
                self._paragraph(child, bullet)
                marked = True
            elif child.tag == q("text:list"):
                self._list(child, numbers, style)

    def _style_of(self, element: Any) -> str:
        """The list style that the first paragraph of a list brings with it."""
        first = next(element.iter(q("text:p"), q("text:h")), None)
        return self._styles.list_style(first.get(q("text:style-name"))) if first is not None else ""

    def _table(self, table: Any) -> None:
        rows = list(self._rows(table, head=False))
        if self._writer.flat:
            lines = [", ".join(filter(None, (cell.text for cell in row))) for row in rows]
            self._writer.space()
            self._writer.inline("; ".join(filter(None, lines)))
            self._writer.space()
            return
        self._writer.paragraph_break()
        for line in table_lines(rows):
            self._writer.line_break()
            self._writer.mark(line)
        self._in_list = False
        self._writer.paragraph_break()

    def _rows(self, parent: Any, *, head: bool) -> Iterator[list[Cell]]:
        for element in parent:
            if element.tag in _GROUPS:
                inner = head or element.tag == q("table:table-header-rows")
                yield from self._rows(element, head=inner)
            elif element.tag == q("table:table-row"):
                cells = [
                    Cell(
                        self._cell_text(cell),
                        _number(cell, "table:number-columns-spanned"),
                        _number(cell, "table:number-rows-spanned"),
                        head,
                    )
                    for cell in element.iterfind(q("table:table-cell"))
                    for _ in range(_number(cell, "table:number-columns-repeated"))
                ]
                for _ in range(_number(element, "table:number-rows-repeated")):
                    yield cells

    def _cell_text(self, cell: Any) -> str:
        outer, self._writer = self._writer, PageWriter()
        self._writer.flat = 1
        self._in_list = False
        self._blocks(cell)
        text = self._writer.page().text
        self._writer = outer
        return text

    def _running_text(self, kind: str) -> Iterator[str]:
        """Lines of headers or footers, each once, page numbers alone left out."""
        if self._styles_root is None:
            return
        seen: set[str] = set()
        for master in self._styles_root.iter(q("style:master-page")):
            for holder in master:
                local = etree.QName(holder).localname if isinstance(holder.tag, str) else ""
                if not local.startswith(kind) or holder.get(q("style:display")) == "false":
                    continue
                for paragraph in holder.iter(q("text:p")):
                    line = " ".join(self._inline.speak(paragraph).split())
                    if re.search(r"[^\W\d_]{2}|[\u4e00-\u9fff]", line) and line not in seen:
                        seen.add(line)
                        yield line

    def _embedded(self) -> Iterator[str]:
        for element in self._body.iter(q("draw:object-ole")):
            yield posixpath.basename(element.get(q("xlink:href"), "")) or "an object"


def _level(heading: Any) -> int:
    level = heading.get(q("text:outline-level"), "1")
    return max(1, int(level)) if level.isdigit() else 1


def _number(element: Any, attribute: str) -> int:
    value = element.get(q(attribute), "1")
    return min(int(value), _MOST_REPEATED) if value.isdigit() and int(value) else 1
