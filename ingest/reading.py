"""`plumb text FILE`: what is read of one file, page by page, without a collection or a model.

Exit codes: 0 read, 1 the file cannot be read. Wrong usage is the caller's to end with 2.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from ingest.documents import read_document
from ingest.files import read_stable
from ingest.loaders.limits import check_file_size
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
    try:
        check_file_size(path.name, path.stat().st_size, settings.ingest)
        reading = read_document(read_stable(path), path, settings.ingest)
    except DocumentError as err:
        _complain([f"plumb: {err}", *getattr(err, "__notes__", ())])
        return 1
    document = reading.document
    unit, count = unit_of(document.media_type), len(document.pages)
    for page in document.pages:
        if count > 1:
            print(f"--- {placed(unit, page.number, page.label, 'en', count)} ---")
        print(page.text)
    _complain(reading.missing)
    return 0


def _complain(sentences: Iterable[str]) -> None:
    for sentence in sentences:
        print(sentence, file=sys.stderr)
