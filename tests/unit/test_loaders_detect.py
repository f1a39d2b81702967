"""What a file is: content first, name second."""

from __future__ import annotations

import io
import re
import zipfile

import pytest

from ingest.loaders import Unsupported, file_kind
from rag.errors import DocumentError
from tests.documents import PNG, pdf, word


def kind(data: bytes, name: str) -> str:
    found = file_kind(io.BytesIO(data), name)
    return str(found) if isinstance(found, Unsupported) else found


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.txt", b"hello", "text"),
        ("a.TEXT", b"hello", "text"),
        ("a.log", b"hello", "text"),
        ("a.csv", b"a,b\n", "text"),
        ("a.md", b"# Hi", "markdown"),
        ("a.markdown", b"# Hi", "markdown"),
        ("a.htm", b"<p>Hi", "html"),
        ("README", b"hello", "text"),
        ("README.Debian", b"hello", "text"),
        ("ChangeLog.1", b"hello", "text"),
        ("page", b"<!DOCTYPE html><p>Hi", "html"),
        ("page.txt", b"\xef\xbb\xbf <!-- x --><html lang=en><p>Hi", "html"),
        ("a.txt", "中文".encode("utf-16"), "text"),
    ],
)
def test_text_kinds(name: str, data: bytes, expected: str) -> None:
    assert kind(data, name) == expected


def test_pdf_and_docx_are_known_by_content_under_any_name() -> None:
    assert kind(pdf(["x"]), "paper.bin") == "pdf"
    assert kind(b"junk before\n" + pdf(["x"]), "paper.pdf") == "pdf"
    assert kind(word([("Normal", "x")]), "letter.txt") == "docx"


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("photo.gif", b"GIF89a", "a GIF image is not a supported type"),
        ("code.py", b"print()", ".py is not a supported type"),
        ("empty.pdf", b"", "empty (0 bytes)"),
        ("blob", bytes(range(256)), "a file of this kind"),
        ("film.mp4", b"\0\0\0\x20ftypisom", "a video"),
    ],
)
def test_unsupported_types_are_named(name: str, data: bytes, words: str) -> None:
    assert words in kind(data, name)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("report.pdf", PNG, "report.pdf is a PNG image, not a PDF file: convert it"),
        ("report.pdf", b"hello", "report.pdf is not a PDF file (damaged, or something else)"),
        (
            "old.docx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99,
            "save it as DOCX, XLSX, PPTX or PDF",
        ),
        ("letter.docx", b"PK\x03\x04 broken", "letter.docx is damaged, or was copied in part"),
        ("notes.txt", b"\x7fELF" + b"\0" * 99, "notes.txt is a program, not a text file"),
    ],
)
def test_a_name_that_promises_something_else_is_an_error(
    name: str, data: bytes, words: str
) -> None:
    with pytest.raises(DocumentError, match=re.escape(words)):
        kind(data, name)


@pytest.mark.parametrize(
    ("name", "members", "expected"),
    [
        ("sums.xlsx", {"xl/workbook.xml": ""}, "xlsx"),
        ("talk.bin", {"ppt/presentation.xml": ""}, "pptx"),
        ("book.epub", {"META-INF/container.xml": ""}, "epub"),
        ("text.odt", {"mimetype": "application/vnd.oasis.opendocument.text"}, "odt"),
        ("files.zip", {"a.txt": ""}, "zip"),
        ("files.bak", {"a.txt": ""}, "a ZIP archive is not a supported type"),
        (
            "sums",
            {"mimetype": "application/vnd.oasis.opendocument.spreadsheet"},
            "an OpenDocument spreadsheet is not a supported type: save it as XLSX",
        ),
        ("tool.bin", {"META-INF/MANIFEST.MF": ""}, "a Java archive is not a supported type"),
    ],
)
def test_archives_are_known_by_what_they_hold(
    name: str, members: dict[str, str], expected: str
) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    assert kind(buffer.getvalue(), name) == expected
