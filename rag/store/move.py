"""A collection from one engine to the other, verified row for row before it leaves the first.

Both are locked for writing meanwhile. What is interrupted is taken up again by the same command.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from rag.config import Settings, StoreSettings
from rag.errors import CollectionError, UsageError
from rag.store.collection import Collection
from rag.store.contract import sha256_of
from rag.store.engines import check_collection, identity, leave
from rag.store.whole import Whole
from rag.types import DocumentInfo

Engine = Literal["embedded", "remote"]


@dataclass(frozen=True, slots=True)
class Moved:
    """What was carried and compared."""

    documents: int
    chunks: int


def move_collection(
    settings: Settings,
    name: str,
    to: Engine,
    *,
    keep: bool = False,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> Moved:
    """Carry the collection to the other engine, its uploaded files too, and compare both; then,
    unless `keep`, delete it where it was. `report` is told documents done, of how many.

    Raises UsageError if the settings name no PostgreSQL and Milvus, or another collection has that
    name there; CollectionError if there is none of that name, or the two differ in the end.
    """
    if not settings.store.is_remote:
        raise UsageError("set store.postgres and store.milvus: plumb migrate works between them")
    home = settings.model_copy(update={"store": StoreSettings()})
    source, target = (home, settings) if to == "remote" else (settings, home)
    moved = carry_collection(source, target, name, report=report)
    if not keep:
        leave(source, name)
    return moved


def carry_collection(
    source: Settings,
    target: Settings,
    name: str,
    new: str | None = None,
    *,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> Moved:
    """Carry the collection to where the other settings keep theirs, by the name `new` there, and
    compare both. What is carried already is not carried again.

    Raises what `move_collection` does.
    """
    new = new or name
    with ExitStack() as stack:
        first = stack.enter_context(Collection.open(source, name))
        stack.enter_context(first.writing())
        held = sorted(first.documents(), key=lambda info: (info.added_at, info.path))
        made = target.model_copy(update={"chunking": first.chunking})
        is_new = identity(target, new) is None
        second = stack.enter_context(Collection.open(made, new, first.info, create=True))
        _check_target(new, held, second, is_new=is_new)
        with second.writing():
            for done, info in enumerate(held):
                report(done, len(held))
                _carry(first, second, info.document_id)
        moved = _compare(first, second, held)
    wrong = check_collection(target, new)
    if wrong:
        raise CollectionError(
            f"collection {name!r} is not whole where it was moved to, and stays where it was: "
            + "; ".join(finding.text for finding in wrong)
        )
    return moved


def _check_target(name: str, held: list[DocumentInfo], second: Collection, *, is_new: bool) -> None:
    """Refuse a collection that is there already, unless a move that was interrupted left it."""
    known = {info.document_id for info in held}
    there = second.documents()
    others = sum(info.document_id not in known for info in there)
    if others or (not is_new and not there and held and second.generation):
        raise UsageError(
            f"there is another collection {name!r} already where this one is to go: rename or "
            "remove it there first"
        )


def _carry(first: Collection, second: Collection, document_id: str) -> None:
    whole = _placed(first, second, document_id)
    assert whole is not None  # it is locked
    if second.by_id(document_id) is not None and second.whole(document_id) != whole:
        second.remove(document_id)
    second.add_whole(whole)
    for place in whole.places:
        if Path(place.path) == second.upload_path(place.name) and (file := first.file(document_id)):
            with file:
                second.keep_file(Path(place.path), file)


def _placed(first: Collection, second: Collection, document_id: str) -> Whole | None:
    """The document as the second collection has to keep it: uploads are known by its paths."""
    whole = first.whole(document_id)
    if whole is None:
        return None
    places = [
        replace(place, path=str(second.upload_path(place.name)))
        if Path(place.path) == first.upload_path(place.name)
        else place
        for place in whole.places
    ]
    return replace(whole, places=tuple(sorted(places, key=lambda place: place.path)))


def _compare(first: Collection, second: Collection, held: list[DocumentInfo]) -> Moved:
    """Count what is the same in both. Raises CollectionError if anything is not."""
    known = {info.document_id for info in held}
    if known != {info.document_id for info in second.documents()}:
        raise _differs(first.name, "the lists of documents")
    chunks = 0
    for info in held:
        whole = _placed(first, second, info.document_id)
        if whole is None or whole != second.whole(info.document_id):
            raise _differs(first.name, f"the rows of {info.path}")
        _compare_files(first, second, info)
        chunks += len(whole.chunks)
    return Moved(len(held), chunks)


def _compare_files(first: Collection, second: Collection, info: DocumentInfo) -> None:
    """Raises CollectionError if a file is to be had of the first collection alone, or differs."""
    for collection in (first, second):
        file = collection.file(info.document_id)
        if file is None:
            if collection is second:
                raise _differs(first.name, f"the file of {info.path}")
            return
        with file:
            if sha256_of(file) != info.document_id:
                raise _differs(first.name, f"the file of {info.path}")


def _differs(name: str, what: str) -> CollectionError:
    return CollectionError(
        f"collection {name!r} stays where it was: {what} differ where it was moved to; run the "
        "same command again, and tell of it if that does not help"
    )
