"""A picture (PNG, JPEG, TIFF) -> the text on it by OCR; a page for each picture of a TIFF."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from dataclasses import replace

from PIL import Image, ImageOps, ImageSequence

from ingest.loaders.losses import Losses
from ingest.loaders.pdf.headings import heading_entries, with_headings
from ingest.loaders.pdf.running import Body
from ingest.loaders.pdf.scans import MOST_SCANS, Scans
from ingest.loaders.pdf.text import texts_of
from rag.config import IngestSettings
from rag.errors import DocumentError, NothingToRead
from rag.types import Page

_MOST_PIXELS = 120_000_000
_WIDTH = 595.0
"""Points that the width of a picture stands for: sizes of print are told by it."""


def load_picture(
    data: bytes, name: str, limits: IngestSettings, losses: Losses | None = None
) -> tuple[Page, ...]:
    """The text on the pictures in a file.

    Raises NothingToRead if there is none or OCR is switched off, DocumentError if the file is
    damaged or too large.
    """
    losses = losses if losses is not None else Losses()
    if not limits.ocr:
        raise NothingToRead(f"{name} is a picture, and OCR is switched off (setting ingest.ocr)")
    scans = Scans(losses)
    bodies: list[Body] = []
    for number, image in enumerate(pictures(data, name), start=1):
        if number > MOST_SCANS:
            losses.add(f"pictures after the {MOST_SCANS:,}th not read")
            break
        points = (_WIDTH, _WIDTH * image.height / image.width)
        bodies.append(Body(scans.lines(number, image, points), 0.0, points[1]))
    if not any(body.lines for body in bodies):
        said = "; ".join(losses.sentences())
        if said:
            raise DocumentError(f"{name} cannot be read: {said}")
        raise NothingToRead(f"{name} is a picture without text: nothing to index")
    scans.tell()
    texts = texts_of(bodies)
    pages = with_headings(texts, heading_entries([body.lines for body in bodies]))
    return tuple(replace(page, boxes=scans.boxes(page.number, page.text)) for page in pages)


def text_on(data: bytes, name: str) -> tuple[str, float]:
    """The text on the picture in `data` (the first one, if it holds several), and the confidence
    in it; "" and 0 if there is none.

    Raises DocumentError if the file is damaged or too large, or OCR fails.
    """
    losses = Losses()
    scans = Scans(losses)
    image = next(pictures(data, name))
    points = (_WIDTH, _WIDTH * image.height / image.width)
    body = Body(scans.lines(1, image, points), 0.0, points[1])
    if said := losses.sentences():
        raise DocumentError(f"{name} cannot be read: {said[0]}")
    return texts_of([body])[0], scans.confidence(1)


def pictures(data: bytes, name: str) -> Iterator[Image.Image]:
    """The pictures in a file as they are shown: upright, on white.

    Raises DocumentError if the file is damaged, or a picture is too large.
    """
    try:
        with _opened(data) as file:
            for frame in ImageSequence.Iterator(file):
                if frame.width * frame.height > _MOST_PIXELS:
                    raise DocumentError(
                        f"{name} has {frame.width:,} by {frame.height:,} pixels: make it smaller"
                    )
                yield _on_white(ImageOps.exif_transpose(frame))
    except DocumentError:
        raise
    except Image.DecompressionBombError:
        raise DocumentError(f"{name} has too many pixels to be read: make it smaller") from None
    except Exception as err:  # Pillow raises what its many decoders do
        raise DocumentError(
            f"{name} is damaged and cannot be shown ({type(err).__name__}): get a whole copy of it"
        ) from None


def _opened(data: bytes) -> Image.Image:
    """The file's head read; Pillow warns of large pictures, whose size is looked at here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        return Image.open(io.BytesIO(data))


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layer = image.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(white, layer).convert("RGB")
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        return image.point(lambda value: value / 256).convert("L").convert("RGB")
    return image.convert("RGB")
