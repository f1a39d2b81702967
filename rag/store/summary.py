"""A collection's name -> how much it holds, without opening an index or reading a document."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

from rag.config import Settings
from rag.store.database import explained, open_database, read_embedder
from rag.store.folder import DATABASE, collection_folder, missing


@dataclass(frozen=True, slots=True)
class Summary:
    """How much a collection holds, and the name of the embedder that made its vectors."""

    name: str
    documents: int
    chunks: int
    embedder: str


def summarise(settings: Settings, name: str) -> Summary:
    """The collection in figures. Raises CollectionError if it is missing or cannot be read."""
    path = collection_folder(settings, name) / DATABASE
    if not path.is_file():
        raise missing(settings, name)
    with explained(path), closing(open_database(path)) as connection:
        documents, chunks = (
            int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
            for table in ("documents", "chunks")
        )
        return Summary(name, documents, chunks, read_embedder(connection).name)
