"""The pages of one document that are read by OCR: their lines, their confidence, what failed."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PIL import Image

from ingest.loaders.limits import DOUBTFUL
from ingest.loaders.losses import Losses
from ingest.loaders.pdf.lines import Line
from ingest.loaders.pdf.pieces import Piece, pieces_of
from ingest.loaders.pdf.recognised import Recognised, recognised_page
from ingest.loaders.pdf.text import lines_on
from ingest.places import align, pack

MOST_SCANS = 2000
"""Pages of one file that are read by OCR at most."""


class Scans:
    """Reads pictures of pages, and tells the receipt of them."""

    def __init__(self, losses: Losses) -> None:
        self._losses = losses
        self._read: dict[int, Recognised] = {}
        self._tried = 0

    def read(
        self, number: int, image: Image.Image, points: tuple[float, float]
    ) -> tuple[Recognised, list[Piece]] | None:
        """What stands on the picture of page `number` (1-based), and its pieces; None if that is
        nothing, or cannot be read, which is said."""
        from ingest.loaders.ocr import recognise

        self._tried += 1
        if self._tried > MOST_SCANS:
            self._losses.page(number, f"not read by OCR: {MOST_SCANS:,} pages of the file were")
            return None
        try:
            recognition = recognise(image)
        except Exception as err:  # whatever the models, or a broken installation, raise
            self._losses.page(number, f"OCR failed ({type(err).__name__}: {err})")
            return None
        if not recognition.lines:
            return None
        found = self._read[number] = recognised_page(recognition, image.size, points)
        return found, pieces_of(found.sheet.glyphs)

    def lines(self, number: int, image: Image.Image, points: tuple[float, float]) -> list[Line]:
        """The lines on the picture of page `number`; none as above."""
        found = self.read(number, image, points)
        return lines_on(found[1]) if found is not None else []

    def boxes(self, number: int, text: str) -> bytes:
        """Where the characters of the page's final `text` stand on it, packed."""
        found = self._read.get(number)
        if found is None:
            return b""
        at = align(text, [sign for sign, _ in found.signs])
        return pack(
            ((offset, offset + 1), found.signs[index][1])
            for offset, index in enumerate(at)
            if index is not None
        )

    def confidence(self, number: int) -> float:
        """How surely page `number` was read; 0 if nothing was."""
        return self._read[number].confidence if number in self._read else 0.0

    def tell(self) -> None:
        """Say which pages were read so, and how surely."""
        sure = {n: r.confidence for n, r in self._read.items() if r.confidence >= DOUBTFUL}
        for number in sure:
            self._losses.page(number, f"read by OCR (confidence {_range(list(sure.values()))})")
        for number, page in self._read.items():
            if number not in sure:
                confidence = f"{page.confidence:.2f}"
                self._losses.page(number, f"read by OCR, doubtful (confidence {confidence})")


def _range(values: Sequence[float]) -> str:
    low, high = (f"{math.floor(100 * value) / 100:.2f}" for value in (min(values), max(values)))
    return low if low == high else f"{low} to {high}"
