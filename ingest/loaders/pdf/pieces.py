"""Glyphs -> pieces: stretches of text on one baseline, with words apart and scripts marked.

What is raised or lowered stands between control characters until the whole document's note marks
are known (`raised`). Lengths are in points, or in ems where they say so.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence, Sized
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from ingest.loaders.pdf.glyphs import Glyph, Upright
from ingest.loaders.pdf.raised import END, LOWERED, RAISED, SMALL
from rag.text.lines import CJK

_WIDE = 1.0
"""Ems of empty space that no two words of a line have between them."""
_WIDE_TYPED = 2.1
_WIDE_START = 0.75
_SAME_LINE = 0.1
_SMALLER = 0.87
_FARTHEST_SCRIPT = 0.75
_TOUCHING = 0.35
_FARTHEST_GAP = 2.0
_SCRIPT_GAP = 0.12
_OVERLAP = -0.6
_MARK_GLYPHS = 4
_HEBREW = "\u0590"
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_SPACED = 0.6
"""Share of letters with a gap after them from which a stretch is letter-spaced print."""
_SPACED_GAP = 0.5
_FEWEST_LETTERS = 5


@dataclass(frozen=True, slots=True)
class Start:
    """The pen was set to `x` for what begins at `offset` of the line's text; `wide` if that left a
    gap that words do not have."""

    x: float
    offset: int
    wide: bool


@dataclass(slots=True)
class Piece:
    """Text that stands on the baseline `y` from `x` to `right`. `starts` are the places after
    blanks where the pen was set anew. What `joins` goes on with the line, whatever the gap; what
    has `joins_next` is gone on with so. `filled_in`: it stands in a form's field; `typed`: in a
    typewriter's font."""

    text: str
    x: float
    right: float
    y: float
    size: float
    starts: list[Start] = field(default_factory=list)
    joins: bool = False
    joins_next: bool = False
    filled_in: bool = False
    typed: bool = False


def pieces_of(
    glyphs: Sequence[Glyph],
    behind: Mapping[int, str] | None = None,
    uprights: Iterable[Upright] = (),
) -> list[Piece]:
    """The pieces of a page in the order in which they are drawn.

    `behind` gives text to set behind glyphs, by their index: the targets of links. None goes
    across one of the `uprights`.
    """
    fence = _Fence(uprights)
    pieces: list[Piece] = []
    group: list[tuple[Glyph, str]] = []
    last: Glyph | None = None
    script = ""
    line: Glyph | None = None
    for index, glyph in enumerate(glyphs):
        if glyph.text.isspace():
            if group:
                group.append((glyph, ""))
            continue
        kind = script
        if not (group and last is glyphs[index - 1] and _goes_on(last, glyph)):
            kind = _relation(line, last, glyph, script, group) if last and line else ""
        if last is None or kind == "apart" or fence.between(last, glyph, group, kind):
            _close(group, pieces)
            line, script = glyph, ""
        elif kind == "base":
            group[:] = [(g, RAISED) if not g.text.isspace() else (g, k) for g, k in group]
            line, script = glyph, ""
        else:
            script = kind
            if not kind and line is not None and abs(glyph.y - line.y) <= _SAME_LINE * line.size:
                line = glyph
        group.append((glyph, script))
        if behind and index in behind:
            group.append((_added(behind[index], glyph), script))
        last = glyph
    _close(group, pieces)
    return pieces


class _Fence:
    """What parts neighbours on a line: vertical lines, and more space than words have."""

    def __init__(self, uprights: Iterable[Upright]) -> None:
        self._uprights = sorted(uprights, key=lambda upright: upright.x)
        self._xs = [upright.x for upright in self._uprights]

    def between(
        self, last: Glyph, glyph: Glyph, group: Sequence[tuple[Glyph, str]], kind: str
    ) -> bool:
        """Whether two neighbours do not belong together."""
        if not kind and _is_wide(last, glyph, group):
            return True
        if not self._xs or glyph.x - last.right < 1.0:
            return False
        near = self._uprights[
            bisect_left(self._xs, last.right - 0.5) : bisect_left(self._xs, glyph.x + 0.5)
        ]
        level = glyph.y + 0.3 * glyph.size
        return any(upright.bottom <= level <= upright.top for upright in near)


def _goes_on(last: Glyph, glyph: Glyph) -> bool:
    """Whether a glyph is drawn right behind the last one, in the same stroke."""
    return glyph.run == last.run and glyph.y == last.y and abs(glyph.x - last.right) < 1.0


def _added(text: str, glyph: Glyph) -> Glyph:
    """Text that is set behind `glyph` and takes no room."""
    return Glyph(text, glyph.right, glyph.right, glyph.y, glyph.size, glyph.run)


def _gap(last: Glyph, glyph: Glyph, group: Sequence[tuple[Glyph, str]]) -> float:
    """Ems between two glyphs; blanks that are drawn count as text, not as a gap."""
    drawn = 0.0
    for between, _ in reversed(group):
        if not between.text.isspace():
            break
        drawn += between.right - between.x
    return _distance(last, glyph) / max(last.size, glyph.size) - drawn / last.size


def _is_wide(last: Glyph, glyph: Glyph, group: Sequence[tuple[Glyph, str]]) -> bool:
    """Whether two glyphs are farther apart than words; in a typewriter's font, by three blanks, in
    letter-spaced print by more than its letters are."""
    typed = _is_typed(last) and _is_typed(glyph)
    letters = [g for g, _ in group[-4:] if not g.text.isspace()]
    spaced = min((_distance(a, b) for a, b in pairwise(letters)), default=0.0) / last.size
    widest = (_WIDE_TYPED if typed else _WIDE) + (3 * spaced if spaced > 0.2 else 0.0)
    return _gap(last, glyph, group) > widest


def _is_typed(glyph: Glyph) -> bool:
    """Whether a glyph is as wide as all are in a typewriter's font."""
    return abs(glyph.right - glyph.x - 0.6 * glyph.size) < 0.02 * glyph.size


def _distance(last: Glyph, glyph: Glyph) -> float:
    """From the end of one glyph to the start of the next, whichever way the script runs."""
    if glyph.text >= _HEBREW and (
        _RIGHT_TO_LEFT.match(glyph.text) or _RIGHT_TO_LEFT.match(last.text)
    ):
        return max(0.0, last.x - glyph.right, glyph.x - last.right)
    return glyph.x - last.right


def _relation(line: Glyph, last: Glyph, glyph: Glyph, script: str, group: Sized) -> str:
    """How `glyph` goes on after `last` on the line of `line`: "" on the baseline, RAISED, LOWERED
    or SMALL; "base" where all before in `group`, a mark, was raised over it; "apart" where it does
    not."""
    size = line.size
    gap = _distance(last, glyph) / size
    rise = (glyph.y - line.y) / size
    if abs(rise) <= _SAME_LINE:
        if gap < _OVERLAP:
            return "apart"
        small = glyph.size < _SMALLER * size and glyph.text.isdigit() and gap < _TOUCHING
        return SMALL if small and last.text in "/\u2044" else ""
    if not _OVERLAP < gap < _FARTHEST_GAP or abs(rise) > _FARTHEST_SCRIPT:
        return "apart"
    if glyph.size < _SMALLER * size or (script and glyph.size <= last.size * 1.05):
        exponent = rise > 0.2 and (glyph.text.isdigit() or glyph.text in "-+\u2212")
        near = gap < _TOUCHING or script != "" or exponent
        return "apart" if not near else RAISED if rise > 0 else LOWERED
    if line.size < _SMALLER * glyph.size and not script and -_FARTHEST_SCRIPT <= rise < 0:
        return "base" if len(group) <= _MARK_GLYPHS else "apart"
    if glyph.text.isdigit() and 0.2 < rise < 0.6 and gap < _TOUCHING and last.text.isalnum():
        return RAISED
    alike = abs(glyph.size - size) < 0.1 * size
    return "" if alike and abs(rise) < 0.3 and gap < _TOUCHING else "apart"


def _close(group: list[tuple[Glyph, str]], pieces: list[Piece]) -> None:
    """Make the piece of a group of glyphs, and empty the group."""
    while group and group[-1][0].text.isspace():
        group.pop()
    if not group:
        return
    text, starts = _text(group)
    base = next((g for g, kind in group if not kind), group[0][0])
    right = max(glyph.right for glyph, _ in group)
    typed = all(_is_typed(glyph) for glyph, _ in group if glyph.right > glyph.x)
    left = min(glyph.x for glyph, _ in group)
    pieces.append(Piece(text, left, right, base.y, base.size, starts, typed=typed))
    group.clear()


def _text(group: Sequence[tuple[Glyph, str]]) -> tuple[str, list[Start]]:
    """The text of a group, and the places in it where the pen was set anew after a blank."""
    widest = _letter_gap(group)
    text, kind, blank = "", "", False
    starts: list[Start] = []
    gaps: list[float] = []
    last: Glyph | None = None
    for glyph, script in group:
        if glyph.text.isspace():
            blank = True
            continue
        gap = _distance(last, glyph) / last.size if last is not None else 0.0
        if blank and script != kind and gap < _SCRIPT_GAP:
            blank = False  # PDFium parts whatever stands higher or lower
        apart = last is not None and (
            gap > widest if widest is not None else blank or (gap > 0.5 and not script)
        )
        if script != kind:
            text += END if kind else ""
        if apart and not (script and script != kind):
            text += " "
        if script != kind:
            text += script
            kind = script
        if apart and last is not None:
            gaps.append(gap)
            if glyph.run != last.run:
                starts.append(Start(glyph.x, len(text), gap > _WIDE_START))
        text += glyph.text
        last, blank = glyph, False
    if len(gaps) > 2 and median(gaps) > _WIDE_START / 1.6:  # a line that is stretched as a whole
        starts = [Start(start.x, start.offset, wide=False) for start in starts]
    return text + (END if kind else ""), starts


def _letter_gap(group: Sequence[tuple[Glyph, str]]) -> float | None:
    """Ems that part words in letter-spaced print; None where the print is not letter-spaced."""
    pairs: list[tuple[Glyph, Glyph, bool]] = []
    last: Glyph | None = None
    blank = drawn = False
    for glyph, _ in group:
        if glyph.text.isspace():
            blank, drawn = True, drawn or glyph.right > glyph.x
            continue
        if last is not None and last.text.isalnum() and glyph.text.isalnum():
            pairs.append((last, glyph, blank))
        last, blank = glyph, False
    spaced = sum(parted for _, _, parted in pairs)
    if len(pairs) < _FEWEST_LETTERS - 1 or spaced < _SPACED * len(pairs):
        return None
    if drawn and sum(b.text.isdigit() for _, b, _ in pairs) > 0.5 * len(pairs):
        return None  # a row of single figures, with blanks typed between them
    usual = median((b.x - a.right) / a.size for a, b, _ in pairs)
    return 1.5 * usual + 0.05 if 0 < usual <= _SPACED_GAP else None


_CJK_END = re.compile(f"[{CJK}]$")
_CJK_START = re.compile(f"[{CJK}]")


def joined_wrap(before: str, after: str) -> str:
    """Two parts of a wrapped cell: joined by a blank, except within Chinese."""
    before, after = before.rstrip(), after.lstrip()
    if _CJK_END.search(before) and _CJK_START.match(after):
        return before + after
    return f"{before} {after}"
