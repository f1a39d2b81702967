"""The collection that a run asks: made from the documents that came with the data, or checked.

A collection made here is named `eval-` and a digest of its documents and settings, so that the
next run on the same documents finds it ready; `plumb collections remove` clears it away.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from eval.errors import DataError
from eval.types import Dataset, Example
from rag.config import Settings

PREFIX = "eval-"
"""What the names of these collections begin with; the page does not offer them."""
NAMED = 5
"""So many missing documents are named in a message."""

Progress = Callable[[str, int, int], None]


def prepare_collection(
    dataset: Dataset, paths: Sequence[Path], settings: Settings, progress: Progress
) -> Settings:
    """Ingest the data's own documents, or the files and folders at `paths`; the settings returned
    name the collection. Raises DataError when a path is missing or nothing could be read."""
    missing = [p for p in paths if not p.exists()]
    if missing:
        raise DataError(f"--documents {missing[0]} does not exist")
    total = hashlib.sha256()
    for part in (settings.embedder, settings.chunking):
        total.update(part.model_dump_json().encode())
    for name, data in _contents(dataset, paths):
        total.update(name.encode() + b"\0" + hashlib.sha256(data).digest())
    name = f"{PREFIX}{total.hexdigest()[:12]}"
    own = settings.model_copy(update={"collection": name})
    given = paths or [_written(dataset, settings.home_dir / "eval" / "documents" / name)]
    _ingest(given, own, progress)
    return own


def check_documents(settings: Settings, examples: Sequence[Example]) -> list[str]:
    """Remarks on evidence whose documents the collection lacks.

    Raises DataError when it lacks all of them, CollectionError when there is no collection.
    """
    from rag.store import Collection

    with Collection.open(settings, settings.collection) as collection:
        held = {info.name for info in collection.documents()}
    wanted = {Path(e.document).name for x in examples for e in x.evidence}
    lacking = sorted(wanted - held)
    if not lacking:
        return []
    shown = ", ".join(lacking[:NAMED]) + (", …" if len(lacking) > NAMED else "")
    if len(lacking) == len(wanted):
        raise DataError(
            f"the collection {settings.collection!r} holds none of the {len(wanted)} documents "
            f"that the questions' evidence names ({shown}): name them with --documents, or "
            "ingest them with `plumb ingest`"
        )
    return [f"the collection {settings.collection!r} lacks {len(lacking)} documents: {shown}"]


def _contents(dataset: Dataset, paths: Sequence[Path]) -> Iterable[tuple[str, bytes]]:
    if not paths:
        return [(d.name, d.text.encode()) for d in dataset.documents]
    files = sorted(f for p in paths for f in ([p] if p.is_file() else p.rglob("*")) if f.is_file())
    return [(f.name, f.read_bytes()) for f in files]


def _written(dataset: Dataset, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for document in dataset.documents:
        path = folder / document.name
        if not path.exists() or path.read_text(encoding="utf-8") != document.text:
            path.write_text(document.text, encoding="utf-8", newline="")
    return folder


def _ingest(paths: Sequence[Path], settings: Settings, progress: Progress) -> None:
    from ingest.pipeline import Progress as Step
    from ingest.pipeline import ingest
    from rag.models.embedder import load_embedder
    from rag.store import Collection

    embedder = load_embedder(settings)

    def step(state: Step) -> None:
        progress("documents", state.files_done, state.files_total)

    with Collection.open(settings, settings.collection, embedder.info, create=True) as collection:
        receipt = ingest(paths, collection, embedder, settings, step)
        if receipt.interrupted:
            raise KeyboardInterrupt
        if not collection.documents():
            raise DataError(f"no document could be read from {', '.join(map(str, paths))}")
