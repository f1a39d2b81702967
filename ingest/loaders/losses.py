"""What a reader of a file sees and its extracted text does not hold: collected, then told.

Knows nothing of formats. Loaders add to it as they go; the receipt shows its sentences.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

_NAMED = 5


class Losses:
    """The losses of one file: a reason with the pages where it holds, or with a count. `unit` is
    what a page of the file is called."""

    def __init__(self) -> None:
        self.unit = "page"
        self._pages: dict[str, set[int]] = {}
        self._counts: Counter[tuple[str, str]] = Counter()
        self._sentences: dict[str, None] = {}

    def page(self, number: int, reason: str) -> None:
        """On page `number` (1-based) something is missing for `reason`."""
        self._pages.setdefault(reason, set()).add(number)

    def count(self, one: str, many: str, times: int = 1) -> None:
        """Something is missing `times` times: `one` and `many` name it, as in "picture without
        text" and "pictures without text"."""
        self._counts[one, many] += times

    def add(self, sentence: str) -> None:
        """A loss in words of its own."""
        self._sentences[sentence] = None

    def files(self, names: Iterable[str], what: str = "attachment") -> None:
        """Files within the file, which are not read."""
        named = sorted(set(names))
        if named:
            count = f"1 {what}" if len(named) == 1 else f"{len(named)} {what}s"
            more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
            self.add(f"{count} not read: {', '.join(named[:_NAMED])}{more}")

    def sentences(self) -> tuple[str, ...]:
        """One sentence for each reason, those with pages first."""
        paged = [
            f"{_page_list(pages, self.unit)}: {reason}" for reason, pages in self._pages.items()
        ]
        counted = [
            f"{times:,} {one if times == 1 else many}"
            for (one, many), times in self._counts.items()
            if times
        ]
        return (*paged, *counted, *self._sentences)


def _page_list(pages: Iterable[int], unit: str) -> str:
    """ "page 7" or "pages 1, 3-5"."""
    ordered = sorted(pages)
    if len(ordered) == 1:
        return f"{unit} {ordered[0]}"
    parts: list[str] = []
    first = last = ordered[0]
    for number in [*ordered[1:], -1]:
        if number == last + 1:
            last = number
            continue
        parts.append(str(first) if first == last else f"{first}-{last}")
        first = last = number
    return f"{unit}s {', '.join(parts)}"
