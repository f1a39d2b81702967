"""Builds a page's text in reading order and notes where its headings start.

The loaders of marked-up formats (HTML, Markdown through HTML, DOCX) tell it about text and breaks;
it sees to the white space, so offsets are final as soon as text is written.
"""

from __future__ import annotations

import re

from ingest.loaders.normalise import clean_characters
from rag.text.lines import CJK
from rag.types import Heading, Page

_SPACES = re.compile(r"[ \t\n\r\f]+")
_CJK = re.compile(f"[{CJK}]")


class PageWriter:
    """Collects text; breaks and blanks are held back until more text follows.

    While `flat` is above 0 (inside a table cell) every break is a blank.
    """

    def __init__(self) -> None:
        self.flat = 0
        self._pieces: list[str] = []
        self._length = 0
        self._last = "\n"
        self._break = 0
        self._space = ""
        self._bullet = ""
        self._headings: list[Heading] = []
        self._open: tuple[int, int, int] | None = None

    def inline(self, text: str) -> None:
        """Running text: white space collapses, and a line end between Chinese characters goes."""
        text = clean_characters(text)
        if not text:
            return
        words = _SPACES.split(text)
        gaps = _SPACES.findall(text)
        for number, word in enumerate(words):
            if number:
                self._space = max(self._space, "\n" if "\n" in gaps[number - 1] else " ")
            if word:
                self._flush(word)
                self._put(word)

    def verbatim(self, text: str) -> None:
        """Preformatted text: line ends and indents stand as they are."""
        for number, line in enumerate(clean_characters(text).split("\n")):
            if number:
                self._break_by(min(self._break + 1, 2))
            if line.strip():
                self._flush("")
                self._put(line if self._last == "\n" else line.rstrip() or line)

    def mark(self, text: str) -> None:
        """A sign of structure, such as the bullet of a list item, written as it is."""
        self._flush("")
        self._put(text)

    def item(self, bullet: str) -> None:
        """The mark of a list item, written when its text follows; an empty item leaves none."""
        self._bullet = bullet

    def line_break(self) -> None:
        """What follows starts a new line."""
        self._break_by(1)

    def paragraph_break(self) -> None:
        """What follows is set off by a blank line."""
        self._break_by(2)

    def space(self) -> None:
        """What follows is set off by a blank."""
        self._space = self._space or " "

    def open_heading(self, level: int) -> None:
        """What follows, up to `close_heading`, is a heading of `level` (1 is the top)."""
        self.paragraph_break()
        self._flush("")
        self._open = (level, self._length, len(self._pieces))

    def close_heading(self) -> None:
        """End the open heading, if any; an empty one is forgotten."""
        if self._open is None:
            return
        level, start, first = self._open
        text = " ".join("".join(self._pieces[first:]).split())
        if text:
            self._headings.append(Heading(level, text, start))
        self._open = None
        self.paragraph_break()

    def page(self, number: int = 1) -> Page:
        """The page as written so far."""
        return Page(number, "".join(self._pieces), tuple(self._headings))

    def _break_by(self, lines: int) -> None:
        if self._bullet:
            return
        if self.flat or self._open is not None:
            self.space()
        else:
            self._break = max(self._break, lines)

    def _flush(self, following: str) -> None:
        """Write what was held back: breaks, or one blank where no Chinese line went on."""
        if self._break and self._pieces:
            self._put("\n" * self._break)
        if self._bullet:
            self._put(self._bullet)
            self._bullet = ""
        elif self._space and not self._break and self._last not in "\n ":
            goes_on = _CJK.match(self._last) and following and _CJK.match(following)
            if not (self._space == "\n" and goes_on):
                self._put(" ")
        self._break, self._space = 0, ""

    def _put(self, text: str) -> None:
        self._pieces.append(text)
        self._length += len(text)
        self._last = text[-1]
