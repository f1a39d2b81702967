"""Marks that lie upon a page -> where they belong in its text: fields behind their labels, targets
behind the words of links, comments with the words that they are on, lines drawn through words.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence

from ingest.loaders.links import noted
from ingest.loaders.pdf.glyphs import Glyph, Rule
from ingest.loaders.pdf.marks import Comment, Field, Rect
from ingest.loaders.pdf.pieces import Piece

_LABEL_GAP = 2.5
"""Ems between a box and the label to its right, at most."""
_QUOTED = 80
_FIRST_SIGN, _MOST = 0xF0000, 60_000
_SIGNS = re.compile(f"[{chr(_FIRST_SIGN)}-{chr(_FIRST_SIGN + _MOST)}]")
_FIELD_SIZE = 10.0


def within(glyphs: Sequence[Glyph], place: Rect) -> list[int]:
    """The indices of the glyphs whose middle lies in `place`."""
    left, bottom, right, top = place
    return [
        index
        for index, glyph in enumerate(glyphs)
        if left <= (glyph.x + glyph.right) / 2 <= right
        and bottom <= glyph.y + 0.3 * glyph.size <= top
    ]


class Links:
    """The links of one document: what to set behind their words.

    Until wrapped lines are joined, one character stands for a target, so that it widens no line.
    """

    def __init__(self) -> None:
        self._targets: list[str] = []
        self._written: set[tuple[str, str]] = set()

    def behind(self, glyphs: Sequence[Glyph], links: Iterable[tuple[Rect, str]]) -> dict[int, str]:
        """What stands behind which glyph: a sign for each link's target, once for the same words.

        A link that wraps has several places; its target stands behind the last.
        """
        spans: list[tuple[int, int, str]] = []
        for place, target in links:
            inside = [index for index in within(glyphs, place) if not glyphs[index].text.isspace()]
            if not inside:
                continue
            first, last = inside[0], inside[-1]
            if spans and spans[-1][2] == target and 0 <= first - spans[-1][1] <= 3:
                first = spans.pop()[0]
            spans.append((first, last, target))
        signs: dict[int, str] = {}
        for first, last, target in spans:
            words = "".join(glyph.text for glyph in glyphs[first : last + 1])
            squeezed, target = "".join(words.lower().split()), noted(target, words)
            if target and (squeezed, target) not in self._written and len(self._targets) < _MOST:
                self._written.add((squeezed, target))
                signs[last] = chr(_FIRST_SIGN + len(self._targets))
                self._targets.append(target)
        return signs

    def spelled(self, text: str) -> str:
        """`text` with the targets in the place of their signs."""
        return _SIGNS.sub(lambda m: f" ({self._targets[ord(m.group()) - _FIRST_SIGN]})", text)


def without_signs(text: str) -> str:
    """`text` without the signs of links."""
    return _SIGNS.sub("", text)


def comment_text(comment: Comment, glyphs: Sequence[Glyph]) -> str:
    """A comment as it is written below the page's text."""
    if comment.plain:
        return comment.text
    by = f" by {comment.author}" if comment.author else ""
    words = " ".join(
        "".join(glyphs[index].text for index in within(glyphs, place)) for place in comment.places
    )
    quoted = " ".join(words.split())
    on = f" on “{quoted[:_QUOTED]}”" if quoted else ""
    return f"[comment{by}{on}: {comment.text}]"


def put_fields(pieces: list[Piece], fields: Iterable[Field]) -> None:
    """Set what form fields show among the pieces of the page, in place, each at its label."""
    for field in sorted(fields, key=lambda one: (-one.place[3], one.place[0])):
        left, bottom, right, top = field.place
        height = top - bottom
        base = bottom + 0.25 * height if height < 2.2 * _FIELD_SIZE else top - _FIELD_SIZE
        reach = max(4.0, 0.5 * min(height, 2 * _FIELD_SIZE))
        level = [piece for piece in pieces if abs(piece.y - base) <= reach]
        before = [piece for piece in level if piece.x < left and piece.right <= left + reach]
        after = [piece for piece in level if piece.x >= right - reach]
        piece = Piece(field.text, left, right, base, _FIELD_SIZE, filled_in=True)
        label = min(after, key=lambda one: one.x, default=None)
        if field.box and label is not None and label.x - right < _LABEL_GAP * label.size:
            piece.y, piece.size, piece.joins_next = label.y, label.size, True
            piece.joins = bool(before)
            pieces.insert(_index(pieces, label), piece)
        elif before:
            nearest = max(before, key=lambda one: one.right)
            piece.y, piece.size, piece.joins = nearest.y, nearest.size, not nearest.filled_in
            pieces.insert(_index(pieces, nearest) + 1, piece)
        elif after and label is not None:
            piece.y, piece.size, piece.joins_next = label.y, label.size, True
            pieces.insert(_index(pieces, label), piece)
        else:
            above = [one for one in pieces if one.y >= top - reach]
            pieces.insert(_behind_lowest(pieces, above), piece)


def _behind_lowest(pieces: Sequence[Piece], above: Sequence[Piece]) -> int:
    """The place behind the last of the pieces that stand lowest `above` a field."""
    if not above:
        return len(pieces)
    lowest = min(piece.y for piece in above)
    level = [_index(pieces, piece) for piece in above if piece.y - lowest < 0.5 * piece.size]
    return max(level) + 1


def _index(pieces: Sequence[Piece], sought: Piece) -> int:
    return next(index for index, piece in enumerate(pieces) if piece is sought)


def struck(glyphs: Sequence[Glyph], rules: Sequence[Rule]) -> set[int]:
    """The indices of the glyphs that a drawn line goes through, two at least by each line."""
    found: set[int] = set()
    if not rules or not glyphs:
        return found
    by_height = sorted(range(len(glyphs)), key=lambda index: glyphs[index].y)
    heights = [glyphs[index].y for index in by_height]
    largest = max(glyph.size for glyph in glyphs)
    for rule in rules:
        first = bisect_left(heights, rule.y - 0.45 * largest)
        near = by_height[first : bisect_left(heights, rule.y)]
        through = [index for index in near if _goes_through(rule, glyphs[index])]
        inked = [glyphs[index] for index in through if not glyphs[index].text.isspace()]
        if len(inked) < 2:
            continue
        size = inked[0].size
        left, right = min(g.x for g in inked), max(g.right for g in inked)
        if rule.left > left - size and rule.right < right + size:
            found.update(through)
    return found


def _goes_through(rule: Rule, glyph: Glyph) -> bool:
    middle, slack = (glyph.x + glyph.right) / 2, 0.1 * glyph.size
    level = 0.12 * glyph.size < rule.y - glyph.y < 0.45 * glyph.size
    return level and rule.left - slack <= middle <= rule.right + slack
