"""A picture within a file (on a slide, in a text, in a mail) -> what is written in its place: its
description, and the text on it by OCR.

Knows nothing of the formats that pictures lie in; they give their bytes.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from ingest.loaders.limits import DOUBTFUL
from ingest.loaders.losses import Losses
from rag.errors import DocumentError

MOST_READ = 200
"""Pictures within one file that are read by OCR at most."""
_SMALLEST = 400
"""Bytes below which a picture is a dot or a line."""
_FEWEST_SIGNS = 3
_NO_TEXT_BELOW = 0.6
"""Confidence below which what is read on a picture is no text, but leaves and bricks."""
_DATA = re.compile(r"data:image/[\w.+-]+((?:;[\w=-]+)*),", re.I)


class InnerPictures:
    """The pictures of one file; what is read of them, and what is not, is told to `losses`.

    `find` gives the bytes of the picture that a source names, None if it is not in the file.
    """

    def __init__(
        self, losses: Losses, *, ocr: bool, find: Callable[[str], bytes | None] | None = None
    ) -> None:
        self._losses, self._ocr = losses, ocr
        self._find = find or (lambda _: None)
        self._known: dict[bytes, tuple[str, float]] = {}

    def named(self, source: str, words: str = "", *, decorative: bool = False) -> str:
        """What `shown` gives for the picture at `source`, a name within the file or its own bytes
        written as an address ("data:image/png;base64,...")."""
        data = data_of(source)
        return self.shown(self._find(source) if data is None else data, words, None, decorative)

    def shown(
        self, data: bytes | None, words: str, page: int | None, decorative: bool = False
    ) -> str:
        """What is written in the place of a picture: "[picture: The hall]" for its description
        `words`, "[text on the picture: Exit]" for what stands on it; "" if neither is there.

        `page` is where it is, in files that have pages. A `decorative` one is not missed.
        """
        said = [f"[picture: {' '.join(words.split())}]"] if words.strip() else []
        text = self._read(data, page)
        if text:
            said.append(f"[text on the picture: {text}]")
        elif not said and not decorative:
            self._tell(page, "picture without text", "pictures without text")
        return " ".join(said)

    def _read(self, data: bytes | None, page: int | None) -> str:
        if data is None or len(data) < _SMALLEST or not self._ocr:
            return ""
        key = hashlib.sha256(data).digest()
        if key not in self._known:
            if len(self._known) >= MOST_READ:
                self._tell(page, "picture not read by OCR", "pictures not read by OCR")
                return ""
            self._known[key] = self._recognised(data, page)
        text, confidence = self._known[key]
        if text:
            how = " (doubtful)" if confidence < DOUBTFUL else ""
            self._tell(page, f"picture read by OCR{how}", f"pictures read by OCR{how}")
        return text

    def _recognised(self, data: bytes, page: int | None) -> tuple[str, float]:
        """The text on a picture, on one line, and the confidence in it."""
        from ingest.loaders.picture import text_on  # pictures are rare, and what reads them large

        try:
            text, confidence = text_on(data, "picture")
        except DocumentError as err:
            what = str(err).partition(":")[0].removeprefix("picture ")
            self._tell(page, f"picture not read ({what})", f"pictures not read ({what})")
            return "", 0.0
        lines = (line.strip() for line in text.replace("]", ")").split("\n"))
        joined = " / ".join(filter(None, lines))
        enough = sum(map(str.isalnum, joined)) >= _FEWEST_SIGNS and confidence >= _NO_TEXT_BELOW
        return (joined, confidence) if enough else ("", 0.0)

    def _tell(self, page: int | None, one: str, many: str) -> None:
        if page is None:
            self._losses.count(one, many)
        else:
            self._losses.page(page, one)


def data_of(source: str) -> bytes | None:
    """The bytes of a picture that are written in its address; None for any other address."""
    match = _DATA.match(source.strip())
    if match is None:
        return None
    content = source.strip()[match.end() :]
    if "base64" not in match.group(1).lower():
        return unquote_to_bytes(content)
    try:
        return base64.b64decode("".join(content.split()), validate=False)
    except ValueError:
        return b""
