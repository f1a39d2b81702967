"""Bytes -> text: byte order marks, UTF-8, UTF-16, the Chinese and Japanese encodings, the rest.

Pure functions over bytes. UTF-8 is tried strictly and first, as hardly anything else passes for it.
Then the East Asian encodings are judged by how common the characters are that they yield: bytes
read in the wrong one give rare characters. Everything else is left to charset-normalizer.
"""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

from ingest.loaders.detect import is_utf16_like, looks_binary
from rag.errors import DocumentError

_BOMS = [
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
]
_SAMPLE = 1 << 16
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
    if looks_binary(data[:_SAMPLE]):
        raise DocumentError(f"{name} holds binary data, not text: leave it out, or convert it")
    for encoding in filter(None, ("utf-8", is_utf16_like(data[:_SAMPLE]), _known(declared))):
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
    if damaged_utf8.count("\ufffd") <= 0.001 * len(damaged_utf8):
        return damaged_utf8
    if (encoding := east_asian_encoding(data)) is not None:
        return data.decode(encoding, errors="replace")
    if _looks_western(data[:_SAMPLE]):
        return data.decode("cp1252", errors="replace")
    best = from_bytes(data[: 8 * _SAMPLE]).best()
    if best is None:
        raise DocumentError(
            f"{name} is text in no encoding that can be told: save it as UTF-8 and try again"
        )
    if best.encoding in ("latin_1", "iso8859_1", "ascii"):
        return data.decode("cp1252", errors="replace")
    return data.decode(best.encoding, errors="replace")


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
    letters = sum(map(str.isalpha, text))
    return western >= 0.95 * len(foreign) and len(foreign) <= 0.3 * max(letters, 1)


_MOSTLY_COMMON = 0.75


def east_asian_encoding(data: bytes) -> str | None:
    """The East Asian encoding whose reading of `data` has the most common characters.

    None if no reading has at least three quarters of common ones. On a tie GB18030 comes first,
    then Big5: Chinese is what most of our documents are written in.
    """
    sample = data[:_SAMPLE]
    scores = {
        encoding: _commonness(sample, encoding)
        for encoding in ("gb18030", "big5hkscs", "cp932", "euc_jp", "cp949")
    }
    best = max(scores, key=lambda encoding: scores[encoding])
    return best if scores[best] >= _MOSTLY_COMMON else None


_FOREIGN = re.compile(r"[^\x00-\x7f]")
_KANA = re.compile("[\u3041-\u30ff]")
_PUNCTUATION = re.compile("[\u2010-\u2026\u3000-\u301f\uff01-\uff5e\u00b7]")


def _commonness(sample: bytes, encoding: str) -> float:
    """The share in [0, 1] of the non-ASCII characters that are common in the encoding's language.

    0 where the bytes are not valid in it (a character cut at the sample's end aside).
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        text = decoder.decode(sample, final=len(sample) < _SAMPLE)
    except UnicodeDecodeError:
        return 0.0
    foreign = _FOREIGN.findall(text)
    if not foreign:
        return 0.0
    if encoding == "gb18030" and len(foreign) >= _ENOUGH and _is_first_half(foreign):
        return 0.0  # Korean: its syllables fill just that half of the Chinese characters
    common = sum(1 for char in foreign if _is_common(char, encoding))
    if encoding in ("cp932", "euc_jp") and len(_KANA.findall(text)) < 0.1 * len(foreign):
        return 0.0
    return common / len(foreign)


_ENOUGH = 12


def _is_first_half(chars: list[str]) -> bool:
    """Whether no character lies in the second half of GB 2312's common ones, from n to z."""
    return max(_lead_byte(char, "gb2312") for char in chars) <= 0xC8


def _is_common(char: str, encoding: str) -> bool:
    if _PUNCTUATION.match(char):
        return True
    if encoding in ("cp932", "euc_jp"):
        lead = _lead_byte(char, "cp932")
        return _KANA.match(char) is not None or 0x88 <= lead <= 0x97
    if encoding == "cp949":
        return "\uac00" <= char <= "\ud7a3" and 0xB0 <= _lead_byte(char, "euc_kr") <= 0xC8
    if encoding == "gb18030":
        return 0xB0 <= _lead_byte(char, "gb2312") <= 0xD7
    return 0xA4 <= _lead_byte(char, "big5") <= 0xC6


def _lead_byte(char: str, charset: str) -> int:
    """The first byte of `char` in `charset`, whose rows are ordered by how common they are
    (level 1 first); 0 if it is not in it."""
    try:
        return char.encode(charset)[0]
    except UnicodeEncodeError:
        return 0
