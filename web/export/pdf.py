"""A transcript as PDF.

Chinese is set in STSong, a font of the PDF standard's Asian set that every reader supplies: so no
font has to be on this machine, and the file stays small. Everything else is set in Helvetica, which
readers have likewise.
"""

from __future__ import annotations

import io
from html import escape
from itertools import groupby
from typing import Any

from web.export.transcript import Reply, Transcript, table_of

_ASIAN = "STSong-Light"
_INK, _SOFT, _RULE = "#172033", "#55627a", "#d5dae3"
_MARGIN = 56


def to_pdf(told: Transcript) -> bytes:
    """The file. What neither font can show stands as "?"."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import SimpleDocTemplate

    if _ASIAN not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(_ASIAN))
    buffer = io.BytesIO()
    margins = {f"{side}Margin": _MARGIN for side in ("left", "right", "top", "bottom")}
    document = SimpleDocTemplate(
        buffer, title=told.title[:250], author="Plumbline", invariant=True, **margins
    )
    flow = [_line(told.title, 17), _line(told.facts, 9, _SOFT)]
    for reply in told.replies:
        flow += _reply(reply, told.heading)
    document.build([paragraph for paragraph in flow if paragraph is not None])
    return buffer.getvalue()


def _reply(reply: Reply, heading: str) -> list[Any]:
    flow = [_line(reply.question, 13, before=14), _line(reply.status, 9, _SOFT)]
    flow.append(_line("".join(_sentence(s.text, s.numbers, s.standing) for s in reply.said), 11))
    flow += [_line(note, 9, _SOFT) for note in reply.notes]
    if reply.evidence:
        flow.append(_line(heading, 10, _SOFT, before=6))
    for one in reply.evidence:
        flow.append(_line(f"[{one.number}] {one.place}", 10))
        flow += [_quote(quote) for quote in one.quotes]
    return flow


def _quote(quote: str) -> Any:
    """The words in quotation marks, or the rows of a table."""
    from reportlab.platypus import Table

    rows = [[_line(cell, 9, _SOFT) or "" for cell in row] for row in table_of(quote)]
    if not rows:
        return _line(f"“{quote}”", 10, _SOFT, indent=20)
    lines = [("GRID", (0, 0), (-1, -1), 0.5, _RULE), ("VALIGN", (0, 0), (-1, -1), "TOP")]
    return Table(rows, style=lines, spaceBefore=3, spaceAfter=6, splitInRow=1)


def _line(text: str, size: int, colour: str = _INK, *, before: int = 0, indent: int = 0) -> Any:
    """A paragraph, None for an empty text."""
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph

    text = text.strip()
    if not text:
        return None
    style = ParagraphStyle(
        "line",
        fontName="Helvetica",
        fontSize=size,
        leading=size * 1.5,
        textColor=colour,
        spaceBefore=before,
        spaceAfter=3,
        leftIndent=indent,
        wordWrap="CJK" if _is_wide(text) else "LTR",
        splitLongWords=1,
    )
    return Paragraph(_set(text), style)


def _set(text: str) -> str:
    """The text as reportlab's markup, escaped, each stretch in the font that has it."""
    out = []
    for plain, group in groupby(text, key=_in_helvetica):
        words = "".join(group)
        shown = escape(words).replace("\n", "<br/>")
        if not plain:
            shown = f'<font name="{_ASIAN}">{escape(_plane_0(words))}</font>'
        out.append(shown)
    return "".join(out)


def _in_helvetica(character: str) -> bool:
    try:
        character.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _plane_0(text: str) -> str:
    return "".join(character if ord(character) < 0x10000 else "?" for character in text)


def _sentence(text: str, numbers: tuple[int, ...], standing: str) -> str:
    marks = "".join(f" [{number}]" for number in numbers)
    return f"{text}{marks}" + (f" ({standing})" if standing else "")


def _is_wide(text: str) -> bool:
    """Whether the text is mostly Chinese, which has no blanks to break at."""
    return sum("\u2e80" <= character <= "\uffef" for character in text) * 4 > len(text)
