"""A collection with all that refers to it: conversations, feedback and rights.

Made, renamed and removed here, so that the page, the API and the command line do the same. Knows
nothing of models: who makes a collection says for which embedder.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from rag.config import Settings
from rag.errors import UsageError
from rag.store import Collection, list_collections, remove_collection, rename_collection
from rag.store.folder import collection_folder
from rag.types import EmbedderInfo
from web.access.following import forget_rights, rename_rights, rights_of
from web.access.store import AccessStore
from web.conversations import Conversations
from web.feedback import Feedback
from web.state import kept_in


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
        uploads = sum(info.path == str(opened.upload_path(info.name)) for info in held)
    with _kept(settings) as (talks, feedback, access):
        answers = talks.answers_about(name)
        opinions = feedback.count(name)
        rights = rights_of(access, name)
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
    with _kept(settings) as (talks, feedback, access):
        rename_rights(access, name, new)
        talks.rename_collection(name, new)
        feedback.rename_collection(name, new)


def remove(settings: Settings, name: str) -> None:
    """Delete a collection and what refers to it; of conversations the questions stay. Raises what
    `remove_collection` does."""
    remove_collection(settings, name)
    with _kept(settings) as (talks, feedback, access):
        forget_rights(access, name)
        talks.forget_collection(name)
        feedback.forget(name)


def forget_documents(settings: Settings, collection: str, document_ids: list[str]) -> None:
    """Take what quotes removed documents out of conversations and feedback."""
    with _kept(settings) as (talks, feedback, _):
        talks.forget(collection, document_ids)
        feedback.forget(collection, document_ids)


@contextmanager
def _kept(settings: Settings) -> Iterator[tuple[Conversations, Feedback, AccessStore]]:
    """What refers to collections, closed at the end."""
    kept = kept_in(settings)
    with (
        closing(Conversations(kept)) as talks,
        closing(Feedback(kept)) as opinions,
        closing(AccessStore(kept)) as access,
    ):
        yield talks, opinions, access
