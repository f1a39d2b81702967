"""What is done with collections as a whole, by the engine that the settings choose.

Each engine's modules are imported where they are used, so that a list is quick.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from rag.config import Settings
from rag.errors import UsageError

if TYPE_CHECKING:
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
    """Delete a collection that another engine keeps from now on: all but its uploads."""
    if settings.store.is_remote:
        from rag.store.remote import manage

        manage.remove_collection(settings, name, uploads=False)
        return
    from rag.store import folder

    folder.remove_database(settings, name)


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


def require_embedded(settings: Settings, what: str, mend: str) -> None:
    """Raise UsageError with the mend if collections are kept elsewhere than in the home."""
    if settings.store.is_remote:
        raise UsageError(f"{what} works on collections in the home, not in PostgreSQL: {mend}")
