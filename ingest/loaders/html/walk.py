"""A parsed web page -> its text in reading order, with headings, lists and tables.

One walk over the tree, without recursion: a page may be nested thousands deep. List items keep
their mark, table rows stand as `| cell | cell |`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Literal

from lxml import etree

from ingest.loaders.html.tree import names, tag_of
from ingest.loaders.html.visible import EMBEDDED, Visibility
from ingest.loaders.listing import formatted
from ingest.loaders.losses import Losses
from ingest.loaders.tables import Cell, table_lines
from ingest.loaders.writer import PageWriter
from rag.types import Page

_PARAGRAPHS = names(
    "p div section article main header footer aside address blockquote figure figcaption pre table "
    "ul ol dl form fieldset details summary hr body center h1 h2 h3 h4 h5 h6 caption legend dialog"
)
_LINES = names("li dt dd tr br textarea")
_HEADINGS = {f"h{level}": level for level in range(1, 7)}


@dataclass(slots=True)
class _List:
    """An open list: its next number (None: bullets), how it counts and how it is printed."""

    number: int | None
    step: int = 1
    style: str = "decimal"


@dataclass(slots=True)
class _Table:
    """An open table. "data": cells are gathered in `rows`; "layout": cells are paragraphs;
    "nested": it stands within a cell and is written on one line."""

    kind: Literal["data", "layout", "nested"]
    rows: list[list[Cell]] = field(default_factory=list)
    writers: list[PageWriter] = field(default_factory=list)


class Walk:
    """Writes one page. What it leaves out though a reader sees it is counted in `losses`."""

    def __init__(self, root: Any, losses: Losses, *, keep_navigation: bool) -> None:
        self._root = root
        self._losses = losses
        self._visibility = Visibility(root, keep_navigation=keep_navigation)
        self._writer = PageWriter()
        self._pre = 0
        self._lists: list[_List] = []
        self._tables: list[_Table] = []

    def page(self) -> Page:
        """The page's text and headings."""
        self._write_title()
        walk = etree.iterwalk(self._root, events=("start", "end"))
        skipped: set[Any] = set()
        for event, element in walk:
            if event == "start":
                tag = tag_of(element)
                if self._visibility.left_out(element, tag):
                    skipped.add(element)
                    self._count(element, tag)
                    walk.skip_subtree()
                    continue
                self._start(element, tag)
                self._text(element.text)
            else:
                if element in skipped:
                    skipped.discard(element)
                else:
                    self._end(element, tag_of(element))
                if element is not self._root:
                    self._text(element.tail)
        return self._writer.page()

    def _count(self, element: Any, tag: str) -> None:
        if tag in EMBEDDED and element.get("src", element.get("data", "")):
            self._losses.count("embedded frame or recording", "embedded frames or recordings")

    def _write_title(self) -> None:
        """The title that the window shows, where the body has no top heading to name the page."""
        title = self._find("title")
        if title is None or self._find("h1") is not None:
            return
        self._writer.open_heading(1)
        self._writer.inline("".join(title.itertext()))
        self._writer.close_heading()

    def _find(self, tag: str) -> Any:
        return next((e for e in self._root.iter(tag, f"{{*}}{tag}") if tag_of(e) == tag), None)

    def _text(self, text: str | None) -> None:
        if not text:
            return
        if self._pre:
            self._writer.verbatim(text)
        else:
            self._writer.inline(text)

    def _start(self, element: Any, tag: str) -> None:
        writer = self._writer
        if tag in _HEADINGS and not writer.flat:
            writer.open_heading(_HEADINGS[tag])
        elif tag in ("ul", "ol", "menu"):
            writer.line_break() if self._lists else writer.paragraph_break()
            self._lists.append(_opened(element, tag))
        elif tag == "li":
            self._start_item(element)
        elif tag == "table":
            writer.paragraph_break()
            kind = "nested" if writer.flat else "data" if _holds_data(element) else "layout"
            self._tables.append(_Table(kind))  # type: ignore[arg-type]
        elif tag == "tr":
            self._start_row()
        elif tag in ("td", "th"):
            self._start_cell()
        elif tag in _PARAGRAPHS:
            self._block_break()
        elif tag in _LINES:
            writer.line_break()
        self._pre += tag == "pre"

    def _end(self, element: Any, tag: str) -> None:
        writer = self._writer
        self._pre -= tag == "pre"
        if tag in _HEADINGS and not writer.flat:
            writer.close_heading()
        elif tag in ("ul", "ol", "menu") and self._lists:
            self._lists.pop()
            writer.line_break() if self._lists else writer.paragraph_break()
        elif tag == "table":
            self._end_table()
        elif tag in ("td", "th") and self._tables:
            self._end_cell(element, tag)
        elif tag in _PARAGRAPHS:
            self._block_break()
        elif tag == "tr" and self._tables and self._tables[-1].kind == "nested":
            return
        elif tag in _LINES and tag != "br":
            writer.item("")
            writer.line_break()

    def _block_break(self) -> None:
        """A paragraph inside a list item starts a line, elsewhere it is set off by a blank one."""
        self._writer.line_break() if self._lists else self._writer.paragraph_break()

    def _start_item(self, element: Any) -> None:
        self._writer.line_break()
        if not self._lists or self._writer.flat:
            return
        current = self._lists[-1]
        indent = "  " * (len(self._lists) - 1)
        if current.number is None:
            self._writer.item("" if current.style == "none" else f"{indent}- ")
            return
        own = element.get("value", "")
        current.number = int(own) if re.fullmatch(r"-?\d{1,6}", own) else current.number
        self._writer.item(f"{indent}{formatted(current.number, current.style)}. ")
        current.number += current.step

    def _start_row(self) -> None:
        table = self._tables[-1] if self._tables else None
        if table is None or table.kind == "layout":
            self._writer.line_break()
        if table is not None:
            table.rows.append([])

    def _start_cell(self) -> None:
        table = self._tables[-1] if self._tables else None
        if table is None or table.kind == "layout":
            self._block_break()
            return
        if not table.rows:
            table.rows.append([])
        if table.kind == "nested":
            first = not table.rows[-1]
            if len(table.rows) > 1 or not first:
                self._writer.mark(";" if first else ",")
            self._writer.space()
            return
        table.writers.append(self._writer)
        self._writer = PageWriter()
        self._writer.flat = 1

    def _end_cell(self, element: Any, tag: str) -> None:
        table = self._tables[-1]
        if table.kind == "layout":
            self._block_break()
            return
        text = ""
        if table.kind == "data":
            text = self._writer.page().text
            self._writer = table.writers.pop()
        head = tag == "th" and element.get("scope") not in ("row", "rowgroup")
        across, down = _span(element, "colspan", 1), _span(element, "rowspan", 0)
        table.rows[-1].append(Cell(text, across, down, head))

    def _end_table(self) -> None:
        table = self._tables.pop()
        if table.kind == "data":
            for line in table_lines(table.rows):
                self._writer.line_break()
                self._writer.mark(line)
        self._writer.paragraph_break()


_PICTURE = re.compile(r"\[picture: [^\]]*\]")
_LIST_TYPES = {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
_LIST_STYLES = {
    "lower-alpha": "lowerLetter",
    "lower-latin": "lowerLetter",
    "upper-alpha": "upperLetter",
    "upper-latin": "upperLetter",
    "lower-roman": "lowerRoman",
    "upper-roman": "upperRoman",
    "decimal-leading-zero": "decimalZero",
    "cjk-ideographic": "chineseCounting",
    "none": "none",
}


_LIST_CLASSES = {
    "loweralpha": "lowerLetter",
    "upperalpha": "upperLetter",
    "lowerroman": "lowerRoman",
    "upperroman": "upperRoman",
}
"""How docutils names them."""


def _classes(element: Any) -> list[str]:
    return str(element.get("class", "")).split()


def _opened(element: Any, tag: str) -> _List:
    """The list as it is printed: where it starts, which way it counts, in figures or letters."""
    match = re.search(r"list-style(?:-type)?\s*:\s*([\w-]+)", element.get("style", ""))
    style = _LIST_STYLES.get(match.group(1).lower(), "") if match else ""
    if tag != "ol":
        return _List(None)
    style = style or _LIST_TYPES.get(element.get("type", ""), "")
    style = style or next(filter(None, map(_LIST_CLASSES.get, _classes(element))), "decimal")
    if style == "none":
        return _List(None, style="none")
    start = element.get("start", "")
    if "reversed" in element.attrib:
        items = sum(tag_of(child) == "li" for child in element)
        return _List(int(start) if start.isdigit() else items, -1, style)
    return _List(int(start) if re.fullmatch(r"-?\d{1,6}", start) else 1, 1, style)


def _span(element: Any, attribute: str, least: int) -> int:
    value = element.get(attribute, "1").strip()
    return max(least, int(value)) if re.fullmatch(r"\d{1,5}", value) else 1


def _holds_data(table: Any) -> bool:
    """Whether a table is one of cells to read side by side, not a frame that lays out a page."""
    if table.get("role") in ("presentation", "none"):
        return False
    rows = []
    for element in table.iterdescendants():
        tag = tag_of(element)
        if tag == "table" or tag in _HEADINGS:
            return _has_heads(table)
        if tag == "tr":
            rows.append(element)
    return any(sum(_is_filled_cell(cell) for cell in row) > 1 for row in rows)


def _has_heads(table: Any) -> bool:
    """Whether the first row of the table itself, not of one within it, is of head cells."""
    row = next((e for e in table.iterdescendants() if tag_of(e) == "tr"), None)
    if row is None:
        return False
    cells = [tag_of(cell) for cell in row if tag_of(cell) in ("td", "th")]
    return len(cells) > 1 and all(cell == "th" for cell in cells)


def _is_filled_cell(element: Any) -> bool:
    """Whether a cell holds text of its own, not a picture alone."""
    if tag_of(element) not in ("td", "th"):
        return False
    return bool(_PICTURE.sub("", "".join(element.itertext())).strip())
