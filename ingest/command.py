"""The command's body, shared by `plumb ingest` and `python -m ingest`: progress bar and receipt.

Exit codes: 0 done (what was skipped counts as done), 1 something failed while the rest went on, or
the run was interrupted.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from ingest.pipeline import Progress, Prune, ingest, remove
from ingest.receipt import Receipt, format_receipt, receipt_json
from ingest.workers import Workers
from rag.config import Settings
from rag.errors import CollectionError, UsageError
from rag.seams import Embedder
from rag.store import Collection
from rag.types import DocumentInfo

Forget = Callable[[Sequence[str]], None]
"""Takes the ids of documents that are gone."""


def run_ingest(
    settings: Settings,
    paths: Sequence[Path],
    remove_keys: Sequence[str],
    *,
    as_json: bool = False,
    prune: Prune = "no",
    ignore: Sequence[str] = (),
    watch: bool = False,
    ray: str = "",
    forget: Forget = lambda _: None,
) -> int:
    """Remove the documents that `remove_keys` name, then read `paths`; returns the exit code.
    `prune` says what becomes of documents that are no longer in the folders, `ignore` which paths
    in them to pass over. With `watch` the folders are followed until someone ends it. `ray` is the
    address of a Ray cluster whose nodes read and embed; empty: this machine does. `forget` is told
    the ids of the documents that are gone, for those who quote them.

    Works on the collection `settings.collection`, which is made if there are paths to read. The
    receipt goes to stdout, the progress bar to stderr if that is a terminal. Raises UsageError if
    there is nothing to do, and PlumbError where nothing at all can be done.
    """
    if not paths and not remove_keys:
        raise UsageError("nothing to do: give files or folders to read, or --remove FILE")
    if paths and not any(path.exists() for path in paths):
        named = ", ".join(map(str, paths))
        raise UsageError(f"no such file or folder: {named}; nothing was read or made")
    if watch:
        return _follow(settings, paths, ignore, prune, forget, as_json=as_json)
    removed, failures = _remove_all(settings, remove_keys)
    receipt = _read_all(settings, paths, prune, ignore, ray) if paths else None
    gone = [one.info.document_id for one in removed if not one.stays]
    forget([*gone, *(receipt.gone if receipt else ())])
    if as_json:
        print(json.dumps(_as_json(settings, removed, failures, receipt), ensure_ascii=False))
    else:
        _print_receipt(removed, failures, receipt)
    stopped = receipt is not None and (receipt.interrupted or receipt.failed)
    return 1 if failures or stopped else 0


@dataclass(frozen=True, slots=True)
class _Removed:
    """What was removed, and where the same bytes still lie ("": nowhere)."""

    info: DocumentInfo
    stays: str


def _remove_all(settings: Settings, keys: Sequence[str]) -> tuple[list[_Removed], list[str]]:
    """What was removed, and a sentence for each key that named none."""
    removed: list[_Removed] = []
    failures: list[str] = []
    if keys:
        with Collection.open(settings, settings.collection) as collection, collection.writing():
            for key in keys:
                try:
                    info = remove(collection, key)
                except CollectionError as err:
                    failures.append(str(err))
                    continue
                left = collection.by_id(info.document_id)
                removed.append(_Removed(info, left.path if left else ""))
    return removed, failures


def _follow(
    settings: Settings,
    paths: Sequence[Path],
    ignore: Sequence[str],
    prune: Prune,
    forget: Forget,
    *,
    as_json: bool,
) -> int:
    from ingest.watch import follow

    missing = [str(path) for path in paths if not path.is_dir()]
    if missing or not paths:
        named = ", ".join(missing) or "nothing"
        raise UsageError(f"--watch follows folders, and {named} is none")
    with _opened(settings) as (collection, embedder):
        follow(
            paths,
            collection,
            embedder,
            settings,
            ignore=ignore,
            prune="all" if prune == "all" else "yes",
            as_json=as_json,
            forget=forget,
        )
    return 0


def _read_all(
    settings: Settings, paths: Sequence[Path], prune: Prune, ignore: Sequence[str], ray: str
) -> Receipt:
    if ray:
        from ingest.cluster import check_head, connect

        check_head(ray)
    with ExitStack() as stack:
        collection, embedder = stack.enter_context(_opened(settings))
        workers: Workers | None = None
        if ray:
            workers = stack.enter_context(connect(ray, embedder.info, settings))
        show = stack.enter_context(progress_bar())
        return ingest(paths, collection, embedder, settings, show, prune, ignore, workers=workers)


@contextmanager
def _opened(settings: Settings) -> Iterator[tuple[Collection, Embedder]]:
    """The collection, made if need be, and the embedder."""
    from rag.models.embedder import load_embedder

    embedder = load_embedder(settings)
    name = settings.collection
    with Collection.open(settings, name, embedder.info, create=True) as collection:
        if collection.chunking != settings.chunking:
            made = collection.chunking
            print(
                f"Collection {name!r} was made with chunks of {made.max_tokens} tokens and an "
                f"overlap of {made.overlap_tokens}, and goes on so: the settings differ.",
                file=sys.stderr,
            )
        yield collection, embedder


@contextmanager
def progress_bar() -> Iterator[Callable[[Progress], None]]:
    """A bar on stderr with rate and remaining time; silent where stderr is no terminal."""
    from tqdm import tqdm

    form = "{percentage:3.0f}%|{bar}| {desc}"
    with tqdm(total=1.0, bar_format=form, disable=not sys.stderr.isatty(), leave=False) as bar:

        def show(progress: Progress) -> None:
            bar.n = progress.fraction
            bar.set_description_str(_describe(progress), refresh=True)

        yield show


def _describe(progress: Progress) -> str:
    left = "" if progress.remaining_s is None else f", {_clock(progress.remaining_s)} left"
    return (
        f"{progress.files_done}/{progress.files_total} files, {progress.chunks_done:,} chunks, "
        f"{progress.chunks_per_second:.1f}/s{left}: {progress.name[:40]}"
    )


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _print_receipt(
    removed: Sequence[_Removed], failures: Sequence[str], receipt: Receipt | None
) -> None:
    for gone in removed:
        line = f"removed    {gone.info.path}  ({gone.info.chunks:,} chunks)"
        print(f"{line}: the same content stays as {gone.stays}" if gone.stays else line)
    for failure in failures:
        print(f"failed     {failure}")
    if receipt is not None:
        print(format_receipt(receipt))


def _as_json(
    settings: Settings,
    removed: Sequence[_Removed],
    failures: Sequence[str],
    receipt: Receipt | None,
) -> dict[str, object]:
    return {
        "collection": settings.collection,
        "removed": [
            {"document_id": gone.info.document_id, "path": gone.info.path, "stays": gone.stays}
            for gone in removed
        ],
        "not_removed": list(failures),
        **(receipt_json(receipt) if receipt is not None else {}),
    }
