"""Files within a file (members of an archive, attachments of a mail) -> pages of the whole.

Each is read as it would be by itself. What cannot be read is said, and costs the others nothing.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import replace
from textwrap import shorten

from ingest.loaders import Unsupported, file_kind, load_safely
from ingest.loaders.limits import check_file_size, check_text_size
from ingest.loaders.losses import Losses
from ingest.loaders.nesting import DEEPEST, Nesting
from ingest.loaders.packed import unpacked
from rag.config import IngestSettings
from rag.errors import DocumentError
from rag.types import Page

_LONGEST_REASON = 300


class Contained:
    """Collects the pages of the files within the file `name`. `what` is what one is called."""

    def __init__(
        self, name: str, what: str, limits: IngestSettings, losses: Losses, nesting: Nesting
    ) -> None:
        self.pages: list[Page] = []
        self._name, self._what = name, what
        self._limits, self._losses, self._nesting = limits, losses, nesting
        self._unread: list[str] = []

    def read(self, files: Iterable[tuple[str, int, Callable[[], bytes | None]]]) -> None:
        """Read files given as name, size and a function that gives their bytes."""
        for name, size, content in files:
            try:
                self._add(name, size, content)
            except DocumentError as err:
                short = name.rpartition("/")[2]
                reason = str(err).removeprefix(f"{short}: ").removeprefix(f"{short} ")
                self._unread.append(f"{name} ({shorten(reason, _LONGEST_REASON)})")
            check_text_size(self._name, sum(len(page.text) for page in self.pages), self._limits)
        self._losses.files(self._unread, self._what)

    def _add(self, name: str, size: int, content: Callable[[], bytes | None]) -> None:
        if self._nesting.level >= DEEPEST:
            raise DocumentError("lies in too many archives, one within the other")
        check_file_size(name, size, self._limits)
        self._nesting.count(self._name, size, self._limits)
        data = content()
        if data is None:
            raise DocumentError("damaged or locked")
        data, short = unpacked(data, name.rpartition("/")[2], self._limits)
        kind = file_kind(io.BytesIO(data), short)
        if isinstance(kind, Unsupported):
            raise DocumentError(kind.reason)
        losses = Losses()
        pages = load_safely(kind, data, short, self._limits, losses, self._nesting.within())
        for sentence in losses.sentences():
            self._losses.add(f"{name}: {sentence}")
        for page in pages:
            label = _label(name, page, len(pages))
            self.pages.append(replace(page, number=len(self.pages) + 1, label=label))


def _label(name: str, page: Page, count: int) -> str:
    """What a page of a contained file is called: "plans/report.pdf, 3/12"."""
    if page.label:
        return f"{name}, {page.label}"
    return f"{name}, {page.number}/{count}" if count > 1 else name
