"""A collection under another name, while readers go on and no writer is at work.

The copies of uploads lie in the collection's folder and are known by their paths, so that these
change with it.
"""

from __future__ import annotations

from contextlib import closing

from rag.config import Settings
from rag.errors import CollectionError, UsageError
from rag.store.database import explained, open_database
from rag.store.folder import DATABASE, UPLOADS, collection_folder, flush, missing, write_lock


def rename_collection(settings: Settings, name: str, new: str) -> None:
    """Give the collection `name` the name `new`.

    Raises CollectionError if there is no such collection, UsageError if `new` is taken or no name,
    CollectionBusy while one writes to either.
    """
    folder, target = collection_folder(settings, name), collection_folder(settings, new)
    if not (folder / DATABASE).is_file():
        raise missing(settings, name)
    if target.exists():
        raise UsageError(f"there is a collection {new!r} already: choose another name")
    then, now = str((folder / UPLOADS).resolve()), str((target / UPLOADS).resolve())
    with write_lock(folder), write_lock(target), explained(folder / DATABASE):
        with closing(open_database(folder / DATABASE)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(
                "UPDATE paths SET path = ? || substr(path, ?) WHERE substr(path, 1, ?) = ?",
                (now, len(then) + 1, len(then) + 1, f"{then}/"),
            )
            try:
                folder.rename(target)
            except OSError as err:
                connection.execute("ROLLBACK")
                raise CollectionError(
                    f"collection {name!r} cannot be renamed: {err}; check the rights of "
                    f"{settings.collections_dir}"
                ) from err
            connection.execute("COMMIT")
        flush(settings.collections_dir)
