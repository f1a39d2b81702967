"""Subject: whether a title speaks of another product, edition or year than the question.

Near-duplicates differ in a code or a year of their file name or heading (MT-260 and MT-260S, the
2024 and the 2026 edition), which neither likeness of meaning nor a small model tells apart. Pure
functions.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_CODE = re.compile(
    r"(?<![A-Za-z0-9])(?:(?P<family>[A-Za-z]{1,6})[-_]?|(?P<spaced>[A-Z]{2,5}) )"
    r"(?P<rest>\d+(?:[-_/]?[A-Za-z0-9]+)*)"
)
"""Letters and a number: joined, or set apart where the letters are capitals ("MT 260", and not
"within 30")."""
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
_NO_CODES = frozenset(("Q", "H", "P", "NO", "NR", "PAGE", "PART", "RMB", "EUR", "USD"))
"""What stands before a number without making a code of it."""


def codes(text: str) -> set[str]:
    """The codes in `text` in one spelling: MT-260S, mt260s and "MT 260S" are MT260S. A word with a
    year ("terms-2026") is none: see `years`."""
    return {code for match in _CODE.finditer(_nfkc(text)) if (code := _spelled(match))}


def without_codes(text: str) -> str:
    """`text` (NFKC) with a space for every code."""
    return _CODE.sub(lambda match: " " if _spelled(match) else match.group(), _nfkc(text))


def _spelled(match: re.Match[str]) -> str:
    """The code in one spelling, or nothing where it is none."""
    family = (match.group("family") or match.group("spaced")).upper()
    rest = match.group("rest").upper()
    if family in _NO_CODES or len(family) + len(rest) <= 2 or _YEAR.fullmatch(rest):
        return ""
    return family + re.sub(r"[-_/]", "", rest)


def _nfkc(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def years(text: str) -> set[str]:
    """The years in `text`, from 1900 to 2099."""
    return set(_YEAR.findall(_nfkc(text)))


def twins(question: str, names: Sequence[str], titles: Sequence[str]) -> set[int]:
    """Indexes of the texts that are the near-duplicates of others which the question names: under
    a title with another code of the family where a title with the right one is there, or in a file
    whose name differs by its year alone from that of the right one."""
    wrong = {i for i, title in enumerate(titles) if is_about_another(question, title, "")}
    named, asked = codes(question), years(question)
    right = set(range(len(titles))) - wrong
    has_code = any(codes(titles[i]) & named for i in right)
    without_year = {_YEAR.sub("", names[i]) for i in right if years(names[i]) & asked}
    return {
        i
        for i in wrong
        if (has_code and codes(titles[i]) - named and not codes(titles[i]) & named)
        or (years(names[i]) and _YEAR.sub("", names[i]) in without_year)
    }


def names_another(question: str, title: str, text: str) -> bool:
    """Whether `text` stands under a title with another code of a family than those that the
    question names, and names none of these itself."""
    named, titled, told = codes(question), codes(title), codes(text)
    for code in named:
        family = re.match("[A-Z]+", code)
        kin = {t for t in titled if family and re.match(rf"{family.group()}\d", t)}
        if kin and not kin & named and code not in told:
            return True
    return False


def is_about_another(question: str, title: str, text: str) -> bool:
    """Whether `text` stands under a title that names another thing of the same family, or another
    year, than those that the question names, and does not name one of these itself."""
    asked, dated = years(question), years(title)
    other_year = bool(asked and dated) and not dated & asked and not asked & years(text)
    return other_year or names_another(question, title, text)
