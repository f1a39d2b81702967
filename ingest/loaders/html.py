"""HTML -> one page of the text that a reader sees, with its headings.

Left out: scripts, styles, comments, what is hidden, form controls, and navigation (unless nothing
else is there). List items keep their mark, table rows stand as `| cell | cell |`.
"""

from __future__ import annotations

import re
from typing import Any

from bs4.dammit import EncodingDetector
from lxml import etree

from ingest.loaders.decode import decode
from ingest.loaders.writer import PageWriter
from rag.errors import DocumentError
from rag.types import Page


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


_INVISIBLE = _names(
    "script style template noscript head iframe object embed svg canvas audio video map datalist "
    "select button input textarea option progress meter dialog"
)
_PARAGRAPHS = _names(
    "p div section article main header footer aside address blockquote figure figcaption pre table "
    "ul ol dl form fieldset details summary hr body center h1 h2 h3 h4 h5 h6 caption"
)
_LINES = _names("li dt dd tr br")
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_NAVIGATION = _names(
    "nav navbar navheader navfooter navigation breadcrumb breadcrumbs menu toc table-of-contents "
    "tableofcontents skip-link skiplink sidebar pagination cookie-banner cookie-consent headerlink"
)
_HIDING_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden"
    r"|(?:font-size|opacity)\s*:\s*0(?:\.0+)?(?:px|pt|r?em|%)?\s*(?:!|;|$)",
    re.I,
)


def load_html(data: bytes, name: str) -> tuple[Page, ...]:
    """The single page of an HTML file, in whatever encoding it declares or is found to be in."""
    declared = EncodingDetector.find_declared_encoding(data[:8192], is_html=True)
    return (html_page(decode(data, name, declared), name),)


def html_page(markup: str, name: str) -> Page:
    """The text that a reader of `markup` sees. Raises DocumentError, naming the file `name`, if
    its elements are nested deeper than the parser follows."""
    root = _parse(markup, name)
    if root is None:
        return Page(1, "")
    page = _Extractor(root, keep_navigation=False).page()
    return page if page.text.strip() else _Extractor(root, keep_navigation=True).page()


def _parse(markup: str, name: str) -> Any:
    """The document's root element, or None if there is none.

    XHTML is read as XML where it is well-formed: an HTML parser takes `<script/>` for open.
    """
    data = markup.encode("utf-8", errors="replace")
    if markup.lstrip("\ufeff \t\r\n").startswith("<?xml"):
        strict = etree.XMLParser(
            encoding="utf-8", resolve_entities=False, no_network=True, remove_comments=True,
            remove_pis=True, huge_tree=True,
        )  # fmt: skip
        try:
            return etree.fromstring(data.lstrip(), strict)
        except etree.XMLSyntaxError:
            pass
    lenient = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True
    )
    try:
        root = etree.fromstring(data, lenient)
    except etree.XMLSyntaxError:  # nothing in it at all
        return None
    if any("Excessive depth" in entry.message for entry in lenient.error_log):
        raise DocumentError(
            f"{name} nests its elements thousands deep: save it anew from a browser, or as text"
        )
    return root


def _tag(element: Any) -> str:
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


class _Extractor:
    """One walk over the tree, without recursion: a page may be nested thousands deep."""

    def __init__(self, root: Any, *, keep_navigation: bool) -> None:
        self._root = root
        self._keep_navigation = keep_navigation
        self._writer = PageWriter()
        self._pre = 0
        self._lists: list[int | None] = []
        self._tables: list[bool] = []

    def page(self) -> Page:
        self._write_title()
        walk = etree.iterwalk(self._root, events=("start", "end"))
        for event, element in walk:
            tag = _tag(element)
            if event == "start" and self._left_out(element, tag):
                walk.skip_subtree()
                continue
            if event == "start":
                self._start(element, tag)
                self._text(element.text)
            elif not self._left_out(element, tag):
                self._end(tag)
            if event == "end" and element is not self._root:
                self._text(element.tail)
        return self._writer.page()

    def _write_title(self) -> None:
        """The title that the window shows, where the body has no top heading to name the page."""
        title = self._find("title")
        if title is None or self._find("h1") is not None:
            return
        self._writer.open_heading(1)
        self._writer.inline("".join(title.itertext()))
        self._writer.close_heading()

    def _find(self, tag: str) -> Any:
        return next((e for e in self._root.iter(tag, f"{{*}}{tag}") if _tag(e) == tag), None)

    def _left_out(self, element: Any, tag: str) -> bool:
        if not tag or tag in _INVISIBLE:
            return True
        attributes = element.attrib
        if not attributes and tag != "nav":
            return False
        if "hidden" in attributes or attributes.get("aria-hidden", "").lower() == "true":
            return True
        if _HIDING_STYLE.search(attributes.get("style", "")):
            return True
        return not self._keep_navigation and _is_navigation(attributes, tag)

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
        elif tag in ("ul", "ol"):
            writer.line_break() if self._lists else writer.paragraph_break()
            self._lists.append(_first_number(element) if tag == "ol" else None)
        elif tag == "li":
            self._start_item()
        elif tag == "table":
            writer.paragraph_break()
            self._tables.append(not writer.flat and _holds_data(element))
        elif tag == "tr":
            writer.line_break()
            if self._in_data_table():
                writer.mark("|")
        elif tag in ("td", "th"):
            self._start_cell()
        elif tag in _PARAGRAPHS:
            self._block_break()
        elif tag in _LINES:
            writer.line_break()
        self._pre += tag == "pre"

    def _end(self, tag: str) -> None:
        writer = self._writer
        self._pre -= tag == "pre"
        if tag in _HEADINGS and not writer.flat:
            writer.close_heading()
        elif tag in ("ul", "ol") and self._lists:
            self._lists.pop()
            writer.line_break() if self._lists else writer.paragraph_break()
        elif tag == "table":
            self._tables.pop()
            writer.paragraph_break()
        elif tag in ("td", "th") and self._in_data_table():
            writer.flat -= 1
            writer.space()
            writer.mark("|")
        elif tag in _PARAGRAPHS:
            self._block_break()
        elif tag in _LINES and tag != "br":
            writer.item("")
            writer.line_break()

    def _block_break(self) -> None:
        """A paragraph inside a list item starts a line, elsewhere it is set off by a blank one."""
        self._writer.line_break() if self._lists else self._writer.paragraph_break()

    def _start_item(self) -> None:
        self._writer.line_break()
        if not self._lists or self._writer.flat:
            return
        number = self._lists[-1]
        indent = "  " * (len(self._lists) - 1)
        if number is None:
            self._writer.item(f"{indent}- ")
        else:
            self._writer.item(f"{indent}{number}. ")
            self._lists[-1] = number + 1

    def _start_cell(self) -> None:
        if self._in_data_table():
            self._writer.space()
            self._writer.flat += 1
        else:
            self._block_break()

    def _in_data_table(self) -> bool:
        return bool(self._tables) and self._tables[-1]


def _is_navigation(attributes: Any, tag: str) -> bool:
    if tag == "nav" or attributes.get("role", "") in ("navigation", "search"):
        return True
    names = f"{attributes.get('class', '')} {attributes.get('id', '')}".lower().split()
    return tag not in ("body", "html", "main") and not _NAVIGATION.isdisjoint(names)


def _first_number(element: Any) -> int:
    start = element.get("start", "1")
    return int(start) if re.fullmatch(r"-?\d{1,6}", start) else 1


_LAYOUT_TAGS = frozenset(["table", *_HEADINGS])


def _holds_data(table: Any) -> bool:
    """Whether a table is one of cells to read side by side, not a frame that lays out a page."""
    rows = []
    for element in table.iterdescendants():
        tag = _tag(element)
        if tag in _LAYOUT_TAGS:
            return False
        if tag == "tr":
            rows.append(element)
    return any(sum(_is_filled_cell(cell) for cell in row) > 1 for row in rows)


def _is_filled_cell(element: Any) -> bool:
    return _tag(element) in ("td", "th") and any(text.strip() for text in element.itertext())
