"""A collection -> what is wrong with it, and what was mended.

The database is the truth: what is derived from it is made anew. A document whose rows contradict
each other is taken out, and the next `plumb ingest` reads it again.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from rag.config import Settings
from rag.errors import CollectionBusy, CollectionError
from rag.store import keywords, rows
from rag.store.database import SCHEMA_VERSION, explained, open_database, transaction
from rag.store.embedded import EmbeddedCollection
from rag.store.finding import Finding
from rag.store.folder import DATABASE, collection_folder, missing, write_lock
from rag.store.inspect import Damage, delete_orphans, inspect
from rag.store.migrate import migrate, schema_version
from rag.store.salvage import salvage
from rag.store.settle import delete_index


def check_collection(settings: Settings, name: str, *, repair: bool = False) -> list[Finding]:
    """What is wrong with the collection; nothing if all is well. With `repair` it is mended.

    Raises CollectionError if there is none of that name, CollectionBusy while another process
    writes to it and it is to be mended.
    """
    path = collection_folder(settings, name) / DATABASE
    if not path.is_file():
        raise missing(settings, name)
    findings: list[Finding] = []
    try:
        version = schema_version(path)
        if version < SCHEMA_VERSION:
            text = f"its format is {version}, this Plumbline reads {SCHEMA_VERSION}"
            if not repair:
                return [Finding(text)]
            migrate(path)
            findings.append(Finding(text, mended=True))
        damage = _inspect(settings, name)
        if damage.file and repair:
            findings += _salvaged(settings, name)
            damage = _inspect(settings, name)
        if repair and not damage.file:
            _mend(settings, name, damage)
        findings += [Finding(text, mended=repair and not damage.file) for text in _told(damage)]
    except CollectionBusy:
        raise
    except CollectionError as err:
        findings.append(Finding(str(err)))
    return findings


def _inspect(settings: Settings, name: str) -> Damage:
    folder = collection_folder(settings, name)
    with explained(folder / DATABASE):
        connection = open_database(folder / DATABASE)
        try:
            damage = inspect(connection, folder)
            if _is_written_to(folder):  # its index and drafts are still to be settled
                damage.index, damage.leftovers = "", []
            return damage
        except sqlite3.DatabaseError as err:
            return Damage(file=[str(err)])
        finally:
            connection.close()


def _is_written_to(folder: Path) -> bool:
    try:
        with write_lock(folder, patience_s=0):
            return False
    except CollectionBusy:
        return True
    except CollectionError:  # nobody can write here
        return False


def _told(damage: Damage) -> Iterator[str]:
    for fault in damage.file:
        yield f"the database is damaged: {fault}"
    for document_id, reason in damage.broken.items():
        yield f"document {document_id}: {reason}; taken out by a repair, to be read again"
    for table, count in damage.orphans.items():
        yield f"{count:,} rows of {table} belong to nothing"
    if damage.keywords:
        yield damage.keywords
    if damage.index:
        yield f"{damage.index}; it is made from the database"
    for path in damage.leftovers:
        yield f"{path.name} was left by a run that was killed"


def _mend(settings: Settings, name: str, damage: Damage) -> None:
    folder = collection_folder(settings, name)
    if damage.index:
        delete_index(folder)
    rows_change = bool(damage.broken or damage.orphans or damage.keywords)
    if not (rows_change or damage.index or damage.leftovers):
        return
    with EmbeddedCollection.open(settings, name) as collection, collection.writing() as connection:
        for path in damage.leftovers:
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        if rows_change:
            with transaction(connection):
                for document_id in damage.broken:
                    rows.delete_document(connection, document_id)
                delete_orphans(connection)
                keywords.rebuild(connection)


def _salvaged(settings: Settings, name: str) -> Iterator[Finding]:
    """Copy what can be read of a damaged database into a new one."""
    folder = collection_folder(settings, name)
    kept, lost = salvage(folder)
    yield Finding(
        f"the database was damaged: {kept:,} documents were saved into a new one, the old one is "
        f"{DATABASE}.damaged",
        mended=True,
    )
    for path in lost:
        yield Finding(f"{path} could not be saved; read it again with plumb ingest", mended=True)
