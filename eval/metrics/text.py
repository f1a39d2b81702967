"""Texts as the reading-comprehension metrics see them: normalised and segmented.

English follows SQuAD (Rajpurkar et al., 2016): lower case, no punctuation, no articles, words by
white space. Chinese follows CMRC 2018 (Cui et al., 2019): every Han character is a token, runs of
anything else are words, punctuation goes. Full-width forms are folded first, so that １２ is 12.
"""

from __future__ import annotations

import re
import string
import unicodedata

from rag.text import CJK, fold_width

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_HAN = re.compile(f"[{CJK}]")
_MIXED = re.compile(f"[{CJK}]|[^\\s{CJK}]+")
_WORD = re.compile(r"[^\W_]+(?:[.][0-9]+)?")
_LOOSE_SPACE = re.compile(r"(?<![a-z0-9]) +| +(?![a-z0-9])")
_GROUPED = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")


def is_chinese(text: str) -> bool:
    """Whether the text holds any Han character."""
    return bool(_HAN.search(text))


def strip_punctuation(text: str) -> str:
    """Without punctuation, ASCII (symbols included) or Unicode.

    A point or comma between digits goes as well, as in SQuAD's script: 1,200 is 1200.
    """
    return "".join(c for c in text if not _is_punctuation(c))


def _is_punctuation(character: str) -> bool:
    return character in string.punctuation or unicodedata.category(character).startswith("P")


def normalise(text: str) -> str:
    """SQuAD's normalisation, with white space dropped between Han characters."""
    plain = _ARTICLES.sub(" ", strip_punctuation(fold_width(text)))
    if is_chinese(plain):
        return "".join(plain.split())
    return " ".join(plain.split())


def tokens(text: str) -> list[str]:
    """The tokens that F1 and ROUGE compare: words, and single Han characters."""
    plain = _ARTICLES.sub(" ", strip_punctuation(fold_width(text)))
    return _MIXED.findall(plain)


def squeeze(text: str) -> str:
    """For looking a fact up in an answer: folded, digit groups joined, white space only where it
    parts two Latin words or numbers."""
    return _LOOSE_SPACE.sub("", " ".join(_GROUPED.sub("", fold_width(text)).split()))


def words_in(text: str) -> str:
    """Folded words parted and surrounded by single spaces, so that a word is found whole."""
    words = _WORD.findall(_GROUPED.sub("", fold_width(text)))
    return f" {' '.join(words)} "
