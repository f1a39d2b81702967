"""`plumb text FILE`: what is read of one file, page by page, without a collection or a model.

Exit codes: 0 read, 1 the file cannot be read. Wrong usage is the caller's to end with 2.
"""

from __future__ import annotations

import sys
from pathlib import Path

from ingest.loaders import Losses, load
from rag.config import Settings
from rag.errors import DocumentError, UsageError
from rag.text.units import placed, unit_of


def print_text(settings: Settings, path: Path) -> int:
    """Print the text of the file at `path`, and on stderr what a reader of the file sees and the
    text does not hold; returns the exit code.

    Raises UsageError if there is no such file.
    """
    if not path.exists():
        raise UsageError(f"no such file: {path}")
    if path.is_dir():
        raise UsageError(f"{path} is a folder: give one file")
    losses = Losses()
    try:
        document = load(path, settings.ingest, losses)
    except DocumentError as err:
        print(f"plumb: {err}", file=sys.stderr)
        _complain(losses)
        return 1
    unit, count = unit_of(document.media_type), len(document.pages)
    for page in document.pages:
        if count > 1:
            print(f"--- {placed(unit, page.number, page.label, 'en', count)} ---")
        print(page.text)
    _complain(losses)
    return 0


def _complain(losses: Losses) -> None:
    for sentence in losses.sentences():
        print(sentence, file=sys.stderr)
