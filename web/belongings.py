"""A collection with all that refers to it: conversations, feedback and rights.

Made, renamed and removed here, so that the page, the API and the command line do the same. Knows
nothing of models: who makes a collection says for which embedder.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePath

from rag.config import Settings
from rag.errors import UsageError
from rag.store import Collection, list_collections, remove_collection, rename_collection
from rag.store.folder import UPLOADS, collection_folder
from rag.types import EmbedderInfo
from web.access.following import forget_rights, rename_rights, rights_of
from web.access.store import AccessStore
from web.conversations import FILE as CONVERSATIONS
from web.conversations import Conversations
from web.feedback import FILE as FEEDBACK
from web.feedback import Feedback


@dataclass(frozen=True, slots=True)
class Belongings:
    """What goes with a collection: documents and their bytes, of these the uploaded ones, whose
    only copy may be here; answers in conversations, opinions of answers, and rights by its name."""

    documents: int
    bytes: int
    uploads: int
    answers: int
    opinions: int
    rights: int


def belongings(settings: Settings, name: str) -> Belongings:
    """What would go with the collection. Raises CollectionError if there is none."""
    with Collection.open(settings, name) as opened:
        held = opened.documents()
    folder = (name, UPLOADS)
    uploads = sum(PurePath(info.path).parts[-3:-1] == folder for info in held)
    with _conversations(settings) as talks, _access(settings) as access:
        answers = talks.answers_about(name) if talks else 0
        rights = rights_of(access, name)
    opinions = Feedback(settings.home_dir / FEEDBACK).count(name)
    total = sum(info.bytes for info in held)
    return Belongings(len(held), total, uploads, answers, opinions, rights)


def create(settings: Settings, name: str, embedder: EmbedderInfo) -> None:
    """Make an empty collection. Raises UsageError if the name is taken or no name."""
    if collection_folder(settings, name).exists() or name in list_collections(settings):
        raise UsageError(f"there is a collection {name!r} already: choose another name")
    Collection.open(settings, name, embedder, create=True).close()


def rename(settings: Settings, name: str, new: str) -> None:
    """Give a collection another name, everywhere. Raises what `rename_collection` does."""
    rename_collection(settings, name, new)
    with _access(settings) as access:
        rename_rights(access, name, new)
    with _conversations(settings) as talks:
        if talks:
            talks.rename_collection(name, new)
    Feedback(settings.home_dir / FEEDBACK).rename_collection(name, new)


def remove(settings: Settings, name: str) -> None:
    """Delete a collection and what refers to it; of conversations the questions stay. Raises what
    `remove_collection` does."""
    remove_collection(settings, name)
    with _access(settings) as access:
        forget_rights(access, name)
    with _conversations(settings) as talks:
        if talks:
            talks.forget_collection(name)
    Feedback(settings.home_dir / FEEDBACK).forget(name)


def forget_documents(settings: Settings, collection: str, document_ids: list[str]) -> None:
    """Take what quotes removed documents out of conversations and feedback."""
    with _conversations(settings) as talks:
        if talks:
            talks.forget(collection, document_ids)
    Feedback(settings.home_dir / FEEDBACK).forget(collection, document_ids)


@contextmanager
def _conversations(settings: Settings) -> Iterator[Conversations | None]:
    path = settings.home_dir / CONVERSATIONS
    if not path.is_file():
        yield None
        return
    talks = Conversations(path)
    try:
        yield talks
    finally:
        talks.close()


@contextmanager
def _access(settings: Settings) -> Iterator[AccessStore]:
    store = AccessStore(settings.home_dir)
    try:
        yield store
    finally:
        store.close()
