"""Characters that are raised, lowered or fractions by themselves (10³, 25¹, 3½) -> text that reads
right: 10^3, 25[note 1], 3 1/2.

Software that folds characters takes ³ for 3, and so 10³ for 103. After a letter a raised figure
stays as it is printed: m² and CO₂ fold into what people type. Pure functions over text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Container
from dataclasses import replace

from ingest.loaders.scripts import fraction, lowered, raised
from rag.types import Heading, Page

_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻"
_LOWERED = "₀₁₂₃₄₅₆₇₈₉"
_FRACTIONS = "¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"
_BAR = "\u2044"
_SPECIAL = re.compile(
    f"([{_RAISED}]+{_BAR}[{_LOWERED}]+|[{_FRACTIONS}])|([{_RAISED}]+)|([{_LOWERED}]+)"
    f"|(\\d*){_BAR}(?=\\d)"
)
_NOTE = re.compile(f"^[ \\t]*([{_RAISED}]{{1,2}})(?=\\s*[^\\W\\d_]{{2}})", re.M)
_BEFORE = 40
"""Characters of the line that tell what a raised figure is."""


def note_marks(text: str) -> frozenset[str]:
    """The marks of the notes whose text stands in lines of `text`."""
    return frozenset() if text.isascii() else frozenset(map(_plain, _NOTE.findall(text)))


def spelled(
    text: str,
    notes: frozenset[str] = frozenset(),
    moved: Callable[[int, int], None] | None = None,
) -> str:
    """`text` with these characters spelled; `notes` are marks of notes that stand elsewhere.

    `moved` is told of each change: the offset in `text` behind which it lies, and by how many
    characters it made the text longer.
    """
    if text.isascii() or not _SPECIAL.search(text):
        return text
    notes = notes | note_marks(text)
    written, position = "", 0
    pieces: list[str] = []
    for match in _SPECIAL.finditer(text):
        pieces.append(text[position : match.start()])
        written = (written + pieces[-1])[-_BEFORE:]
        said = _said(match, written.rpartition("\n")[2], notes)
        following = text[match.end() : match.end() + 1]
        if said[-1:].isdigit() and following.isdigit():
            said += " "
        elif following.isspace():
            said = said.rstrip()
        pieces.append(said)
        written += said
        position = match.end()
        if moved is not None and len(said) != len(match.group()):
            moved(match.end(), len(said) - len(match.group()))
    return "".join([*pieces, text[position:]])


def spelled_page(page: Page) -> Page:
    """The page with its text spelled so; one that knows where its characters stand is left as it
    is, as its loader sees to that."""
    shifts: list[tuple[int, int]] = []
    if page.boxes:
        return page
    text = spelled(page.text, moved=lambda offset, by: shifts.append((offset, by)))
    if text == page.text:
        return page

    notes = note_marks(page.text)

    def heading(old: Heading) -> Heading:
        start = old.start + sum(by for offset, by in shifts if offset <= old.start)
        return replace(old, text=spelled(old.text, notes), start=start)

    return replace(page, text=text, headings=tuple(map(heading, page.headings)))


def _said(match: re.Match[str], before: str, notes: Container[str]) -> str:
    part, up, down, top = match.groups()
    if part:
        above, _, below = unicodedata.normalize("NFKC", part).partition(_BAR)
        return fraction(before, above, below)
    if top is not None:
        return f"{top}/"
    written = raised(before, _plain(up), notes) if up else lowered(before, _plain(down))
    alone = not before or before[-1].isspace() or before[-1].isalpha()
    return match.group() if alone and not written.startswith("[note") else written


def _plain(mark: str) -> str:
    return unicodedata.normalize("NFKC", mark).replace("\u2212", "-")
