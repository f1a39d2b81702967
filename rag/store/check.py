"""A collection -> what is wrong with it, and what was mended.

The database is the truth: what is derived from it is made anew.
"""

from __future__ import annotations

from dataclasses import dataclass

from rag.config import Settings
from rag.errors import CollectionBusy, CollectionError
from rag.store.collection import Collection
from rag.store.database import SCHEMA_VERSION
from rag.store.folder import DATABASE, collection_folder, missing
from rag.store.migrate import migrate, schema_version


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, and whether it is mended now."""

    text: str
    mended: bool = False


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
        with Collection.open(settings, name) as collection:
            collection.documents()
    except CollectionBusy:
        raise
    except CollectionError as err:
        findings.append(Finding(str(err)))
    return findings
