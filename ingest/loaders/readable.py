"""Whether extracted text can be read at all. A font may name wrong characters for its glyphs, and
nothing in the file says so; but no language writes so few vowels, nor none of its little words.
"""

from __future__ import annotations

import re

_LETTERS = re.compile(r"[A-Za-z]")
_VOWELS = re.compile(r"[AEIOUYaeiouy]")
_LITTLE_WORDS = re.compile(
    r"\b(?:the|and|of|to|in|is|for|der|die|und|das|von|ist|le|la|de|et|les|des|el|los|que|en|y|il|"
    r"di|che|e|o|os|do|da|het|een|van|och|att|det|som|og|er|ja|na|je|se|w|z|i|nie|a|bir|ve)\b"
)
_ENOUGH = 80
_FEW_VOWELS = 0.22
_FEW_WORDS = 2
_FEW_LETTERS = 10


def is_gibberish(text: str) -> bool:
    """Whether a text of Latin letters, 80 at least, is none of any language.

    False for short texts, other scripts, and texts of figures.
    """
    letters = len(_LETTERS.findall(text))
    inked = sum(not char.isspace() for char in text)
    if letters < _ENOUGH or letters < 0.6 * inked or len(set(text.lower())) < _FEW_LETTERS:
        return False
    if len(_VOWELS.findall(text)) >= _FEW_VOWELS * letters:
        return False
    return len(set(_LITTLE_WORDS.findall(text.lower()))) < _FEW_WORDS
