"""Personal data in a text: mail addresses, phone numbers, and numbers that carry a checksum.

IBAN by ISO 7064 (mod 97), payment cards by Luhn, Chinese resident identity numbers by GB 11643.
What fails its checksum is left alone. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["identity number", "IBAN", "card", "mail", "phone"]

_IDENTITY = re.compile(
    r"(?<![0-9A-Za-z])[1-9][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])"
    r"(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx](?![0-9A-Za-z])"
)
_IBAN = re.compile(r"(?<![0-9A-Za-z])[A-Z]{2}[0-9]{2}(?: ?[0-9A-Z]){11,30}")
_CARD = re.compile(r"(?<![0-9A-Za-z])[2-6](?:[ -]?[0-9]){12,18}(?![0-9A-Za-z])")
_MAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}", re.ASCII
)
_PHONE = re.compile(
    r"(?<![\w.,+])(?:"
    r"\+[0-9]{1,3}(?:[ ().-]{0,2}[0-9]){6,13}"  # +49 (30) 1234-5678
    r"|(?:86[ -]?)?1[3-9][0-9]{9}|1[3-9][0-9][ -][0-9]{4}[ -][0-9]{4}"  # a Chinese mobile
    r"|\(?0[0-9]{1,4}\)?[ /-][0-9]{3,4}[ -]?[0-9]{3,5}"  # 010-12345678, (020) 7946 0958
    r"|\(?[2-9][0-9]{2}\)?[ -][2-9][0-9]{2}-[0-9]{4}"  # (555) 234-5678
    r")(?![\w])",
    re.ASCII,
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_SHORTEST_IBAN = 15


@dataclass(frozen=True, slots=True)
class Personal:
    """Something personal at `start:end` of a text."""

    kind: Kind
    start: int
    end: int


def personal_data(text: str) -> list[Personal]:
    """What is found, in order, none overlapping another."""
    found: list[Personal] = []
    for kind, pattern, length in _LOOKS:
        for match in pattern.finditer(text):
            end = match.start() + length(match.group())
            if end > match.start() and not _taken(found, match.start(), end):
                found.append(Personal(kind, match.start(), end))
    return sorted(found, key=lambda one: one.start)


def masked(text: str, sign: str = "•") -> str:
    """The text with what is personal made unreadable, every character in its place."""
    for one in personal_data(text):
        hidden = re.sub(r"\S", sign, text[one.start : one.end])
        text = text[: one.start] + hidden + text[one.end :]
    return text


def redacted(text: str) -> str:
    """The text with `[mail]`, `[phone]` and so on for what is personal."""
    for one in reversed(personal_data(text)):
        text = f"{text[: one.start]}[{one.kind}]{text[one.end :]}"
    return text


def _taken(found: list[Personal], start: int, end: int) -> bool:
    return any(one.start < end and start < one.end for one in found)


def _identity(text: str) -> int:
    total = sum(int(sign) * weight for sign, weight in zip(text, _WEIGHTS, strict=False))
    return len(text) if _CHECKS[total % 11] == text[-1].upper() else 0


def _iban(text: str) -> int:
    """The longest beginning that is one: a word may follow it."""
    for end in _ends(text):
        signs = text[:end].replace(" ", "")
        if len(signs) < _SHORTEST_IBAN:
            return 0
        number = "".join(str(int(sign, 36)) for sign in signs[4:] + signs[:4])
        if int(number) % 97 == 1:
            return end
    return 0


def _ends(text: str) -> Iterator[int]:
    return (end for end in range(len(text), 0, -1) if text[end - 1] != " ")


def _card(text: str) -> int:
    digits = [int(sign) for sign in reversed(text) if sign.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return len(text) if (sum(digits[::2]) + sum(doubled)) % 10 == 0 else 0


_LOOKS: tuple[tuple[Kind, re.Pattern[str], Callable[[str], int]], ...] = (
    ("identity number", _IDENTITY, _identity),
    ("IBAN", _IBAN, _iban),
    ("card", _CARD, _card),
    ("mail", _MAIL, len),
    ("phone", _PHONE, len),
)
