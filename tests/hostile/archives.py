"""Hostile archives: ZIP, and the office formats that are ZIP."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Iterator

import openpyxl
from pptx import Presentation

from tests.archives import zipped
from tests.documents import pdf, word
from tests.hostile.kinds import Trap, trap

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_LAUGHS = "<!DOCTYPE x [<!ENTITY a0 'ha'>{}]>".format(
    "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 11))
)
_ELSEWHERE = "<!DOCTYPE x [<!ENTITY a10 SYSTEM 'file:///etc/passwd'>]>"


def _word() -> bytes:
    return word([("Normal", "The kettle is in the cellar.")])


def with_member(data: bytes, name: str, content: str | bytes) -> bytes:
    """The archive with one member put in place of, or beside, the others."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    return zipped({**members, name: content})


def _word_body(body: str, before: str = "") -> bytes:
    text = f"{before}<w:document xmlns:w='{_W}'><w:body>{body}</w:body></w:document>"
    return with_member(_word(), "word/document.xml", text)


def _paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def _nested_tables(depth: int) -> str:
    open_, close = "<w:tbl><w:tr><w:tc>", "<w:p/></w:tc></w:tr></w:tbl>"
    return open_ * depth + _paragraph("deep") + close * depth


def _workbook() -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    book.active.append(["name", "locker"])
    book.active.append(["Gus Hart", 296])
    return book


def _saved(book: openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _far_cell() -> bytes:
    book = _workbook()
    book.active["XFD1048576"] = "far away"
    return _saved(book)


def _merged_all() -> bytes:
    cell = "<row r='1'><c r='A1' t='str'><v>kettle</v></c></row>"
    return _sheet(cell, "<mergeCells><mergeCell ref='A1:XFD1048576'/></mergeCells>")


def _sheet(rows: str, more: str = "") -> bytes:
    sheet = (
        "<worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'>"
        f"<dimension ref='A1:XFD1048576'/><sheetData>{rows}</sheetData>{more}</worksheet>"
    )
    return with_member(_saved(_workbook()), "xl/worksheets/sheet1.xml", sheet)


def _slides() -> bytes:
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "The kettle"
    buffer = io.BytesIO()
    deck.save(buffer)
    return buffer.getvalue()


def _within(levels: int, data: bytes = b"The kettle.") -> bytes:
    """An archive in an archive in an archive ..."""
    name = "kettle.txt"
    for level in range(levels):
        data, name = zipped({name: data}), f"{level}.zip"
    return data


def _wide_and_deep(levels: int, width: int) -> bytes:
    data = zipped({f"{n}.txt": b"0" * 50_000 for n in range(width)})
    for _ in range(levels - 1):
        data = zipped({f"{n}.zip": data for n in range(width)})
    return data


def _with_flag(data: bytes, flag: int) -> bytes:
    """The archive with a flag set on all its members, as encryption does."""
    raw = bytearray(data)
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = raw.find(magic)
        while at >= 0:
            raw[at + offset] |= flag
            at = raw.find(magic, at + 4)
    return bytes(raw)


def _lying_size(data: bytes, size: int) -> bytes:
    """The archive with another size of its first member in the directory."""
    raw = bytearray(data)
    at = raw.find(b"PK\x01\x02")
    raw[at + 24 : at + 28] = struct.pack("<I", size)
    return bytes(raw)


def _linked() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("passwords.txt")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("a.txt", "The kettle.")
    return buffer.getvalue()


def _many(count: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(count):
            archive.writestr(f"{number}.txt", "")
    return buffer.getvalue()


def _book(chapter: str, more: dict[str, str] | None = None) -> bytes:
    package = (
        "<package xmlns='http://www.idpf.org/2007/opf'><manifest>"
        "<item id='a' href='a.xhtml' media-type='application/xhtml+xml'/></manifest><spine>"
        + "<itemref idref='a'/>" * 3
        + "</spine></package>"
    )
    container = (
        "<container xmlns='urn:oasis:names:tc:opendocument:xmlns:container'><rootfiles>"
        "<rootfile full-path='b.opf'/></rootfiles></container>"
    )
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": container,
            "b.opf": package,
            "a.xhtml": chapter,
            **(more or {}),
        }
    )


def _open_document(body: str, before: str = "") -> bytes:
    office = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f"{before}<office:document-content xmlns:office='{office}:office:1.0' "
        f"xmlns:text='{office}:text:1.0'><office:body><office:text>{body}</office:text>"
        "</office:body></office:document-content>"
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


_CHAPTER = "<html xmlns='http://www.w3.org/1999/xhtml'><body><p>{}</p></body></html>"
_LOCK = "<encryption><EncryptedData><CipherData/></EncryptedData></encryption>"

_MAKERS: dict[str, tuple[Callable[[], bytes], str]] = {
    "cut short.docx": (lambda: _word()[:9000], "failed: damaged"),
    "cut short.xlsx": (lambda: _saved(_workbook())[:3000], "failed: damaged"),
    "cut short.zip": (lambda: zipped({"a.txt": "The kettle. " * 99})[:60], "failed: damaged"),
    "locked.zip": (lambda: _with_flag(zipped({"a.txt": "kettle"}), 1), "failed: password"),
    "locked.docx": (
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096),
        "failed: old Office file",
    ),
    "locked.epub": (
        lambda: _book(_CHAPTER.format("x"), {"META-INF/encryption.xml": _LOCK}),
        "added|failed",
    ),
    "no office file.docx": (
        lambda: zipped({"a.txt": "The kettle."}),
        "failed: a ZIP archive, not a DOCX file",
    ),
    "a PDF at heart.docx": (lambda: pdf(["The kettle."]), "added"),
    "a workbook at heart.pdf": (lambda: _saved(_workbook()), "added"),
    "zeros.zip": (lambda: zipped({"a.txt": bytes(13 << 20)}), "failed: not read"),
    "zeros that lie.zip": (
        lambda: _lying_size(zipped({"a.txt": b"0" * (11 << 20)}), 99),
        "failed: damaged",
    ),
    "four gigabytes, it says.zip": (
        lambda: _lying_size(zipped({"a.txt": b"The kettle."}), 0xFFFFFFF0),
        "failed: MiB",
    ),
    "seven archives deep.zip": (lambda: _within(7), "failed: too many archives"),
    "three by three by three.zip": (
        lambda: _wide_and_deep(3, 3),
        "failed: characters without a space",
    ),
    "21,000 members.zip": (lambda: _many(21_000), "failed: 21,000 files"),
    "ways out.zip": (
        lambda: zipped({"../../../etc/cron.d/a.txt": "The kettle.", "/etc/b.txt": "The pot."}),
        "added",
    ),
    "link within.zip": (_linked, "added"),
    "odd names.zip": (
        lambda: zipped({"a\nb\x1b[31m.txt": "The kettle.", "\u202egpj.txt": "The pot."}),
        "added",
    ),
    "ten billion laughs.docx": (
        lambda: _word_body(_paragraph("&a10;"), _LAUGHS),
        "added|failed",
    ),
    "a file from elsewhere.docx": (
        lambda: _word_body(_paragraph("kettle &a10;"), _ELSEWHERE),
        "added|failed",
    ),
    "ten billion laughs.odt": (
        lambda: _open_document("<text:p>&a10;</text:p>", _LAUGHS),
        "added|failed",
    ),
    "ten billion laughs.epub": (
        lambda: _book(_LAUGHS + _CHAPTER.format("kettle &a10;")),
        "added|failed",
    ),
    "tables 3,000 deep.docx": (lambda: _word_body(_nested_tables(3000)), "added|failed"),
    "11 MB of spaces.docx": (
        lambda: _word_body(_paragraph("kettle" + " " * (11 << 20))),
        "added|failed",
    ),
    "macros.docm": (
        lambda: with_member(_word(), "word/vbaProject.bin", b"\xd0\xcf\x11\xe0" + bytes(999)),
        "added",
    ),
    "cell at the far end.xlsx": (_far_cell, "added"),
    "one cell over all.xlsx": (_merged_all, "added|failed"),
    "strings that are not there.xlsx": (
        lambda: _sheet("<row><c t='s'><v>999999999</v></c><c t='s'><v>-5</v></c></row>"),
        "added|failed",
    ),
    "row of no number.xlsx": (
        lambda: _sheet("<row r='99999999999'><c r='ZZZZZ1'><v>1</v></c></row>"),
        "added|failed",
    ),
    "slides that are not there.pptx": (
        lambda: with_member(_slides(), "ppt/slides/slide1.xml", b""),
        "added|failed",
    ),
}


def traps() -> Iterator[Trap]:
    """The archives."""
    for name, (make, outcome) in _MAKERS.items():
        yield trap(name, make, outcome)
