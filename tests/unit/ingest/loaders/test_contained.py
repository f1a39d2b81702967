"""Mails and archives: every file in them is read, or named; nothing gets out or blows up."""

from __future__ import annotations

import contextlib
import gzip
import io
import random
import zipfile
from email.message import EmailMessage
from pathlib import Path

import openpyxl
import pytest

from ingest.loaders import Losses, is_none_of_ours, load, load_bytes
from rag.config import IngestSettings
from rag.errors import DocumentError
from rag.types import Document
from tests.archives import zipped
from tests.documents import PNG, pdf


def read(data: bytes, name: str, **limits: int) -> tuple[Document, tuple[str, ...]]:
    losses = Losses()
    document = load_bytes(data, Path(name), IngestSettings(**limits), losses)
    return document, losses.sentences()


def mail(subject: str = "Hall", text: str = "Plain words") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "Mia <mia@example.org>", "team@example.org"
    message["Subject"], message["Date"] = subject, "Mon, 02 Feb 2026 10:00:00 +0100"
    message.set_content(text)
    return message


HEAD = "From: Mia <mia@example.org>\nTo: team@example.org\nDate: Mon, 02 Feb 2026 10:00:00 +0100"


def test_a_mail_has_its_head_and_its_marked_text() -> None:
    message = mail("Größe der Halle 大厅")
    message.add_alternative("<p>It has <b>12</b> m<sup>2</sup>.</p>", subtype="html")
    document, losses = read(message.as_bytes(), "a.eml")
    assert [page.text for page in document.pages] == [
        f"Größe der Halle 大厅\n\n{HEAD}\n\nIt has 12 m^2."
    ]
    assert losses == ()


def test_attachments_are_pages_with_their_names() -> None:
    message = mail()
    message.add_attachment(pdf(["One", "Two"]), "application", "pdf", filename="plan ü.pdf")
    message.add_attachment(PNG, "image", "png", filename="photo.gif")
    message.add_attachment(b"\0\1\2" * 9, "application", "octet-stream", filename="x.bin")
    message.add_attachment(mail("Inner", "Deep words"))
    document, losses = read(message.as_bytes(), "a.eml")
    assert [(page.number, page.label) for page in document.pages] == [
        (1, ""),
        (2, "plan ü.pdf, 1/2"),
        (3, "plan ü.pdf, 2/2"),
        (4, "mail 5.eml"),
    ]
    assert document.pages[3].text.endswith("Deep words")
    (said,) = losses
    assert said.startswith("2 attachments not read: photo.gif (")
    assert "x.bin (.bin is not a supported type)" in said


def test_a_text_that_is_no_mail_is_named() -> None:
    with pytest.raises(DocumentError, match=r"a\.eml is no mail"):
        read(b"Just words\n", "a.eml")


def test_an_archive_is_read_file_by_file_and_its_paths_stay_within() -> None:
    document, losses = read(
        zipped(
            {
                "../../etc/b.txt": "outside",
                "a/notes.md": "# Title",
                "a/.hidden.txt": "x",
                "__MACOSX/a.txt": "x",
                "in.zip": zipped({"c.csv": "name,locker\nGus,296\n"}),
                "broken.pdf": b"%PDF-1.4",
            }
        ),
        "a.zip",
    )
    assert [(page.label, page.text) for page in document.pages] == [
        ("a/notes.md", "Title"),
        ("etc/b.txt", "outside"),
        ("in.zip, c.csv", "name: Gus; locker: 296"),
    ]
    (said,) = losses
    assert said.startswith("1 file not read: broken.pdf (is damaged and cannot be read as PDF")


def test_chinese_names_in_the_encoding_of_old_windows() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        member = zipfile.ZipInfo("维护手册说明.txt".encode("gbk").decode("cp437"))
        archive.writestr(member, "内容")
    data = buffer.getvalue()
    # The library notes that its names are UTF-8; old Windows does not, and writes its own.
    raw = "维护手册说明.txt".encode("gbk")
    written = raw.decode("cp437").encode()
    data = data.replace(written, raw + b" " * (len(written) - len(raw)))
    data = data.replace(b"\x00\x08\x00\x00", b"\x00\x00\x00\x00")
    document, _ = read(data, "a.zip")
    assert document.pages[0].label == "维护手册说明.txt"


def test_bombs_are_refused_by_their_declared_and_their_counted_size() -> None:
    zeros = bytes(5 << 20)
    with pytest.raises(DocumentError, match="would unpack to 5 MiB"):
        read(zipped({"a.txt": zeros}), "a.zip", max_file_mb=1)
    nested = zipped({f"{n}.zip": zipped({"a.txt": bytes(900 << 10)}) for n in range(9)})
    with pytest.raises(DocumentError, match="unpack to more than 4 MiB"):
        read(nested, "a.zip", max_file_mb=1)
    deep = b"bottom"
    for level in range(7):
        deep = zipped({f"{level}.zip" if level else "a.txt": deep})
    with pytest.raises(DocumentError, match="one within the other"):
        read(deep, "deep.zip")


def test_an_archive_of_nothing_to_read_says_what_is_in_it() -> None:
    with pytest.raises(DocumentError, match=r"1 file not read: x\.bin"):
        read(zipped({"x.bin": b"\0\1"}), "a.zip")
    with pytest.raises(DocumentError, match="is empty"):
        read(zipped({"folder/": ""}), "a.zip")


def test_whatever_a_library_raises_on_a_damaged_file_is_one_sentence() -> None:
    book = openpyxl.Workbook()
    book.active.append(["name", "locker"])
    book.save(buffer := io.BytesIO())
    rng = random.Random(5)
    for name in ("a.xlsx", "in.zip"):
        whole = buffer.getvalue() if name == "a.xlsx" else zipped({"a.xlsx": buffer.getvalue()})
        for _ in range(60):
            data = bytearray(whole)
            for _ in range(rng.randrange(1, 9)):
                data[rng.randrange(len(data))] = rng.randrange(256)
            with contextlib.suppress(DocumentError):
                read(bytes(data[: rng.randrange(60, len(data) + 1)]), name)


def test_a_file_packed_by_gzip_is_read_as_itself(tmp_path: Path) -> None:
    (path := tmp_path / "list.csv.gz").write_bytes(
        gzip.compress(b"name,locker\nGus,296\n") + gzip.compress(b"Ola,311\n")
    )
    document = load(path)
    assert document.pages[0].text == "name: Gus; locker: 296\nname: Ola; locker: 311"
    assert (document.name, is_none_of_ours(path)) == ("list.csv.gz", None)
    (tar := tmp_path / "all.tar.gz").write_bytes(gzip.compress(bytes(2000)))
    assert ".tar is not a supported type" in str(is_none_of_ours(tar))
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(DocumentError, match="damaged gzip"):
        load(path)
    path.write_bytes(gzip.compress(bytes(3 << 20)))
    with pytest.raises(DocumentError, match="files up to 1 MiB"):
        load(path, IngestSettings(max_file_mb=1))
