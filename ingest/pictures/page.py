"""A file or a stored document, a page and spans of its text -> the page's picture as PNG.

The picture is drawn from the file itself, which has to be where it was read, and unchanged: a
collection keeps no pictures. Boxes of a PDF's characters are found anew on the page; those of text
that was read by OCR are kept in the collection, as reading takes seconds.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageDraw

from ingest.apart import apart
from ingest.loaders import PICTURES, Unsupported, file_kind, load_bytes
from ingest.loaders.limits import check_file_size
from ingest.loaders.packed import unpacked
from ingest.loaders.picture import pictures
from ingest.pictures.pdf import DrawnPage, draw_pdf_page
from ingest.places.align import align
from ingest.places.boxes import UNIT, Box, rectangles, unpack
from rag.config import IngestSettings
from rag.errors import DocumentError
from rag.types import Page, Span

if TYPE_CHECKING:  # drawing a file needs no index
    from rag.store import Collection

DOTS_PER_INCH = 144
_MOST_PIXELS = 12_000_000
_LONGEST_SIDE = 2400
_MARKER = (255, 232, 92)
_EDGE = (214, 148, 0)
_PADDING = 0.12
"""Of a rectangle's shorter side, by which a mark is larger than the characters."""


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A page drawn: `png` is the picture, `marks` the rectangles marked on it in 1/32,000 of its
    width and height; none where a span cannot be found on the picture."""

    png: bytes
    marks: tuple[Box, ...]


def page_picture(
    path: Path,
    page: int,
    spans: Sequence[Span] = (),
    limits: IngestSettings | None = None,
    *,
    text: Page | None = None,
) -> PagePicture:
    """The picture of the 0-based `page` of the PDF or picture at `path`.

    Marked are the `spans`, 0-based offsets in the page's extracted text; `text` is the page as it
    was extracted, and read from the file if None. Raises DocumentError if the file cannot be read,
    is of a kind without pictures of its pages, or has no such page.
    """
    limits = limits or IngestSettings()
    try:
        check_file_size(path.name, path.stat().st_size, limits)
        data = path.read_bytes()
    except OSError as err:
        raise DocumentError(f"{path} cannot be read: {err.strerror or err}") from None
    return apart(_picture, (data, path, page, spans, limits, text), path.name, limits)


def stored_page_picture(
    collection: Collection,
    document_id: str,
    page: int,
    spans: Sequence[Span] = (),
    limits: IngestSettings | None = None,
) -> PagePicture:
    """The picture of the 0-based `page` of a document of the collection, drawn from its file.

    Raises DocumentError as `page_picture` does, and if the file is gone or has changed since it
    was read; CollectionError if the collection has no such page.
    """
    limits = limits or IngestSettings()
    stored = collection.page(document_id, page + 1)
    file = collection.file(document_id)
    if file is not None:
        with file:
            data = file.read()
        path = Path(collection.names([document_id]).get(document_id, document_id))
        return apart(_picture, (data, path, page, spans, limits, stored), path.name, limits)
    raise DocumentError(
        "the page cannot be shown: its file was moved, removed or changed since it was read; "
        "read it again with plumb ingest"
    )


def _picture(
    data: bytes,
    path: Path,
    page: int,
    spans: Sequence[Span],
    limits: IngestSettings,
    text: Page | None,
) -> PagePicture:
    if spans and text is None:
        text = load_bytes(data, path, limits).pages[page]
    aligned = text is not None and bool(spans) and not text.boxes
    data, name = unpacked(data, path.name, limits)
    drawn = _drawn(data, name, page, signs=aligned)
    if text is None or not spans:
        return PagePicture(_png(drawn.image), ())
    marks = rectangles(_boxes(drawn, text), spans)
    return PagePicture(_png(_marked(drawn.image, marks)), tuple(marks))


def _drawn(data: bytes, name: str, page: int, *, signs: bool) -> DrawnPage:
    """The page, drawn by the kind of its file."""
    kind = file_kind(io.BytesIO(data), name)
    if kind == "pdf":
        return draw_pdf_page(data, name, page, DOTS_PER_INCH, _MOST_PIXELS, signs=signs)
    if isinstance(kind, Unsupported) or kind not in PICTURES:
        raise DocumentError(f"{name} has no pages to show as pictures: only PDFs and pictures have")
    image = next(islice(pictures(data, name), page, None), None)
    if image is None:
        raise DocumentError(f"{name} has no page {page + 1}")
    image.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    return DrawnPage(image, ())


def _boxes(drawn: DrawnPage, page: Page) -> list[Box | None]:
    """The box of each character of the page's text."""
    if page.boxes:
        return unpack(page.boxes, len(page.text))
    signs = align(page.text, [sign.text for sign in drawn.signs])
    return [None if index is None else drawn.signs[index].box for index in signs]


def _marked(image: Image.Image, marks: Sequence[Box]) -> Image.Image:
    """The picture with the marks laid over it as by a felt pen: what is dark stays dark."""
    layer = Image.new("RGB", image.size, "white")
    pen = ImageDraw.Draw(layer)
    for mark in marks:
        left, top, right, bottom = _pixels(mark, image.size)
        pad = max(2.0, _PADDING * min(bottom - top, right - left))
        shape = (left - pad, top - pad / 2, right + pad, bottom + pad / 2)
        pen.rounded_rectangle(shape, radius=pad, fill=_MARKER, outline=_EDGE, width=2)
    return ImageChops.multiply(image, layer)


def _pixels(box: Box, size: tuple[int, int]) -> tuple[float, float, float, float]:
    across, down = size[0] / UNIT, size[1] / UNIT
    return box[0] * across, box[1] * down, box[2] * across, box[3] * down


def _png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()
