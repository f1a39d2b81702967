"""Text in a single-byte encoding without a mark -> the encoding whose reading spells a language.

Detectors that weigh the encodings alike take short Polish for Baltic and short Turkish for Czech.
Here a reading counts by how many of its letters beyond ASCII stand in one language's alphabet, in
places where letters of that case stand. The alphabets are those of the Unicode CLDR, lower case.
Pure functions over bytes.
"""

from __future__ import annotations

import re
from itertools import islice

_CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюяёєіїґ"
_WESTERN = ("cp1252",)
_CENTRAL = ("cp1250", "iso8859_2", "cp852")
_LATIN: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("äöüß", _WESTERN),
    ("àâæçèéêëîïôœùûüÿ", _WESTERN),
    ("áéíñóúü", _WESTERN),
    ("àáâãçéêíóôõú", _WESTERN),
    ("àèéìîòù", _WESTERN),
    ("åäöæøéü", _WESTERN),
    ("àçèéíïòóúü", _WESTERN),
    ("ąćęłńóśźż", _CENTRAL),
    ("áčďéěíňóřšťúůýž", _CENTRAL),
    ("áäčďéíĺľňóôŕšťúýž", _CENTRAL),
    ("áéíóöőúüű", _CENTRAL),
    ("čćđšž", _CENTRAL),
    ("âçğıİîöşüû", ("cp1254",)),
    ("ăâîşţ", _CENTRAL),
    ("ąčęėįšųūž", ("cp1257",)),
    ("āčēģīķļņšūž", ("cp1257",)),
    ("áðéíóúýþæö", _WESTERN),
    ("äõöüšž", ("cp1252", "cp1257")),
    ("äöüß", ("mac_roman", "cp850")),
    ("àâæçèéêëîïôœùûüÿ", ("mac_roman", "cp850")),
    ("áéíñóúü", ("mac_roman", "cp850")),
)
_ENOUGH = 0.97
_MOST_MARKED = 0.75
"""Letters with marks among those of words with marks, above which none is of Latin letters."""
_MOST_WORDS = 200
_MARKED = re.compile(rb"[^\s\x00-\x1f]*[\x80-\xff][^\s\x00-\x1f]*")
_WORD = re.compile(r"[^\W\d_]+")
_SIGNS = frozenset("«»“”‘’„‚–—…•€£§°©®·¿¡ªº№\xa0\xad")


def latin_spelling(sample: bytes) -> str | None:
    """The encoding in which nearly all letters of `sample` beyond ASCII are of one alphabet of
    Latin letters, the commoner ones first; None if there is none."""
    words = b" ".join(islice((match.group() for match in _MARKED.finditer(sample)), _MOST_WORDS))
    best = (_ENOUGH, "")
    readings: dict[str, str] = {}
    for alphabet, encodings in _LATIN:
        letters = frozenset(alphabet)
        for encoding in encodings:
            if encoding not in readings:
                readings[encoding] = words.decode(encoding, errors="replace")
            score = _share(readings[encoding], letters)
            best = max(best, (score, encoding), key=lambda found: found[0])
    return best[1] or None


def _share(text: str, letters: frozenset[str]) -> float:
    """The share of the foreign characters that the language writes, where it writes them so."""
    foreign = sum(not char.isascii() and char not in _SIGNS for char in text)
    if not foreign or foreign > _MOST_MARKED * sum(map(str.isalpha, text)):
        return 0.0
    good = 0
    for word in _WORD.findall(text):
        as_written = word.islower() or word[1:].islower() or word.isupper() or len(word) == 1
        good += as_written and sum(
            not c.isascii() and (c in letters or c.lower() in letters) for c in word
        )
    return good / foreign
