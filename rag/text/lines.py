"""Which line breaks of a text end something, and which only wrap a line that was too long.

Pure functions over text. A break is soft when the first word of the next line would not have
fitted on this one, or when the next line plainly goes on; every other break is hard.
"""

from __future__ import annotations

import re
from itertools import pairwise

CJK = (
    "\u2e80-\u303f\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\uff01-\uff60\uffe0-\uffe6\U00020000-\U0002ebef"
)
"""Ranges of the wide East Asian characters, punctuation included, for a character class."""
_WIDE = re.compile(f"[{CJK}]")
_ITEM = re.compile(
    r"[ \t]*(?:[-*•‣▪◦·–—●○■□◆►✓→#|>]\s*(?=\S)|\d{1,3}[.)][ \t]+\S|\d{1,3}[)、．）][ \t]*\S"
    r"|\d{1,2}(?:\.\d{1,3}){1,4}\.?[ \t]+[^\W\d_a-z]|[（(](?:\d{1,3}|[a-zA-Z]|[ivx]+)[)）]"
    r"|[（(]?[一二三四五六七八九十]{1,3}[)）、．]"
    r"|第[一二三四五六七八九十百零〇\d]{1,6}[章节節条條部分篇款项項](?:[\s：:、]|$))"
)
_FIRST_WORD = re.compile(f"\\s*(?:[{CJK}]|[^\\s{CJK}]+)")
_GOES_ON = re.compile(f"[a-z]|[，、。；：！？）」』”》〉,;)]|(?<=\\s)[{CJK}]")
_CAN_GO_ON = re.compile(r"[^\W\d_]$|[,，、;；(（“「『《-]$")
_COMMA = re.compile(r"[,，、]$")
_COLUMNS = re.compile(r"[^\s.!?:。！？：](?: {3,}|\t+)(?=\S)")
_LABEL = re.compile(r"[^:：;；]{1,40}[:：]\s")
NARROWEST = 24
"""Columns below which a block's width says nothing about wrapping: a list of short lines."""


def display_width(line: str) -> int:
    """Columns that `line` takes in a fixed-width font: wide East Asian characters take two."""
    return len(line) if line.isascii() else len(line) + len(_WIDE.findall(line))


def starts_item(line: str) -> bool:
    """Whether `line` opens a list item, a table row, or a numbered heading."""
    return _ITEM.match(line) is not None


def is_aligned(line: str) -> bool:
    """Whether blanks set parts of `line` apart as columns: "Singapore     SGD 220"."""
    return _COLUMNS.search(line) is not None


def are_records(line: str, following: str) -> bool:
    """Whether two lines begin with the same label, as the rows of a table do that are written out:
    "name: Bo; room: 4" and "name: Di; room: 5"."""
    label, other = _LABEL.match(line), _LABEL.match(following)
    return label is not None and other is not None and label.group() == other.group()


def soft_breaks(text: str, slack: float = 0.0) -> list[int]:
    """The 0-based offsets of the newlines of `text` that only wrap a line, ascending.

    A block (lines without a blank line or a table row between) is as wide as its widest line.
    `slack` is the share of that width by which wrapped lines may fall short: 0 for fixed-width
    text, about 0.15 for text set in a proportional font, where as many columns hold more or fewer
    characters.
    """
    breaks: list[int] = []
    offset = 0
    block: list[str] = []
    for line in text.split("\n"):
        if line.strip() and not line.startswith("|"):
            block.append(line)
            continue
        breaks.extend(_soft_in_block(block, offset, slack))
        offset += sum(map(len, block)) + len(block) + len(line) + 1
        block = []
    breaks.extend(_soft_in_block(block, offset, slack))
    return breaks


def _soft_in_block(lines: list[str], offset: int, slack: float) -> list[int]:
    """Soft breaks of one block of lines; `offset` is where the block starts in the text."""
    if len(lines) < 2:
        return []
    widths = [display_width(line.rstrip()) for line in lines]
    full = _block_width(widths, slack) * (1 - slack)
    breaks = []
    end = offset
    for number in range(len(lines) - 1):
        end += len(lines[number])
        if _is_soft(lines[number].rstrip(), lines[number + 1], widths[number], full):
            breaks.append(end)
        end += 1
    return breaks


def _block_width(widths: list[int], slack: float) -> int:
    """The widest line's width; in a proportional font the widest that another line comes near to,
    so that one line that juts out does not make all others look short."""
    ranked = sorted(widths, reverse=True)
    if slack:
        for width, runner_up in pairwise(ranked):
            if runner_up >= 0.9 * width:
                return width
    return ranked[0]


def _is_soft(line: str, following: str, width: int, full: float) -> bool:
    if starts_item(following) or (is_aligned(line) and is_aligned(following)):
        return False
    if are_records(line, following):
        return False
    if _COMMA.search(line) and len(line) >= NARROWEST:
        return True
    if width >= 0.85 * full and _CAN_GO_ON.search(line) and _GOES_ON.match(following):
        return True
    if starts_item(line) and _indent(following) > _indent(line):
        return True
    first = _FIRST_WORD.match(following)
    needed = display_width(first.group().strip()) if first else 0
    space = 0 if first and _WIDE.match(first.group().strip()) else 1
    return full >= NARROWEST and width + space + needed + _kinsoku(following) > full


def _indent(line: str) -> int:
    return display_width(line) - display_width(line.lstrip())


def _kinsoku(following: str) -> int:
    """Columns by which a Chinese line may end early, as punctuation must not begin the next."""
    return 2 if _WIDE.match(following.lstrip()) else 0
