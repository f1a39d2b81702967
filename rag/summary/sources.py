"""Documents of a collection -> what a summary takes of them."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence

from rag.errors import CollectionError, UsageError
from rag.store import Collection
from rag.summary.outline import Source
from rag.types import DocumentInfo, Event, Hit


def collection_sources(collection: Collection, keys: Sequence[str]) -> list[Source]:
    """The documents that the keys name, by id, file name or path, each once. Raises UsageError for
    a key that names none, or several."""
    documents = collection.documents()
    found = dict.fromkeys(_named(key, documents, collection.name) for key in keys)
    return [_source(collection, *named) for named in found]


def while_there(
    events: Iterator[Event], collection: Collection, sources: Sequence[Source]
) -> Generator[Event, None, None]:
    """The events as long as all of the documents are in the collection. Raises CollectionError at
    the first event after one was removed: what was told of it must not be kept."""
    for event in events:
        for source in sources:
            gone = source.hits and collection.by_id(source.hits[0].chunk.document_id) is None
            if gone:
                raise CollectionError(
                    f"{source.name!r} was removed from the collection {collection.name!r} while it "
                    "was being summarised"
                )
        yield event


def _named(key: str, documents: Sequence[DocumentInfo], collection: str) -> tuple[str, str]:
    """Id and name."""
    for field in ("document_id", "path", "name"):
        found = [info for info in documents if getattr(info, field) == key]
        if len(found) == 1:
            return found[0].document_id, found[0].name
        if found:
            ids = ", ".join(info.document_id for info in found)
            raise UsageError(f"{len(found)} documents are named {key!r}: give one of the ids {ids}")
    raise UsageError(
        f"the collection {collection!r} holds no document {key!r}; "
        f"`plumb collections show {collection}` lists what it holds"
    )


def _source(collection: Collection, document_id: str, name: str) -> Source:
    chunks = collection.document_chunks(document_id)
    names = collection.page_names(chunks)
    hits = []
    for chunk in chunks:
        unit, label = names[chunk.chunk_id]
        hits.append(Hit(chunk, name, 0.0, unit=unit, label=label))
    return Source(name, tuple(hits))
