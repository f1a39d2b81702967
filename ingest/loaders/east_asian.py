"""Which East Asian encoding bytes are in, judged by how common the characters are that it yields:
bytes read in the wrong one give rare characters. Pure functions over bytes.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter

SAMPLE = 1 << 16
"""Bytes that are looked at."""
_MOSTLY_COMMON = 0.75
_HIGH = re.compile(rb"[\x80-\xff]")
_PAIRED = re.compile(rb"[\x80-\xff]{2,}")
_MOSTLY_PAIRED = 0.4


def east_asian_encoding(data: bytes) -> str | None:
    """The East Asian encoding whose reading of `data` has the most common characters.

    None if no reading has at least three quarters of common ones. On a tie GB18030 comes first,
    then Big5: Chinese is what most of our documents are written in.
    """
    sample = data[:SAMPLE]
    high, paired = _HIGH.findall(sample), _PAIRED.findall(sample)
    if sum(map(len, paired)) < _MOSTLY_PAIRED * len(high):
        return None  # letters with marks, each among plain ones
    scores = {
        encoding: _commonness(sample, encoding)
        for encoding in ("gb18030", "big5hkscs", "cp932", "euc_jp", "cp949")
    }
    best = max(scores, key=lambda encoding: scores[encoding])
    return best if scores[best] >= _MOSTLY_COMMON else None


_FOREIGN = re.compile(r"[^\x00-\x7f]")
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_KANA = re.compile("[\u3041-\u30ff]")
_PUNCTUATION = re.compile("[\u2010-\u2026\u3000-\u301f\uff01-\uff5e\u00b7]")


def _commonness(sample: bytes, encoding: str) -> float:
    """The share in [0, 1] of the non-ASCII characters that are common in the encoding's language.

    0 where the bytes are not valid in it (a character cut at the sample's end aside).
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        text = decoder.decode(sample, final=len(sample) < SAMPLE)
    except UnicodeDecodeError:
        return 0.0
    foreign = _FOREIGN.findall(text)
    if not foreign or _PRIVATE.search(text):
        return 0.0
    if encoding == "gb18030" and len(foreign) >= _ENOUGH and _is_first_half(foreign):
        return 0.0  # Korean: its syllables fill just that half of the Chinese characters
    common = _common(Counter(foreign), encoding)
    if encoding in ("cp932", "euc_jp") and len(_KANA.findall(text)) < 0.1 * len(foreign):
        return 0.0
    return common / len(foreign)


_ENOUGH = 12


def _is_first_half(chars: list[str]) -> bool:
    """Whether no character lies in the second half of GB 2312's common ones, from n to z."""
    return max(_lead_byte(char, "gb2312") for char in chars) <= 0xC8


def _common(counted: Counter[str], encoding: str) -> int:
    """How many of the characters are common ones of the encoding's language."""
    return sum(times for char, times in counted.items() if _is_common(char, encoding))


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


def utf16_without_zeros(sample: bytes) -> str | None:
    """ "utf-16-le" or "utf-16-be" if `sample` reads so as East Asian text, whose characters hold
    hardly a zero byte; else None."""
    for encoding in ("utf-16-le", "utf-16-be"):
        text = sample[: len(sample) // 2 * 2].decode(encoding, errors="replace")
        if _CONTROL.search(text):
            continue
        foreign = _FOREIGN.findall(text)
        languages = ("gb18030", "big5hkscs", "cp932", "cp949")
        counted = Counter(foreign)
        most = max(_common(counted, name) for name in languages)
        if len(foreign) >= _FEW and most >= _CERTAINLY_COMMON * len(foreign):
            return encoding
    return None


_FEW = 4
_CERTAINLY_COMMON = 0.9
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\ufffd]")
