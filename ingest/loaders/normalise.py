"""Text as extracted -> text as stored. Runs before any offset is made. Pure functions.

Knows nothing of files or formats. Whatever is removed or mended here is gone from the page's
text, so every offset that is later handed out refers to the mended text.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

from rag.text.lines import CJK, soft_breaks, starts_item

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002ebef"
_RADICAL_SUPPLEMENT = dict(
    zip(
        "⺟⺠⺮⻁⻄⻅⻆⻉⻋⻓⻔⻗⻘⻙⻚⻛⻜⻝⻢⻤⻥⻦⻨⻩⻬⻮⻰⻳",
        "母民竹虎西见角贝车长门雨青韦页风飞食马鬼鱼鸟麦黄齐齿龙龟",
        strict=True,
    )
)
"""Radicals that some PDF fonts name instead of the character, and that NFKC leaves alone."""


def _character_map() -> dict[int, str | None]:
    """What `str.translate` changes: None drops a character."""
    table: dict[int, str | None] = {code: None for code in range(0x20) if code not in (9, 10)}
    table |= dict.fromkeys(range(0x7F, 0xA0))
    table |= dict.fromkeys(range(0xD800, 0xE000))  # lone surrogates cannot be stored as UTF-8
    table |= dict.fromkeys(range(0xE0000, 0xE0080))  # invisible tags hide text from the reader
    invisible = [0xAD, 0x200B, 0x200E, 0x200F, 0xFEFF, 0xFFFE, 0xFFFF]
    table |= dict.fromkeys([*invisible, *range(0x202A, 0x202F), *range(0x2060, 0x2070)])
    spaces = [0xA0, 0x1680, 0x202F, 0x205F, *range(0x2000, 0x200B)]
    table |= dict.fromkeys(spaces, " ")
    table |= dict.fromkeys([0x0B, 0x0C, 0x85, 0x2028, 0x2029], "\n")
    compatible = [*range(0x2F00, 0x2FD6), *range(0xFB00, 0xFB07)]  # Kangxi radicals, ligatures
    table |= {code: unicodedata.normalize("NFKC", chr(code)) for code in compatible}
    return table | {ord(radical): char for radical, char in _RADICAL_SUPPLEMENT.items()}


_CHARACTERS = _character_map()
_TRAILING = re.compile(r"[ \t\u3000]+(?=\n|$)")
_BLANK_LINES = re.compile(r"\n{3,}")


def clean_characters(text: str) -> str:
    """Unix line ends, no control or invisible characters, plain spaces, and no ligatures or
    radicals in place of characters."""
    if text.isascii() and text.isprintable():
        return text
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_CHARACTERS)


def clean_text(text: str) -> str:
    """`clean_characters`, and no white space at line ends, no blank lines at the ends, and at most
    one blank line in a row."""
    text = clean_characters(text)
    return _BLANK_LINES.sub("\n\n", _TRAILING.sub("", text)).strip("\n")


_HYPHENATED = re.compile(r"([^\W\d_]{2,})[-\u2010]$")
_WORD_START = re.compile(r"[a-zà-öø-ÿ]{2,}")
_WORD = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")


def vocabulary(text: str) -> Counter[str]:
    """How often each word stands in `text`, lower-cased, hyphenated words as one."""
    return Counter(word.lower() for word in _WORD.findall(text))


def mend_wraps(text: str, words: Counter[str], *, slack: float, unwrap: bool) -> str:
    """Join what line wrapping tore apart: Chinese words, and English words with a hyphen.

    `words` is the document's vocabulary: it decides whether a hyphen at a line's end belongs to
    the word. With `unwrap` other wrapped lines are joined by a space as well, so that every line
    break left is one that the author made. `slack` as in `rag.lines.soft_breaks`.
    """
    pieces: list[str] = []
    start = 0
    for offset in sorted({*soft_breaks(text, slack), *_torn_words(text, words)}):
        line = text[start:offset]
        pieces.append(_joined(line, text[offset + 1 : offset + 81], words, unwrap=unwrap))
        start = offset + 1
        if not pieces[-1].endswith("\n"):
            start += len(text[start : start + 80]) - len(
                text[start : start + 80].lstrip(" \t\u3000")
            )
    pieces.append(text[start:])
    return "".join(pieces)


_LONGEST_WORD = 80
_TORN = re.compile(r"[-\u2010]\n[ \t]*([a-zà-öø-ÿ]{2,80})(?![\w-])")


def _torn_words(text: str, words: Counter[str]) -> Iterator[int]:
    """The offsets of line ends within words that stand elsewhere in the document in one piece;
    such a line need not be full."""
    for match in _TORN.finditer(text):
        hyphen = match.start()
        if torn := _HYPHENATED.search(text[max(0, hyphen - _LONGEST_WORD) : hyphen + 1]):
            head, rest = torn.group(1).lower(), match.group(1)
            if words[f"{head}{rest}"] or words[f"{head}-{rest}"]:
                yield hyphen + 1


_CJK_END = re.compile(f"[{CJK}]$")
_CJK_START = re.compile(f"[ \t\u3000]*[{CJK}]")
_COMPLETE = re.compile(r"[。！？：；.!?:;][”’」』）)\"']*$")


def _joined(line: str, following: str, words: Counter[str], *, unwrap: bool) -> str:
    """`line` with what stands between it and the `following` one: nothing, a space or a break."""
    hyphen = _HYPHENATED.search(line[-_LONGEST_WORD:])
    if hyphen and (rest := _WORD_START.match(following.lstrip())):
        head = hyphen.group(1)
        whole, compound = f"{head}{rest.group()}".lower(), f"{head}-{rest.group()}".lower()
        return line if words[compound] > words[whole] else line[:-1]
    if _COMPLETE.search(line) or starts_item(following):
        return line + "\n"
    if _is_figures(line) and _is_figures(following.partition("\n")[0]):
        return line + "\n"
    if _CJK_END.search(line) and _CJK_START.match(following):
        return line
    return line + (" " if unwrap else "\n")


def _is_figures(line: str) -> bool:
    """Whether a line looks like a row of a table: at least two words in five hold a digit."""
    words = line.split()
    return len(words) > 2 and sum(any(map(str.isdigit, w)) for w in words) >= 0.4 * len(words)


_SPACED_HAN = re.compile(f"(?<=[{_HAN}]) (?=[{_HAN}])")
_HAN_PAIR = re.compile(f"[{_HAN}](?= ?[{_HAN}])")


def close_letter_spacing(text: str) -> str:
    """Lines whose Chinese characters are set apart by blanks, joined again.

    A blank between two Chinese characters may part two table cells; a line where most pairs have
    one is a justified or spaced heading.
    """
    lines = text.split("\n")
    for number, line in enumerate(lines):
        spaced = len(_SPACED_HAN.findall(line))
        if spaced >= 3 and spaced > 0.5 * len(_HAN_PAIR.findall(line)):
            lines[number] = _SPACED_HAN.sub("", line)
    return "\n".join(lines)
