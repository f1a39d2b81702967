"""Hostile texts, marked-up files, mails and pictures."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterator

from PIL import Image

from tests.hostile.kinds import Trap, trap


def _png(width: int, height: int) -> bytes:
    """A PNG that says it is so large, and holds nothing."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        crc = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", crc)

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + body + chunk(b"IEND", b"")


def _tiff_ring() -> bytes:
    """A TIFF whose second picture is its first."""
    buffer = io.BytesIO()
    Image.new("L", (40, 40), 255).save(buffer, "TIFF")
    raw = bytearray(buffer.getvalue())
    first = struct.unpack_from("<I", raw, 4)[0]
    count = struct.unpack_from("<H", raw, first)[0]
    struct.pack_into("<I", raw, first + 2 + 12 * count, first)
    return bytes(raw)


def _mail(body: str, head: str = "Content-Type: text/plain") -> bytes:
    return f"From: a@example.org\nSubject: Kettle\n{head}\n\n{body}".encode()


def _mail_of_mails(depth: int) -> bytes:
    mail = _mail("The kettle.")
    for number in range(depth):
        head = f"Content-Type: multipart/mixed; boundary=b{number}"
        part = mail.decode()
        body = f"--b{number}\nContent-Type: message/rfc822\n\n{part}\n--b{number}--\n"
        mail = _mail(body, head)
    return mail


def _parts(depth: int) -> bytes:
    head = "".join(
        f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(depth)
    )
    return f"From: a@example.org\n{head}Content-Type: text/plain\n\nThe kettle.".encode()


_YAML = "a0: &a0 [ha]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
)
_KETTLE = "The kettle is in the cellar."

_MAKERS: dict[str, tuple[Callable[[], bytes] | bytes, str]] = {
    "empty.txt": (b"", "skipped: empty"),
    "10 MB without a space.txt": (
        lambda: b"a" * (10 << 20),
        "failed: 10,485,760 characters without a space",
    ),
    "10,000 signs without a space.txt": (lambda: "水".encode() * 10_000, "added"),
    "a picture in letters.txt": (
        lambda: f"{_KETTLE} {'QUJD' * 5000} The pot.".encode(),
        "added: 20,000 characters without a space left out",
    ),
    "only line ends.txt": (lambda: b"\n" * (1 << 20), "failed: no text"),
    "stops.txt": (lambda: b". " * 500, "added"),
    "form feeds.txt": (lambda: b"a\f" * 200, "added"),
    "control characters.txt": (lambda: bytes(range(1, 32)) * 999, "failed: binary"),
    "a few control characters.txt": (f"{_KETTLE}\x1b[2J\x07\x08".encode() * 20, "added"),
    "zero bytes.txt": (_KETTLE.encode() + bytes(999), "failed: binary"),
    "right to left.txt": (f"\u202e{_KETTLE}\u202c \u2066x\u2069".encode(), "added"),
    "heaped accents.txt": (("e" + "\u0301" * 5000).encode() * 20, "added"),
    "nothing to see.txt": ("\u200b\u200d\ufeff\u2060".encode() * 999, "failed: no text"),
    "half characters.txt": (
        b"\xff\xfe" + b"\x00\xd8" * 500 + "kettle".encode("utf-16-le"),
        "added",
    ),
    "broken UTF-8.txt": (_KETTLE.encode() * 99 + b"\xc3\x28\xa0\xa1" * 9, "added"),
    "program.pdf": (b"\x7fELF" + bytes(999), "failed: a program"),
    "program.txt": (b"\x7fELF" + bytes(999), "failed: a program"),
    "page.pdf": (f"<html><body>{_KETTLE}</body></html>".encode(), "failed: not a PDF"),
    "text.xlsx": (_KETTLE.encode(), "failed: not an XLSX"),
    "archive.tar.gz": (b"\x1f\x8b" + bytes(99), "skipped: gzip"),
    "divs 200,000 deep.html": (
        lambda: b"<div>" * 200_000 + _KETTLE.encode() + b"</div>" * 200_000,
        "added|failed",
    ),
    "tables 2,000 deep.html": (
        lambda: b"<table><tr><td>a" * 2000 + _KETTLE.encode(),
        "added|failed",
    ),
    "wide cells.html": (
        b"<table>" + b"<tr><td colspan=999999999 rowspan=999999999>kettle" * 50 + b"</table>",
        "added|failed",
    ),
    "attribute of 5 MB.html": (lambda: b"<p title='" + b"a " * (5 << 19) + b"'>kettle", "added"),
    "tag without end.html": (lambda: b"<p>kettle" + b"<a href=" * 100_000, "added"),
    "only a script.html": (b"<html><script>alert('kettle')</script>", "failed: no text"),
    "entities.html": (lambda: b"<p>" + b"&amp;&#x41;&bogus; " * 5000, "added"),
    "quotes 20,000 deep.md": (
        lambda: b"> " * 20_000 + _KETTLE.encode(),
        "failed: more than 100 levels deep",
    ),
    "lists 300 deep.md": (
        lambda: b"\n".join(b"  " * n + b"- kettle" for n in range(300)),
        "added|failed",
    ),
    "brackets.md": (lambda: b"[" * 1500 + _KETTLE.encode(), "added"),
    "stars.md": (lambda: b"*a **a " * 800, "added"),
    "a billion laughs.md": (f"---\n{_YAML}---\n{_KETTLE}".encode(), "added: front matter"),
    "includes.rst": (
        f"{_KETTLE}\n\n.. include:: /etc/passwd\n\n.. raw:: html\n   :file: /etc/passwd\n".encode(),
        "added: text of another file",
    ),
    "deep.rst": (
        lambda: b"\n".join(b" " * n + b"* kettle\n" for n in range(100)),
        "added|failed",
    ),
    "arrays 100,000 deep.json": (lambda: b"[" * 100_000 + b"]" * 100_000, "failed: thousands deep"),
    "number of a million digits.json": (
        lambda: b'{"n": ' + b"9" * 1_000_000 + b"}",
        "added: characters without a space",
    ),
    "cut short.json": (b'{"kettle": ["cellar", "atti', "added"),
    "not a number.jsonl": (b'{"a": NaN, "b": 1e999}\n{"a"\n', "added"),
    "quote without end.csv": (lambda: b'a,b\n1,"' + b"kettle,\n" * 3000, "added|failed"),
    "3,000 columns.csv": (lambda: b",".join([b"a"] * 3000) + b"\n1,2\n", "added|failed"),
    "mails in mails.eml": (lambda: _mail_of_mails(60), "added: not read"),
    "parts 1,500 deep.eml": (lambda: _parts(1500), "failed: nested too deeply"),
    "cut short.eml": (
        _mail(
            "JVBERi0xLjcK",
            "Content-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64",
        ),
        "added|failed",
    ),
    "head without end.eml": (lambda: _mail("x", "To: " + "a@b.org, " * 5000), "added|failed"),
    "cut short.png": (lambda: _png(800, 800), "skipped|failed"),
    "as large as a town.png": (lambda: _png(60_000, 60_000), "failed: pixels"),
    "ring.tiff": (_tiff_ring, "skipped|failed"),
    "photo.txt": (lambda: _png(9, 9), "failed: PNG image"),
}


def traps() -> Iterator[Trap]:
    """The files."""
    for name, (make, outcome) in _MAKERS.items():
        yield trap(name, make, outcome)
