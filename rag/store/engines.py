"""What is done with collections as a whole, by the engine that the settings choose.

Each engine's modules are imported where they are used, so that a list is quick.
"""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import TYPE_CHECKING

from rag.config import Settings

if TYPE_CHECKING:
    from rag.store.backup import Backup
    from rag.store.finding import Finding
    from rag.store.summary import Summary


def list_collections(settings: Settings) -> list[str]:
    """The names of all collections, sorted."""
    if settings.store.is_remote:
        from rag.store.remote import manage

        return manage.list_collections(settings)
    from rag.store import folder

    return folder.list_collections(settings)


def identity(settings: Settings, name: str) -> Hashable | None:
    """What tells this collection from another that had its name before; None if there is none."""
    if settings.store.is_remote:
        from rag.store.remote import manage

        return manage.life(settings, name)
    from rag.store import folder

    return folder.identity(settings, name)


def summarise(settings: Settings, name: str) -> Summary:
    """The collection in figures. Raises CollectionError if it is missing or cannot be read."""
    if settings.store.is_remote:
        from rag.store.remote import manage

        return manage.summarise(settings, name)
    from rag.store import summary

    return summary.summarise(settings, name)


def rename_collection(settings: Settings, name: str, new: str) -> None:
    """Give the collection `name` the name `new`.

    Raises CollectionError if there is no such collection, UsageError if `new` is taken or no name,
    CollectionBusy while one writes to either.
    """
    if settings.store.is_remote:
        from rag.store.remote import manage

        manage.rename_collection(settings, name, new)
        return
    from rag.store import rename

    rename.rename_collection(settings, name, new)


def remove_collection(settings: Settings, name: str) -> None:
    """Delete a collection with all it holds; a damaged one too.

    Raises CollectionError if there is none of that name, CollectionBusy while one writes to it.
    """
    if settings.store.is_remote:
        from rag.store.remote import manage

        manage.remove_collection(settings, name)
        return
    from rag.store import folder

    folder.remove_collection(settings, name)


def leave(settings: Settings, name: str) -> None:
    """Delete a collection that another engine keeps from now on. Files that lie here since before
    PostgreSQL kept uploads are not that engine's to delete."""
    if settings.store.is_remote:
        from rag.store.remote import manage

        manage.remove_collection(settings, name, uploads=False)
        return
    remove_collection(settings, name)


def check_collection(settings: Settings, name: str, *, repair: bool = False) -> list[Finding]:
    """What is wrong with the collection; nothing if all is well. With `repair` it is mended.

    Raises CollectionError if there is none of that name, CollectionBusy while another process
    writes to it and it is to be mended.
    """
    if settings.store.is_remote:
        from rag.store.remote import manage

        return manage.check_collection(settings, name, repair=repair)
    from rag.store import check

    return check.check_collection(settings, name, repair=repair)


def back_up(settings: Settings, name: str, target: Path) -> Backup:
    """Write the collection to a new file `target`, which either engine restores.

    Raises CollectionError if there is no such collection or no room, UsageError if `target` is
    there already; of a collection in PostgreSQL also CollectionBusy while someone writes to it.
    """
    if settings.store.is_remote:
        from rag.store.remote import backup

        return backup.back_up(settings, name, target)
    from rag.store import backup as embedded

    return embedded.back_up(settings, name, target)


def restore(
    settings: Settings, source: Path, name: str | None = None, *, replace: bool = False
) -> Backup:
    """Make a collection from a backup, under its old name or `name`; with `replace` in the place of
    the one there is.

    Raises CollectionError if the file is no backup or damaged, if there is such a collection and
    it is not to be replaced, or if it holds another embedder's vectors.
    """
    if settings.store.is_remote:
        from rag.store.remote import backup

        return backup.restore(settings, source, name, replace=replace)
    from rag.store import backup as embedded

    return embedded.restore(settings, source, name, replace=replace)
