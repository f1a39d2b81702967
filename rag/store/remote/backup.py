"""A collection in PostgreSQL and Milvus -> the same file that one in the home makes, and back.

It is carried through a home of its own in a temporary folder, document after document and compared
row for row, so that either engine restores what the other backed up.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rag.config import Settings, StoreSettings
from rag.errors import CollectionError
from rag.store import backup
from rag.store.backup import Backup
from rag.store.collection import Collection
from rag.store.engines import identity, remove_collection, rename_collection
from rag.store.move import carry_collection
from rag.store.reader import other_embedder, same_vectors


def back_up(settings: Settings, name: str, target: Path) -> Backup:
    """As `rag.store.engines.back_up`; nobody writes to the collection meanwhile."""
    backup.check_target(target)
    with _home(settings, target.parent) as home:
        carry_collection(settings, home, name)
        return backup.back_up(home, name, target)


def restore(
    settings: Settings, source: Path, name: str | None = None, *, replace: bool = False
) -> Backup:
    """As `rag.store.engines.restore`. Where it replaces a collection, readers see that one until
    all is there."""
    with _home(settings) as home:
        made = backup.restore(home, source, name)
        there = identity(settings, made.name) is not None
        if there and not replace:
            raise backup.is_there(made.name)
        if there:
            with (
                Collection.open(settings, made.name) as held,
                Collection.open(home, made.name) as b,
            ):
                if not same_vectors(held.info, b.info):
                    raise CollectionError(other_embedder(made.name, held.info, b.info))
        draft = f"{made.name[:40]}.{secrets.token_hex(4)}" if there else made.name
        carry_collection(home, settings, made.name, draft)
        if there:
            remove_collection(settings, made.name)
            rename_collection(settings, draft, made.name)
        return made


@contextmanager
def _home(settings: Settings, folder: Path | None = None) -> Iterator[Settings]:
    """The same settings with an empty home, in `folder` if given, and collections in it."""
    try:
        with tempfile.TemporaryDirectory(prefix=".plumb-", dir=folder) as made:
            yield settings.model_copy(update={"home": Path(made), "store": StoreSettings()})
    except OSError as err:
        raise CollectionError(f"{err}; make room, or check the rights of the folder") from err
