"""Make the binary example documents from the plain sources beside this file.

    python examples/build.py [--fonts FOLDER]

Writes the PDF, DOCX and GB18030 files of `examples/documents/`; the same sources and library
versions give the same bytes. The sources use a small part of Markdown: headings, paragraphs, lists,
tables, and `<!-- page -->` for a page break. Knows nothing of how the program reads documents.

The PDFs embed only the characters used, of Droid Sans Fallback (Apache-2.0, Debian package
fonts-droid-fallback) for Chinese and of Liberation Sans (SIL OFL, fonts-liberation) for the rest,
because the first has no Latin.
"""

from __future__ import annotations

import argparse
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

import docx
from docx.enum.text import WD_BREAK
from markdown_it import MarkdownIt
from markdown_it.token import Token
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    Flowable,
    PageBreak,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

HERE = Path(__file__).resolve().parent
FONTS = Path("/usr/share/fonts/truetype")
FONT_FILES = {
    "Chinese": "droid/DroidSansFallbackFull.ttf",
    "Latin": "liberation/LiberationSans-Regular.ttf",
    "Latin-Bold": "liberation/LiberationSans-Bold.ttf",
}
MADE_AT = datetime(2026, 4, 20, 9, 0, 0)
INK = colors.HexColor("#0b4f6c")

BlockKind = Literal["heading", "paragraph", "bullet", "number", "table", "page"]


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a source. `level` is a heading's level or a list item's 1-based number;
    `rows` are a table's cells, the header first."""

    kind: BlockKind
    text: str = ""
    level: int = 0
    rows: tuple[tuple[str, ...], ...] = ()


def parse(source: str) -> Iterator[Block]:
    """The blocks of a source in order."""
    tokens = MarkdownIt("commonmark").enable("table").parse(source)
    inside: list[str] = []
    item = 0
    rows: list[list[str]] = []
    for position, token in enumerate(tokens):
        if token.type == "html_block":
            yield Block("page")
        elif token.type == "table_close":
            yield Block("table", rows=tuple(tuple(row) for row in rows))
            rows = []
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            inside.append("bullet" if token.type.startswith("bullet") else "number")
            item = 0
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            inside.pop()
        elif token.type == "list_item_open":
            item += 1
        elif token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            yield from _inline(token, tokens[position - 1], inside, item, rows)


def _inline(
    token: Token, opener: Token, inside: list[str], item: int, rows: list[list[str]]
) -> Iterator[Block]:
    text = token.content.replace("\n", " ")
    if opener.type in ("th_open", "td_open"):
        rows[-1].append(text)
    elif opener.type == "heading_open":
        yield Block("heading", text, level=int(opener.tag[1]))
    elif inside:
        yield Block("bullet" if inside[-1] == "bullet" else "number", text, level=item)
    else:
        yield Block("paragraph", text)


def write_docx(blocks: list[Block], path: Path, author: str) -> None:
    """Write the blocks as a Word document with built-in heading, list and table styles."""
    document = docx.Document()
    properties = document.core_properties
    properties.author, properties.title = author, blocks[0].text
    properties.created = properties.modified = MADE_AT
    for block in blocks:
        if block.kind == "heading":
            document.add_heading(block.text, level=block.level)
        elif block.kind == "paragraph":
            document.add_paragraph(block.text)
        elif block.kind in ("bullet", "number"):
            document.add_paragraph(block.text, style=f"List {block.kind.capitalize()}")
        elif block.kind == "table":
            table = document.add_table(0, len(block.rows[0]), style="Light Grid Accent 1")
            for row in block.rows:
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    cell.text = text
            document.add_paragraph()
        else:
            document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
    buffer = io.BytesIO()
    document.save(buffer)
    path.write_bytes(_without_clock(buffer.getvalue()))


def _without_clock(archive: bytes) -> bytes:
    """The same zip archive with every member dated `MADE_AT`."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(archive)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            member = zipfile.ZipInfo(name, MADE_AT.timetuple()[:6])
            member.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(member, old.read(name))
    return out.getvalue()


@dataclass(frozen=True, slots=True)
class PdfLook:
    """How a PDF is set: `cjk` switches to the embedded Chinese font and its line breaking."""

    footer: str
    author: str
    cjk: bool

    def markup(self, text: str) -> str:
        """`text` as reportlab markup, with Latin runs of Chinese text set in the Latin font."""
        escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        if not self.cjk:
            return escaped
        return re.sub(r"[\x21-\xff]+", r'<font name="Latin">\g<0></font>', escaped)

    def style(self, size: float, *, heading: bool = False) -> ParagraphStyle:
        """A paragraph style of `size` points."""
        latin = "Latin-Bold" if heading else "Latin"
        return ParagraphStyle(
            "text",
            fontName="Chinese" if self.cjk else latin,
            fontSize=size,
            leading=size * 1.45,
            spaceBefore=size * 0.9 if heading else 0,
            spaceAfter=size * 0.5,
            textColor=INK if heading else colors.black,
            wordWrap="CJK" if self.cjk else None,
            keepWithNext=heading,
        )


def write_pdf(blocks: list[Block], path: Path, look: PdfLook) -> None:
    """Write the blocks as an A4 PDF with a numbered footer."""
    flow: list[Flowable] = []
    for block in blocks:
        flow.extend(_flowables(block, look))

    def footer(canvas: Canvas, _document: object) -> None:
        paragraph = Paragraph(
            look.markup(f"{look.footer}   {canvas.getPageNumber()}"), look.style(8)
        )
        paragraph.wrapOn(canvas, 160 * mm, 10 * mm)
        paragraph.drawOn(canvas, 25 * mm, 10 * mm)

    SimpleDocTemplate(
        str(path),
        pagesize=A4,
        leftMargin=25 * mm,
        rightMargin=25 * mm,
        topMargin=22 * mm,
        bottomMargin=22 * mm,
        title=blocks[0].text,
        author=look.author,
        invariant=1,
    ).build(flow, onFirstPage=footer, onLaterPages=footer)


def _flowables(block: Block, look: PdfLook) -> list[Flowable]:
    if block.kind == "page":
        return [PageBreak()]
    if block.kind == "heading":
        style = look.style({1: 20, 2: 14}.get(block.level, 12), heading=True)
        return [Paragraph(look.markup(block.text), style)]
    if block.kind == "table":
        return [_table(block, look), Spacer(1, 4 * mm)]
    mark = {"bullet": "- ", "number": f"{block.level}. "}.get(block.kind, "")
    return [Paragraph(look.markup(mark + block.text), look.style(10.5))]


def _table(block: Block, look: PdfLook) -> Table:
    width = 160 * mm
    columns = len(block.rows[0])
    longest = [max(len(row[i]) for row in block.rows) for i in range(columns)]
    weights = [max(8, min(40, length)) for length in longest]
    cells: list[list[str | Paragraph]] = [list(row) for row in block.rows]
    if look.cjk:
        cells = [[Paragraph(look.markup(str(c)), look.style(9.5)) for c in row] for row in cells]
    return Table(
        cells,
        colWidths=[width * weight / sum(weights) for weight in weights],
        repeatRows=1,
        style=TableStyle(
            [
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, colors.lightgrey),
                ("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#eaf2f5")),
                ("FONT", (0, 0), (-1, -1), "Latin", 9.5),
                ("FONT", (0, 0), (-1, 0), "Latin-Bold", 9.5),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("TOPPADDING", (0, 0), (-1, -1), 2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 0 if look.cjk else 3),
            ]
        ),
    )


def build(sources: Path, documents: Path, fonts: Path) -> None:
    """Write every generated document of `sources` into `documents`."""

    def blocks(name: str) -> list[Block]:
        return list(parse((sources / name).read_text(encoding="utf-8")))

    for font, file in FONT_FILES.items():
        pdfmetrics.registerFont(TTFont(font, str(fonts / file)))
    write_pdf(
        blocks("annual-report-2025.md"),
        documents / "annual-report-2025.pdf",
        PdfLook("Kelvara Cold Chain Group, Annual Report 2025", "Kelvara Cold Chain", cjk=False),
    )
    write_pdf(
        blocks("MT系列维护手册.md"),
        documents / "MT系列维护手册.pdf",
        PdfLook("凯澜冷链 SM-MT-CN 第 6 版", "凯澜冷链", cjk=True),
    )
    for name in ("datasheet-mt260", "datasheet-mt260s", "保修条款2026"):
        write_docx(blocks(f"{name}.md"), documents / f"{name}.docx", "Kelvara Cold Chain")
    warranty = (sources / "保修条款2024.txt").read_text(encoding="utf-8")
    (documents / "保修条款2024.txt").write_bytes(warranty.encode("gb18030"))


def main() -> None:
    """Build into the folder beside this file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--fonts", type=Path, default=FONTS, help="folder of TrueType fonts")
    fonts: Path = parser.parse_args().fonts
    missing = [file for file in FONT_FILES.values() if not (fonts / file).is_file()]
    if missing:
        parser.error(
            f"{fonts} lacks {', '.join(missing)}: "
            "install fonts-droid-fallback and fonts-liberation, or give --fonts"
        )
    build(HERE / "sources", HERE / "documents", fonts)


if __name__ == "__main__":
    main()
