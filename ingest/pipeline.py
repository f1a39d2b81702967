"""Files and folders -> documents in a collection, with a receipt of what became of each.

A file is read whole, recognised, loaded, cut into chunks; the chunks of several files are embedded
together; each document enters the collection in one transaction of its own. So a run that is
interrupted leaves whole documents only, and the next run takes up where it stopped. A file whose
stamp is the one noted is not opened; the same bytes in a new place are not embedded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path

from ingest.patience import Patience
from ingest.receipt import Receipt
from ingest.run import Progress, Prune, Run, Stage
from ingest.workers import LocalWorkers, Workers
from rag.config import Settings
from rag.errors import ClusterError
from rag.seams import Embedder
from rag.store import Collection
from rag.types import DocumentInfo

__all__ = ["Progress", "Prune", "Stage", "ingest", "remove"]


def ingest(
    paths: Iterable[Path],
    collection: Collection,
    embedder: Embedder,
    settings: Settings,
    progress: Callable[[Progress], None] | None = None,
    prune: Prune = "no",
    ignore: Sequence[str] = (),
    patience: Patience | None = None,
    known_as: Callable[[Path], Path] = lambda real: real,
    workers: Workers | None = None,
) -> Receipt:
    """Read files and folders into an open collection, but for what patterns as in a .gitignore say.

    What fails is a result, and the others go on. A file whose bytes the collection knows is not
    loaded, let alone embedded. What has vanished from the folders is named, and removed if `prune`
    says so. With `patience` what is not still yet is left for a later run, and so is the removal of
    what vanished just now; what is as it was is not among the results. `known_as` gives the path
    under which the collection knows a file, where that is not its own. `workers` read and embed in
    place of this process.

    Ctrl-C ends the run with the receipt so far, `interrupted` set. Raises CollectionBusy if another
    process writes, CollectionError as `Collection.add` does, and ClusterError if the workers fail.
    """
    with ExitStack() as stack:
        run = Run(
            collection,
            embedder,
            settings,
            progress or (lambda _: None),
            stack,
            patience,
            known_as,
            workers or LocalWorkers(embedder, settings.ingest),
        )
        interrupted = False
        try:
            for number in run.find(list(paths), ignore):
                run.take(number)
            run.finish()
            run.tidy(prune)
        except KeyboardInterrupt:
            interrupted = True
        except ClusterError as err:
            raise ClusterError(f"{err}. {run.stored()}") from err
        return run.receipt(interrupted=interrupted)


def remove(collection: Collection, key: str) -> DocumentInfo:
    """Remove what was read from a path, or goes by a name or an id, from every index; the same
    bytes in another place stay, unless named by their id.

    A relative path is taken from the working folder. Raises CollectionError if nothing, or more
    than one file, goes by that name.
    """
    path = str(Path(key).expanduser().resolve())
    return collection.remove(path if collection.place(path) else key)
