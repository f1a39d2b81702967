"""EPUB -> a page for each section, in the order in which it is read.

The sections are web pages and are read as such; the book's title stands above the first.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import unquote
from zipfile import ZipFile

from lxml import etree

from ingest.loaders.archive import open_archive, read_member
from ingest.loaders.html import load_html
from ingest.loaders.inner_pictures import InnerPictures
from ingest.loaders.losses import Losses
from ingest.loaders.normalise import clean_characters
from rag.config import IngestSettings
from rag.errors import DocumentError
from rag.types import Page

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_PAGES = frozenset(["application/xhtml+xml", "text/html", "text/x-oeb1-document"])
_PICTURES = "image/"
_LINK = re.compile(rb"<link\b[^>]*>", re.I)
_SHEET = re.compile(rb"""href\s*=\s*["']([^"'>]+\.css)["']""", re.I)
_LONGEST_SHEET = 200_000
_FONTS = (".ttf", ".otf", ".woff", ".woff2")


def load_epub(
    data: bytes, name: str, limits: IngestSettings, losses: Losses | None = None
) -> tuple[Page, ...]:
    """A page for each section of the book; sections without text are pages without text.

    Raises DocumentError when the file is broken, locked, or unpacks to more than the limits allow.
    """
    losses = losses if losses is not None else Losses()
    losses.unit = "section"
    with open_archive(data, name, "EPUB", limits) as archive:
        if _is_locked(archive):
            raise DocumentError(
                f"{name} is locked by its seller (DRM): get a copy that may be read elsewhere"
            )
        package = _package(archive, name)
        root = _parsed(read_member(archive, package))
        sheets = _Sheets(archive)
        pictures = InnerPictures(losses, ocr=limits.ocr)
        pages: list[Page] = []
        for kind, path in _spine(root, posixpath.dirname(package)):
            page = Page(len(pages) + 1, "")
            content = read_member(archive, path)
            if content is None:
                losses.page(len(pages) + 1, "cannot be read")
            elif kind.startswith(_PICTURES):
                page = replace(page, text=pictures.shown(content, "", len(pages) + 1))
            elif kind in _PAGES:
                styled = sheets.written_into(content, posixpath.dirname(path))
                found = InnerPictures(losses, ocr=limits.ocr, find=partial(_member, archive, path))
                (page,) = load_html(styled, posixpath.basename(path), losses, found)
            pages.append(replace(page, number=len(pages) + 1))
    if not pages:
        raise DocumentError(f"{name} names no sections to read: get a whole copy of it")
    return (_titled(pages[0], root), *pages[1:])


def _member(archive: ZipFile, path: str, source: str) -> bytes | None:
    """What a section at `path` names as `source`; None if it is not in the book."""
    folder = posixpath.dirname(path)
    return read_member(archive, posixpath.normpath(posixpath.join(folder, unquote(source))))


class _Sheets:
    """The style sheets of a book, which say what is raised or struck out."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self._read: dict[str, bytes] = {}

    def written_into(self, content: bytes, folder: str) -> bytes:
        """A section with the sheets that it links to written into its head."""
        head, mark, rest = content.partition(b"</head>")
        if not mark:
            return content
        styles = b""
        for link in _LINK.findall(head):
            if target := _SHEET.search(link):
                path = unquote(target.group(1).decode("utf-8", "replace"))
                styles += self._sheet(posixpath.normpath(posixpath.join(folder, path)))
        return head + b"<style>" + styles + b"</style>" + mark + rest if styles else content

    def _sheet(self, path: str) -> bytes:
        if path not in self._read:
            sheet = read_member(self._archive, path) or b""
            plain = sheet.decode("utf-8", "replace").encode("ascii", "ignore")
            self._read[path] = plain.translate(None, b"<&>")[:_LONGEST_SHEET]
        return self._read[path]


def _parsed(content: bytes | None) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    return etree.fromstring(content, parser) if content else None


def _package(archive: ZipFile, name: str) -> str:
    """The path of the file that lists the book's parts."""
    root = _parsed(read_member(archive, _CONTAINER))
    for file in root.iter("{*}rootfile") if root is not None else ():
        path = unquote(file.get("full-path", ""))
        if path in archive.namelist():
            return path
    named = next((m for m in archive.namelist() if m.endswith(".opf")), None)
    if named is None:
        raise DocumentError(f"{name} is a damaged EPUB file: get a whole copy of it")
    return named


def _spine(root: Any, folder: str) -> list[tuple[str, str]]:
    """The media type and the path of each section in reading order."""
    if root is None:
        return []
    items = {item.get("id"): item for item in root.iter("{*}item")}
    found: list[tuple[str, str]] = []
    for reference in root.iter("{*}itemref"):
        item = items.get(reference.get("idref"))
        if item is not None:
            path = unquote(item.get("href", "")).partition("#")[0]
            joined = posixpath.normpath(posixpath.join(folder, path))
            found.append((item.get("media-type", ""), joined))
    return found


def _is_locked(archive: ZipFile) -> bool:
    """Whether parts are encrypted that are no fonts."""
    root = _parsed(read_member(archive, _ENCRYPTION))
    if root is None:
        return False
    parts = (e.get("URI", "") for e in root.iter("{*}CipherReference"))
    return any(not part.lower().endswith(_FONTS) for part in parts)


def _titled(first: Page, root: Any) -> Page:
    """The first section, below the book's title and its author if it does not name them."""
    words: list[str] = []
    for tag in ("title", "creator"):
        element = next(root.iter(f"{{http://purl.org/dc/elements/1.1/}}{tag}"), None)
        text = " ".join(clean_characters(element.text or "").split()) if element is not None else ""
        if text and text not in first.text:
            words.append(text)
    if not words:
        return first
    top = "\n".join(words)
    if not first.text.strip():
        return replace(first, text=top)
    moved = tuple(replace(h, start=h.start + len(top) + 2) for h in first.headings)
    return replace(first, text=f"{top}\n\n{first.text}", headings=moved)
