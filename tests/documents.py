"""Small documents of every kind, made on the spot for the tests."""

from __future__ import annotations

import io
from collections.abc import Sequence

import docx
from pypdf import PdfReader, PdfWriter
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


def pdf(pages: Sequence[str], *, outline: Sequence[tuple[str, int]] = ()) -> bytes:
    """A PDF with the lines of each text drawn one below the other; Chinese by a built-in font.

    `outline` are (title, 0-based page).
    """
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    for text in pages:
        canvas.setFont("Helvetica" if text.isascii() else "STSong-Light", 11)
        for number, line in enumerate(text.split("\n")):
            canvas.drawString(70, 780 - 14 * number, line)
        canvas.showPage()
    canvas.save()
    writer = PdfWriter(clone_from=PdfReader(buffer))
    for title, page in outline:
        writer.add_outline_item(title=title, page_number=page)
    return _written(writer)


def pdf_with_table(rows: Sequence[Sequence[str]], heading: str, body: str) -> bytes:
    """A PDF of a large heading, a table and a paragraph, laid out by reportlab."""
    buffer = io.BytesIO()
    styles = getSampleStyleSheet()
    story = [
        Paragraph(heading, styles["Heading1"]),
        Table([list(row) for row in rows], colWidths=120),
        Paragraph(body, styles["BodyText"]),
    ]
    SimpleDocTemplate(buffer, pagesize=A4).build(story)
    return buffer.getvalue()


def image_only_pdf(pages: int) -> bytes:
    """A PDF with a filled box on each page and no text, as a scanner makes them."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    for _ in range(pages):
        canvas.rect(100, 100, 300, 500, fill=1)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def encrypted_pdf(text: str, password: str, algorithm: str = "AES-256") -> bytes:
    """A PDF that opens with `password` (or at once, if that is empty)."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf([text]))))
    writer.encrypt(password, owner_password="owner", algorithm=algorithm)
    return _written(writer)


def _written(writer: PdfWriter) -> bytes:
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def word(build: Sequence[tuple[str, object]]) -> bytes:
    """A DOCX of (style, text) paragraphs; the style "table" takes rows of cells instead."""
    document = docx.Document()
    for style, content in build:
        if style == "table":
            assert isinstance(content, list)
            table = document.add_table(0, len(content[0]))
            for row in content:
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    cell.text = text
        else:
            document.add_paragraph(str(content), style=style)
    return saved(document)


def saved(document: object) -> bytes:
    """The bytes of a python-docx document."""
    buffer = io.BytesIO()
    document.save(buffer)  # type: ignore[attr-defined]
    return buffer.getvalue()
