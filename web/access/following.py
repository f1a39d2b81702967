"""What was granted about a collection follows its name, and goes with it."""

from __future__ import annotations

from web.access.store import AccessStore


def rights_of(store: AccessStore, collection: str) -> int:
    """How many people, groups and keys were granted something in the collection by its name."""
    rows = store.database.rows(
        "SELECT (SELECT count(*) FROM grants WHERE collection = ?) + "
        "(SELECT count(*) FROM scopes WHERE collection = ?)",
        (collection, collection),
    )
    return int(rows[0][0]) if rows else 0


def rename_rights(store: AccessStore, collection: str, new: str) -> None:
    """Move what was granted; what had been granted for the new name before goes, for it was meant
    for another collection."""
    if not store.database.exists():
        return
    with store.database.writing() as db:
        for table in ("grants", "scopes"):
            db.execute(f"DELETE FROM {table} WHERE collection = ?", (new,))
            db.execute(f"UPDATE {table} SET collection = ? WHERE collection = ?", (new, collection))


def forget_rights(store: AccessStore, collection: str) -> None:
    """Take back what was granted by name, so that a later collection of that name is nobody's."""
    if not store.database.exists():
        return
    with store.database.writing() as db:
        for table in ("grants", "scopes"):
            db.execute(f"DELETE FROM {table} WHERE collection = ?", (collection,))
