"""What the page reads of collections beside answering: places in documents, pictures, files.

Opens a collection for each request and needs no model. Knows nothing of HTML or HTTP.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from rag.config import Settings
from rag.errors import CollectionError
from rag.store import Collection
from rag.types import DocumentInfo, Page, Span

PICTURED = frozenset({"application/pdf", "image/png", "image/jpeg", "image/tiff"})
"""Media types whose pages can be drawn."""
FIRST_PAGES = 16
"""Documents whose first pages are read for suggestions."""


@dataclass(frozen=True, slots=True)
class Quoted:
    """Words said to stand at `span` of a page."""

    span: Span
    quote: str


@dataclass(frozen=True, slots=True)
class Source:
    """A page of a document with the words quoted from it. `marks` are where they surely stand;
    `surely` is False where one of them was not found, or in several places."""

    info: DocumentInfo
    page: Page
    marks: tuple[Span, ...]
    surely: bool
    heading: str

    @property
    def pictured(self) -> bool:
        """Whether the page can be drawn."""
        return self.info.media_type in PICTURED


class Library:
    """The collections of one home."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def source(
        self, collection: str, document_id: str, number: int, quoted: Sequence[Quoted] = ()
    ) -> Source:
        """A page (1-based) and the marks on it. Raises CollectionError where the document is not
        there any more."""
        with Collection.open(self._settings, collection) as opened:
            info = _info(opened, document_id)
            page = opened.page(document_id, number)
        found = [place_of(one, page.text) for one in quoted]
        marks = tuple(sorted({span for span in found if span is not None}))
        heading = _heading(page, marks[0][0] if marks else 0)
        return Source(info, page, marks, None not in found, heading)

    def first_pages(
        self, collection: str, documents: Sequence[DocumentInfo]
    ) -> list[tuple[str, Page]]:
        """Name and first page of some of the documents, evenly chosen among them."""
        step = max(1, len(documents) // FIRST_PAGES)
        chosen = [info for info in documents[::step] if info.pages][:FIRST_PAGES]
        if not chosen:
            return []
        try:
            with Collection.open(self._settings, collection) as opened:
                return [(info.name, opened.page(info.document_id, 1)) for info in chosen]
        except CollectionError:
            return []  # one of them went meanwhile

    def picture(
        self, collection: str, document_id: str, number: int, spans: Sequence[Span] = ()
    ) -> tuple[bytes, tuple[float, float] | None]:
        """A page (1-based) as PNG, and where on it the first mark begins, as shares of width and
        height in [0, 1]; None where the spans of its text are not found on it. Raises
        DocumentError where it cannot be drawn, CollectionError where there is none."""
        from ingest.pictures import stored_page_picture
        from ingest.places.boxes import UNIT

        limits = self._settings.ingest
        with Collection.open(self._settings, collection) as opened:
            _info(opened, document_id)
            drawn = stored_page_picture(opened, document_id, number - 1, spans, limits)
        first = min(drawn.marks, key=lambda box: (box[1], box[0]), default=None)
        return drawn.png, None if first is None else (first[0] / UNIT, first[1] / UNIT)

    def file(self, collection: str, document_id: str) -> tuple[DocumentInfo, BinaryIO]:
        """The document and its file, to be closed by who reads it. Raises CollectionError where the
        file is gone or is another one by now."""
        with Collection.open(self._settings, collection) as opened:
            info = _info(opened, document_id)
            file = opened.file(document_id)
        if file is None:
            raise CollectionError(
                f"the file of {info.name!r} was moved, removed or changed since it was read"
            )
        return info, file

    def prove_absent(self, collection: str, document_id: str) -> None:
        """Raises CollectionError naming what of the collection still holds the document."""
        with Collection.open(self._settings, collection) as opened:
            opened.prove_absent(document_id)


def place_of(quoted: Quoted, text: str) -> Span | None:
    """Where the quote surely stands in the page's text: at its span, else where it stands once."""
    start, end = quoted.span
    if text[start:end] == quoted.quote and quoted.quote:
        return start, end
    at = text.find(quoted.quote) if quoted.quote else -1
    if at < 0 or text.find(quoted.quote, at + 1) >= 0:
        return None
    return at, at + len(quoted.quote)


def _info(opened: Collection, document_id: str) -> DocumentInfo:
    info = opened.by_id(document_id)
    if info is None:
        raise CollectionError("the document was removed from the collection, or replaced")
    return info


def _heading(page: Page, offset: int) -> str:
    """The path of headings above an offset."""
    path: list[tuple[int, str]] = []
    for heading in page.headings:
        if heading.start > offset:
            break
        path = [(level, text) for level, text in path if level < heading.level]
        path.append((heading.level, heading.text))
    return " › ".join(text for _, text in path)
