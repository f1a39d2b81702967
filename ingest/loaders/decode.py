"""Bytes -> text: byte order marks, UTF-8, UTF-16, the Chinese and Japanese encodings, the rest.

Pure functions over bytes. UTF-8 is tried strictly and first, as hardly anything else passes for it.
Then the East Asian encodings are tried, then those whose reading spells a language's letters.
Everything else is left to charset-normalizer.
"""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

from ingest.loaders.alphabets import latin_spelling
from ingest.loaders.detect import is_utf16_like, looks_binary
from ingest.loaders.east_asian import SAMPLE, east_asian_encoding
from rag.errors import DocumentError

_BOMS = [
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
]
_FOREIGN = re.compile(r"[^\x00-\x7f]")
_ALIASES = {
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
}
"""Names as pages declare them -> the wider encoding that people mean by them."""


def decode(data: bytes, name: str, declared: str | None = None) -> str:
    """The text of `data`; `declared` is the encoding that the document itself names, if any.

    Raises DocumentError naming the file `name` when the bytes are no text in any known encoding.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data.decode(encoding, errors="replace")
    if looks_binary(data[:SAMPLE]):
        raise DocumentError(f"{name} holds binary data, not text: leave it out, or convert it")
    for encoding in filter(None, ("utf-8", is_utf16_like(data[:SAMPLE]), _known(declared))):
        text = _try(data, encoding)
        if text is not None:
            return text
    return _guess(data, name)


def _known(declared: str | None) -> str | None:
    if declared is None:
        return None
    label = declared.strip().lower()
    try:
        return codecs.lookup(_ALIASES.get(label, label)).name
    except LookupError:
        return None


def _try(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _guess(data: bytes, name: str) -> str:
    damaged_utf8 = data.decode("utf-8", errors="replace")
    if _is_mostly_utf8(damaged_utf8):
        return damaged_utf8
    if (encoding := east_asian_encoding(data)) is not None:
        return data.decode(encoding, errors="replace")
    sample = data[:SAMPLE]
    western = "cp1252" if _looks_western(sample) else None
    if encoding := latin_spelling(sample) or western:
        return data.decode(encoding, errors="replace")
    best = from_bytes(data[: 8 * SAMPLE], cp_isolation=_OTHERS).best()
    best = best or from_bytes(data[: 8 * SAMPLE]).best()
    if best is None:
        raise DocumentError(
            f"{name} is text in no encoding that can be told: save it as UTF-8 and try again"
        )
    if best.encoding in ("latin_1", "iso8859_1", "ascii"):
        return data.decode("cp1252", errors="replace")
    return data.decode(best.encoding, errors="replace")


def _is_mostly_utf8(text: str) -> bool:
    """Whether text read as UTF-8 has but a few bytes that are none: hardly any, or far fewer than
    characters of several bytes, which other encodings do not form by chance."""
    unread = text.count("\ufffd")
    return unread <= 0.001 * len(text) or unread <= 0.2 * len(_FOREIGN.findall(text))


_OTHERS = ["cp1251", "koi8_r", "cp866", "cp1253", "cp1255", "cp1256", "cp874", "cp1250", "cp1252"]
"""The encodings that a text is judged by first which is neither East Asian nor of Latin letters."""
_WESTERN = frozenset(
    "àâäáãåæçèéêëìíîïñòóôöõøœùúûüÿßÀÂÄÁÃÅÆÇÈÉÊËÍÎÑÓÔÖÕØŒÚÛÜ«»“”‘’„–—…•€£§°©®·¿¡ªº\xa0\xad"
)


def _looks_western(sample: bytes) -> bool:
    """Whether the bytes read in Windows-1252 give letters of western Europe among plain ones.

    Detectors that weigh all single-byte encodings alike take short French for Czech.
    """
    text = sample.decode("cp1252", errors="replace")
    foreign = _FOREIGN.findall(text)
    western = sum(char in _WESTERN for char in foreign)
    letters, marked = sum(map(str.isalpha, text)), sum(map(str.isalpha, foreign))
    return western >= 0.95 * len(foreign) and marked <= 0.3 * letters
