"""Which documents of a collection lie no longer in the folders that are read.

Knows nothing of reading or storing. Where a folder could not be looked into, nothing under it
counts as vanished: what is not seen need not be gone.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from ingest.files import Found
from ingest.ignore import IGNORED
from ingest.receipt import FileResult
from rag.types import Place


def find_vanished(
    places: Iterable[Place], roots: Sequence[Path], entries: Iterable[Found | FileResult]
) -> list[Place]:
    """Those of `places` that lie under `roots` (resolved folders) and are not among `entries`,
    which are what the folders hold now: files that are no more, or are ignored by now. One that is
    passed over for another reason, being hidden, was named outright when it was read, and stays."""
    present: set[str] = set()
    unseen: list[Path] = []
    ignored: list[Path] = []
    for entry in entries:
        if isinstance(entry, Found):
            present.add(str(entry.real))
        elif entry.change == "failed":
            unseen.append(Path(os.path.realpath(entry.path)))
        elif entry.reason.startswith(IGNORED):
            ignored.append(Path(os.path.realpath(entry.path)))
    missed = (place for place in places_under(places, roots) if place.path not in present)
    lost = ((place, Path(place.path)) for place in missed)
    return [
        place
        for place, path in lost
        if not _is_under(path, unseen) and (_is_under(path, ignored) or not path.exists())
    ]


def places_under(places: Iterable[Place], roots: Sequence[Path]) -> list[Place]:
    """Those of `places` that lie in one of the folders `roots`, at any depth."""
    return [place for place in places if _is_under(Path(place.path), roots)]


def emptied(places: Iterable[Place], gone: Iterable[Place], roots: Sequence[Path]) -> list[Path]:
    """Those of `roots` of which every document is among `gone`: a share that is not mounted, a
    disk taken out, a folder that was moved."""
    held = list(places)
    lost = {place.path for place in gone}
    return [
        root
        for root in roots
        if (under := places_under(held, [root])) and all(p.path in lost for p in under)
    ]


def _is_under(path: Path, folders: Sequence[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)
