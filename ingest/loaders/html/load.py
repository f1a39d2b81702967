"""HTML -> one page of the text that a reader sees, with its headings.

The markup is parsed here; what is raised, struck out or linked is put into words by `inline`,
what is not seen is told by `visible`, and `walk` writes the text in reading order.
"""

from __future__ import annotations

import html
import re
from typing import Any

from bs4.dammit import EncodingDetector
from lxml import etree

from ingest.loaders.decode import decode
from ingest.loaders.html.inline import put_into_words
from ingest.loaders.html.walk import Walk
from ingest.loaders.inner_pictures import InnerPictures
from ingest.loaders.losses import Losses
from rag.errors import DocumentError
from rag.types import Page


def load_html(
    data: bytes, name: str, losses: Losses | None = None, pictures: InnerPictures | None = None
) -> tuple[Page, ...]:
    """The single page of an HTML file, in whatever encoding it declares or is found to be in."""
    declared = EncodingDetector.find_declared_encoding(data[:8192], is_html=True)
    return (html_page(decode(data, name, declared), name, losses, pictures),)


def html_page(
    markup: str, name: str, losses: Losses | None = None, pictures: InnerPictures | None = None
) -> Page:
    """The text that a reader of `markup` sees; what is left out of it is added to `losses`.
    Without `pictures` none is read by OCR.

    Raises DocumentError, naming the file `name`, if its elements are nested deeper than the parser
    follows.
    """
    root = _parse(markup, name)
    if root is None:
        return Page(1, "")
    losses = losses if losses is not None else Losses()
    put_into_words(root, losses, pictures or InnerPictures(losses, ocr=False))
    page = Walk(root, losses, keep_navigation=False).page()
    if page.text.strip():
        return page
    return Walk(root, Losses(), keep_navigation=True).page()


def _parse(markup: str, name: str) -> Any:
    """The document's root element, or None if there is none.

    XHTML is read as XML where it is well-formed: an HTML parser takes `<script/>` for open.
    """
    if markup.lstrip("\ufeff \t\r\n").startswith("<?xml"):
        strict = etree.XMLParser(
            encoding="utf-8", resolve_entities=False, no_network=True, remove_comments=True,
            remove_pis=True, huge_tree=True,
        )  # fmt: skip
        try:
            data = _without_named_entities(markup).encode("utf-8", errors="replace")
            return etree.fromstring(data.lstrip(), strict)
        except etree.XMLSyntaxError:
            pass
    data = markup.encode("utf-8", errors="replace")
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


_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9._-]*);")
_OWN_ENTITY = re.compile(r"""<!ENTITY\s+([\w.-]+)\s+(?:"([^"<&%]*)"|'([^'<&%]*)')\s*>""")
_XML_ENTITIES = frozenset(["amp", "lt", "gt", "quot", "apos"])
_OWN_CHARS = 500
"""A longer entity of a document's own is no abbreviation."""


def _without_named_entities(markup: str) -> str:
    """XHTML with the characters in place of the entities that HTML names (`&auml;`) or that its
    own head defines as plain text. XML knows five of them, and no DTD is fetched here."""
    own = {
        name: double or single
        for name, double, single in _OWN_ENTITY.findall(markup[:20_000])
        if len(double or single) <= _OWN_CHARS
    }

    def character(match: re.Match[str]) -> str:
        name = match.group(1)
        if name in _XML_ENTITIES:
            return match.group()
        return own.get(name) or html.entities.html5.get(f"{name};", match.group())

    return _ENTITY.sub(character, markup)
