"""Raised and lowered stretches within the text of a PDF's lines, until note marks are known.

They stand between control characters, which `write_scripts` replaces by text that reads right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ingest.loaders.scripts import fraction, is_mark, lowered, note, raised
from ingest.loaders.spelled import note_marks, spelled

RAISED, LOWERED, SMALL, END = "\x0e", "\x10", "\x11", "\x0f"
"""Before a raised, a lowered, a small upright stretch of text, and after any of them."""
_SCRIPT = re.compile(f"([{RAISED}{LOWERED}{SMALL}])([^{END}]*){END}")
_FRACTION = re.compile(f"{RAISED}(\\d+){END}[/\u2044][{LOWERED}{SMALL}](\\d+){END}")


def write_scripts(text: str, notes: Iterable[str]) -> str:
    """`text` with what stands between the control characters written so that it reads right."""
    notes = frozenset(notes)
    if END not in text:
        return spelled(text, notes)
    text = _FRACTION.sub(lambda m: fraction(text[: m.start()], m.group(1), m.group(2)), text)
    written, position = "", 0
    for match in _SCRIPT.finditer(text):
        written += text[position : match.start()]
        kind, mark = match.groups()
        if kind == RAISED and not written.strip() and is_mark(mark):
            written += f"{note(mark)} "
        elif kind == RAISED:
            written += raised(written, mark, notes)
        else:
            written += lowered(written, mark) if kind == LOWERED else mark
        position = match.end()
        if written[-1:].isdigit() and text[position : position + 1].isdigit():
            written += " "
    return spelled(written + text[position:], notes)


def starting_mark(text: str) -> str:
    """The raised mark that a line begins with, as a note below the text does; "" without one."""
    match = _SCRIPT.match(text)
    if match and match.group(1) == RAISED and is_mark(match.group(2)):
        return match.group(2).strip(" []()")
    return next(iter(note_marks(text)), "")
