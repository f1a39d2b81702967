"""The text of a page and the signs drawn on it -> which sign each character of the text is.

Text as extracted differs from the signs as drawn: cells of tables are put in order, hyphens at
line ends go, scripts are spelled out, comments are added. Stretches that stand once in both are
matched first, wherever they are; what lies between two matches is matched after them. Pure
functions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from ingest.loaders.normalise import clean_characters

_LENGTHS = (24, 12, 6, 3)
_MOST_COMPARED = 250_000
"""Pairs of characters that are compared one with another; more would take seconds."""


def align(text: str, signs: Sequence[str]) -> list[int | None]:
    """For each character of `text` the index of the sign that it was drawn by, None for white
    space and for what was added to the text. A sign may stand for several characters."""
    ours = [offset for offset, char in enumerate(text) if not char.isspace()]
    theirs = [
        (char, index)
        for index, sign in enumerate(signs)
        for char in clean_characters(sign)
        if not char.isspace()
    ]
    found: list[int | None] = [None] * len(text)
    pairs = _Pairs("".join(text[o] for o in ours), "".join(char for char, _ in theirs))
    for mine, yours in enumerate(pairs.matched()):
        if yours is not None:
            found[ours[mine]] = theirs[yours][1]
    return found


class _Pairs:
    """Matches the characters of `a` with those of `b`, each with one at most."""

    def __init__(self, a: str, b: str) -> None:
        self._a, self._b = a, b
        self._of_a: list[int | None] = [None] * len(a)
        self._free_b = [True] * len(b)

    def matched(self) -> list[int | None]:
        """For each character of `a` the place in `b`, or None."""
        if self._a == self._b:
            return list(range(len(self._a)))
        for length in _LENGTHS:
            self._match_unique(length)
        self._match_between()
        self._match_left_over()
        return self._of_a

    def _match_unique(self, length: int) -> None:
        """Match the stretches of `length` that stand once among the free ones of both."""
        in_a, in_b = self._once(self._a, length, ours=True), self._once(self._b, length, ours=False)
        for gram, at in in_a.items():
            to = in_b.get(gram)
            if to is None or self._of_a[at] is not None or not self._free_b[to]:
                continue
            self._extend(at, to)

    def _once(self, text: str, length: int, *, ours: bool) -> dict[str, int]:
        free = [p is None for p in self._of_a] if ours else self._free_b
        run, starts = 0, []
        for end in range(len(text)):
            run = run + 1 if free[end] else 0
            if run >= length:
                starts.append(end - length + 1)
        counts = Counter(text[start : start + length] for start in starts)
        return {
            text[start : start + length]: start
            for start in starts
            if counts[text[start : start + length]] == 1
        }

    def _extend(self, at: int, to: int) -> None:
        """Match the characters at the two places, and all alike before and after them."""
        while self._is_free_pair(at - 1, to - 1):
            at, to = at - 1, to - 1
        while self._is_free_pair(at, to):
            self._of_a[at], self._free_b[to] = to, False
            at, to = at + 1, to + 1

    def _is_free_pair(self, at: int, to: int) -> bool:
        if not (0 <= at < len(self._a) and 0 <= to < len(self._b)):
            return False
        return self._of_a[at] is None and self._free_b[to] and self._a[at] == self._b[to]

    def _gaps(self) -> Iterator[tuple[int, int]]:
        """Stretches of `a` without a match."""
        start: int | None = None
        for at in range(len(self._a) + 1):
            if at < len(self._a) and self._of_a[at] is None:
                start = at if start is None else start
            elif start is not None:
                yield start, at
                start = None

    def _match_between(self) -> None:
        """Match what lies between the same two matches in both."""
        for start, end in list(self._gaps()):
            before = self._of_a[start - 1] if start else -1
            after = self._of_a[end] if end < len(self._a) else len(self._b)
            if before is None or after is None or after <= before:
                continue
            low, high = before + 1, after
            if (end - start) * (high - low) > _MOST_COMPARED:
                continue
            matcher = SequenceMatcher(None, self._a[start:end], self._b[low:high], autojunk=False)
            for block in matcher.get_matching_blocks():
                for step in range(block.size):
                    to = low + block.b + step
                    if self._free_b[to]:
                        self._of_a[start + block.a + step], self._free_b[to] = to, False

    def _match_left_over(self) -> None:
        """Match words that are left with the free ones like them, those nearest to their
        neighbours first: the cells of a table that was put in order."""
        for start, end in list(self._gaps()):
            near = self._of_a[start - 1] if start else 0
            for first, last in _words(self._a, start, end):
                to = self._nearest(self._a[first:last], near or 0)
                if to is not None:
                    for step in range(last - first):
                        self._of_a[first + step], self._free_b[to + step] = to + step, False
                    near = to

    def _nearest(self, word: str, near: int) -> int | None:
        places: list[int] = []
        at = self._b.find(word)
        while at >= 0 and len(places) < 200:
            if all(self._free_b[at : at + len(word)]):
                places.append(at)
            at = self._b.find(word, at + 1)
        return min(places, key=lambda place: abs(place - near), default=None)


def _words(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Stretches of letters and figures within `start:end`, and the stretches between them."""
    first = start
    for at in range(start + 1, end + 1):
        if at == end or text[at].isalnum() != text[at - 1].isalnum():
            yield first, at
            first = at
