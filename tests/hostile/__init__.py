"""Files that were made to do harm, or look so: what a shared drive may hold.

    python -m tests.hostile FOLDER

writes them there, for a look at the receipt.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from tests.hostile import archives, pdfs, places, texts
from tests.hostile.kinds import Trap


def traps() -> Iterator[Trap]:
    """All files that are hostile by what they hold."""
    return chain(pdfs.traps(), archives.traps(), texts.traps())


def write_all(folder: Path) -> list[str]:
    """Write all files into `folder`; returns the names of those that are hostile by name or
    place."""
    for trap in traps():
        (folder / trap.name).write_bytes(trap.make())
    return places.lay(folder)
