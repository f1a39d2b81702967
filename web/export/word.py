"""A transcript as DOCX."""

from __future__ import annotations

import io
import re
from typing import Any

from web.export.transcript import Reply, Transcript, table_of

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML cannot hold."""


def to_docx(told: Transcript) -> bytes:
    """The file."""
    from docx import Document
    from docx.oxml.ns import qn

    document = Document()
    for name in ("Normal", "Title", "Heading 1", "Heading 2", "Quote"):
        fonts = document.styles[name].element.get_or_add_rPr().get_or_add_rFonts()
        fonts.set(qn("w:eastAsia"), "Noto Sans CJK SC")
    document.core_properties.title = _clean(told.title)[:250]
    document.core_properties.author = "Plumbline"
    document.add_heading(_clean(told.title), 0)
    document.add_paragraph(_clean(told.facts))
    for reply in told.replies:
        _add(document, reply, told.heading)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _add(document: Any, reply: Reply, heading: str) -> None:
    document.add_heading(_clean(reply.question), 1)
    if reply.status:
        document.add_paragraph().add_run(_clean(reply.status)).bold = True
    if reply.said:
        paragraph = document.add_paragraph()
        for sentence in reply.said:
            paragraph.add_run(_clean(sentence.text))
            for number in sentence.numbers:
                paragraph.add_run(f" [{number}]")
            if sentence.standing:
                paragraph.add_run(f" ({_clean(sentence.standing)})").italic = True
    for note in reply.notes:
        if note.strip():
            document.add_paragraph().add_run(_clean(note)).italic = True
    if reply.evidence:
        document.add_heading(_clean(heading), 2)
    for one in reply.evidence:
        document.add_paragraph(f"[{one.number}] {_clean(one.place)}")
        for quote in one.quotes:
            _quote(document, quote)


def _quote(document: Any, quote: str) -> None:
    rows = table_of(quote)
    if not rows:
        document.add_paragraph(_clean(quote), style="Quote")
        return
    table = document.add_table(len(rows), len(rows[0]), style="Table Grid")
    for row, told in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, told, strict=True):
            cell.text = _clean(text)
    document.add_paragraph()


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
