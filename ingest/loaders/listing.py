"""Numbers as lists print them: 3, 03, c, iii, 三. Pure functions, for every format with lists."""

from __future__ import annotations

_DIGITS_ZH = "零一二三四五六七八九"
_ROMAN = [
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
    (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
]  # fmt: skip
_ORDINALS = {1: "st", 2: "nd", 3: "rd"}


def formatted(number: int, style: str) -> str:
    """`number` as Word's number format `style` shows it; decimal if that is unknown or has no sign
    for the number."""
    if number < 1:
        return str(number)
    if style in ("lowerLetter", "upperLetter"):
        letters = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letters.upper() if style.startswith("upper") else letters
    if style in ("lowerRoman", "upperRoman") and number < 4000:
        return _roman(number).upper() if style.startswith("upper") else _roman(number)
    if style.startswith(("chinese", "japaneseCounting", "taiwanese")) and number < 100:
        return _chinese(number)
    if style == "decimalZero":
        return f"{number:02}"
    if style == "ordinal":
        teen = 10 < number % 100 < 14
        return f"{number}{'th' if teen else _ORDINALS.get(number % 10, 'th')}"
    if style == "decimalEnclosedCircle" and number <= 20:
        return chr(0x2460 + number - 1)
    return str(number)


def _roman(number: int) -> str:
    text = ""
    for value, sign in _ROMAN:
        text += sign * (number // value)
        number %= value
    return text


def _chinese(number: int) -> str:
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_DIGITS_ZH[tens]}十"
    return head + (_DIGITS_ZH[ones] if ones or not tens else "")
