"""What a file is, by its first bytes and its name. Reads nothing itself.

The content decides; the name is asked only where content cannot tell (Markdown, CSV and prose are
all text). A name that promises what the content is not is an error, not a guess.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

from ingest.loaders.east_asian import utf16_without_zeros
from rag.errors import DocumentError

Kind = Literal[
    "pdf", "docx", "pptx", "xlsx", "odt", "epub", "mail", "zip", "html", "markdown", "rst", "json",
    "text", "png", "jpeg", "tiff",
]  # fmt: skip

HEAD_BYTES = 4096
"""How much of a file's beginning `recognise` wants to see."""

MEDIA_TYPES: dict[Kind, str] = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "epub": "application/epub+zip",
    "mail": "message/rfc822",
    "zip": "application/zip",
    "html": "text/html",
    "markdown": "text/markdown",
    "rst": "text/x-rst",
    "json": "application/json",
    "png": "image/png",
    "jpeg": "image/jpeg",
    "tiff": "image/tiff",
    "text": "text/plain",
}
_BY_SUFFIX: dict[str, Kind] = {
    ".pdf": "pdf",
    ".docx": "docx",
    ".docm": "docx",
    ".dotx": "docx",
    ".dotm": "docx",
    ".pptx": "pptx",
    ".pptm": "pptx",
    ".ppsx": "pptx",
    ".potx": "pptx",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".xltx": "xlsx",
    ".odt": "odt",
    ".ott": "odt",
    ".epub": "epub",
    ".eml": "mail",
    ".zip": "zip",
    ".png": "png",
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
    ".tif": "tiff",
    ".tiff": "tiff",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "text",
    ".text": "text",
    ".log": "text",
    ".csv": "text",
    ".ics": "text",
    ".vcf": "text",
    ".srt": "text",
    ".vtt": "text",
    ".org": "text",
    ".adoc": "text",
    ".asciidoc": "text",
    ".ini": "text",
    ".cfg": "text",
    ".conf": "text",
    ".yaml": "text",
    ".yml": "text",
    ".tsv": "text",
    ".rst": "rst",
    ".rest": "rst",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
}
KIND_NAMES: dict[Kind, str] = {
    "pdf": "PDF",
    "docx": "DOCX",
    "pptx": "PPTX",
    "xlsx": "XLSX",
    "odt": "ODT",
    "epub": "EPUB",
    "mail": "mail",
    "zip": "ZIP",
    "html": "HTML",
    "markdown": "Markdown",
    "rst": "reStructuredText",
    "json": "JSON",
    "png": "PNG",
    "jpeg": "JPEG",
    "tiff": "TIFF",
    "text": "text",
}
_PACKED: frozenset[Kind] = frozenset(
    ["pdf", "docx", "pptx", "xlsx", "odt", "epub", "zip", "png", "jpeg", "tiff"]
)
"""Kinds that a file is known by from its bytes alone; the others are text."""
_SIGNATURES: list[tuple[bytes, str]] = [
    (b"GIF8", "a GIF image"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file (.doc, .xls or .ppt)"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"{\\rtf", "an RTF file"),
    (b"%!PS", "a PostScript file"),
    (b"ID3", "an MP3 recording"),
    (b"OggS", "an Ogg recording"),
]
_PICTURES: list[tuple[bytes, Kind]] = [
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
]
_PICTURE_KINDS = frozenset(kind for _, kind in _PICTURES)
_MENDS = {
    "an old Office file (.doc, .xls or .ppt)": "save it as DOCX, XLSX, PPTX or PDF",
    "an RTF file": "save it as DOCX or PDF",
    "a PostScript file": "convert it to PDF",
    "an OpenDocument spreadsheet": "save it as XLSX",
    "an OpenDocument presentation": "save it as PPTX or PDF",
    "a binary Excel workbook (.xlsb)": "save it as XLSX",
    "an empty ZIP archive": "get a whole copy of it",
}
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*\?>\s*|<!--.*?-->\s*)*<(?:!doctype\s+html|html[\s>])", re.I | re.S
)
_PARTS: list[tuple[re.Pattern[str], Kind]] = [
    (re.compile(r"/?word[/\\]document\d*\.xml$", re.I), "docx"),
    (re.compile(r"/?ppt[/\\]presentation\d*\.xml$", re.I), "pptx"),
    (re.compile(r"/?xl[/\\]workbook\d*\.xml$", re.I), "xlsx"),
    (re.compile(r"META-INF/container\.xml$", re.I), "epub"),
]
"""Members by which an archive is known."""
_OPEN_DOCUMENT = re.compile(rb"mimetypeapplication/vnd\.oasis\.opendocument\.([a-z]+)")
_OTHER_ARCHIVES = [
    (re.compile(r"xl[/\\]workbook\.bin$", re.I), "a binary Excel workbook (.xlsb)"),
    (re.compile(r"META-INF/MANIFEST\.MF$"), "a Java archive"),
    (re.compile(r"AndroidManifest\.xml$"), "an Android app"),
    (re.compile(r"Index/Document\.iwa$"), "an Apple iWork file"),
]
_ENDING = re.compile(r"\.(?![A-Z][A-Za-z]|\d+$)\w+$")
"""What tells of a type; "README.Debian" and "ChangeLog.1" have no such ending."""
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A file that is none of ours, and does not claim to be: `reason` says what it is, `hint` what
    is read."""

    reason: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.reason} {self.hint}".rstrip()


def recognise(name: str, head: bytes, members: frozenset[str] = frozenset()) -> Kind | Unsupported:
    """The kind of the file `name` that begins with `head` (at least HEAD_BYTES, if it has them).

    `members` are the member names where the file is a ZIP archive. Raises DocumentError when the
    name claims a kind that the content is not.
    """
    claimed = _BY_SUFFIX.get(PurePath(name).suffix.lower())
    if not head:
        return Unsupported("empty (0 bytes), so there is nothing to index")
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if (picture := _picture(head)) is not None:
        if claimed is not None and claimed not in _PICTURE_KINDS:
            raise DocumentError(_wrong_kind(name, claimed, f"a {KIND_NAMES[picture]} image"))
        return picture
    if (packed := _packed(head, members)) is not None:
        return packed
    if claimed == "zip" and members:
        return "zip"
    found = _other_archive(head, members) or _signature(head)
    if found is None and claimed in _PACKED:
        found = "damaged, or something else"
    if found is not None:
        if claimed is None:
            mend = f": {_MENDS[found]}" if found in _MENDS else ""
            return Unsupported(f"{found} is not a supported type{mend}")
        raise DocumentError(_wrong_kind(name, claimed, found))
    if claimed is not None:
        return "html" if claimed == "text" and _is_html(head) else claimed
    if _is_html(head):
        return "html"
    if not _ENDING.match(PurePath(name).suffix) and not looks_binary(head):
        return "text"
    return Unsupported(
        f"{PurePath(name).suffix or 'a file of this kind'} is not a supported type",
        "(PDF, DOCX, PPTX, XLSX, ODT, EPUB, EML, ZIP, HTML, Markdown, reStructuredText, JSON, CSV, "
        "text, PNG, JPEG, TIFF)",
    )


def _picture(head: bytes) -> Kind | None:
    return next((kind for magic, kind in _PICTURES if head.startswith(magic)), None)


def _packed(head: bytes, members: frozenset[str]) -> Kind | None:
    """The kind of document that a ZIP archive is, None if it is none."""
    for part, kind in _PARTS:
        if any(map(part.match, members)):
            return kind
    office = _OPEN_DOCUMENT.search(head[:200])
    return "odt" if office and office.group(1) == b"text" else None


def _other_archive(head: bytes, members: frozenset[str]) -> str | None:
    """What a ZIP archive is that holds one document we do not read."""
    if office := _OPEN_DOCUMENT.search(head[:200]):
        return f"an OpenDocument {office.group(1).decode()}"
    return next((what for part, what in _OTHER_ARCHIVES if any(map(part.match, members))), None)


def looks_binary(head: bytes) -> bool:
    """Whether bytes hold control characters that no text encoding of ours puts there.

    UTF-16 and UTF-32 hold many zero bytes and are told apart by their byte order mark or by zeros
    standing in one column only.
    """
    if head.startswith(_BOMS) or is_utf16_like(head):
        return False
    control = sum(head.count(bytes([code])) for code in [*range(7), *range(14, 27), *range(28, 32)])
    return b"\x00" in head or control > 0.02 * len(head)


def is_utf16_like(head: bytes) -> str | None:
    """ "utf-16-le" or "utf-16-be" where zero bytes stand in one column only, or the text would be
    East Asian, else None."""
    if (east_asian := utf16_without_zeros(head)) is not None:
        return east_asian
    even, odd = head[0::2], head[1::2]
    zeros_even, zeros_odd = even.count(0), odd.count(0)
    if len(odd) > 1 and zeros_even == 0 and zeros_odd >= max(1, 0.02 * len(odd)):
        return "utf-16-le"
    if len(odd) > 1 and zeros_odd == 0 and zeros_even >= max(1, 0.02 * len(even)):
        return "utf-16-be"
    return None


def _is_html(head: bytes) -> bool:
    return _HTML.match(head.removeprefix(_BOMS[0])) is not None


def _signature(head: bytes) -> str | None:
    for magic, what in _SIGNATURES:
        if head.startswith(magic):
            return what
    if head[:4] == b"RIFF" and head[8:12] in (b"WEBP", b"WAVE", b"AVI "):
        return {b"WEBP": "a WebP image", b"WAVE": "a WAV recording"}.get(head[8:12], "a video")
    return "a video or sound recording" if head[4:8] == b"ftyp" else None


def _wrong_kind(name: str, claimed: Kind, found: str) -> str:
    mend = _MENDS.get(found, "convert it, or give it its right name")
    if found.startswith("damaged"):
        return f"{name} is not {_article(claimed)} file ({found}): get a whole copy of it"
    return f"{name} is {found}, not {_article(claimed)} file: {mend}"


def _article(kind: Kind) -> str:
    """The kind's name after "a" or "an", as it is said aloud."""
    return f"{'an' if kind in ('xlsx', 'odt', 'epub', 'html') else 'a'} {KIND_NAMES[kind]}"
