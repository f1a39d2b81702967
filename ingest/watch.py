"""A folder -> a collection that follows it: `plumb ingest DIR --watch`.

The operating system tells that something changed, and a look at the whole folder finds out what:
so nothing is missed that happened while nobody watched, on a network share, or faster than notices
come. A look costs one `stat` a file; only what changed is read.
"""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from watchfiles import watch

from ingest.ignore import IGNORE_FILE
from ingest.patience import Patience
from ingest.pipeline import Progress, Prune, ingest
from ingest.receipt import Receipt, format_line, receipt_json
from ingest.watch_state import Noter, noting
from rag.config import Settings
from rag.errors import CollectionError
from rag.seams import Embedder
from rag.store import Collection
from rag.text.printable import printable

_TICK_S = 0.5
_SHARE = 4
"""A look may take one part in so many of the time: the next one waits accordingly."""
_TELL_S = 10.0
_AGAIN_S = 5.0


def follow(
    paths: Sequence[Path],
    collection: Collection,
    embedder: Embedder,
    settings: Settings,
    *,
    ignore: Sequence[str] = (),
    prune: Prune = "yes",
    as_json: bool = False,
    forget: Callable[[Sequence[str]], None] = lambda _: None,
    stop: threading.Event | None = None,
) -> None:
    """Follow the folders until Ctrl-C, SIGTERM or `stop`, and print a line for each change; others
    read how it stands from `ingest.watch_state`. `forget` is told the ids of documents that are
    gone. Raises CollectionBusy if another process follows the same folders."""
    waiting = settings.ingest
    patience = Patience(waiting.settle_s, waiting.grace_s)
    teller = _Teller(waiting.grace_s, as_json=as_json)

    def look(noter: Noter) -> float:
        """Take in what changed; how many seconds the next look may wait."""

        def progress(state: Progress) -> None:
            teller.progress(state)
            noter.reading(state)

        try:
            receipt = ingest(
                paths, collection, embedder, settings, progress, prune, ignore, patience
            )
        except CollectionError as err:
            patience.forget_taken()
            teller.trouble(err)
            noter.trouble(str(err))
            return _AGAIN_S
        teller.receipt(receipt)
        noter.looked(receipt)
        forget(receipt.gone)
        if receipt.interrupted:
            raise KeyboardInterrupt
        return 0.0 if patience.is_waiting else waiting.rescan_s

    with _terminated_like_interrupted(), noting(collection.folder, paths, patience) as noter:
        try:
            teller.say(f"watching {', '.join(map(str, paths))}; Ctrl-C ends it")
            _look_at(paths, lambda: look(noter), teller.say, stop or threading.Event())
        except KeyboardInterrupt:
            pass
    teller.say("stopped; what was read stays in the collection")


def _look_at(
    paths: Sequence[Path],
    look: Callable[[], float],
    say: Callable[[str], None],
    stop: threading.Event,
) -> None:
    """Look at once, then whenever something changes or the last look said so."""
    due = 0.0
    least = 0.0
    for changed in _ticks(paths, say, stop):
        began = time.monotonic()
        if changed:
            due = min(due, began)
        if began < max(due, least):
            continue
        wait_s = look()
        ended = time.monotonic()
        due, least = ended + wait_s, ended + (ended - began) * _SHARE


def _ticks(
    paths: Sequence[Path], say: Callable[[str], None], stop: threading.Event
) -> Iterator[bool]:
    """Twice a second and at each change, whether there was one; at once the first time."""
    yield True
    try:
        for changes in watch(
            *paths,
            watch_filter=lambda _, path: _concerns(paths, path),
            rust_timeout=int(_TICK_S * 1000),
            debounce=200,
            yield_on_timeout=True,
            stop_event=stop,
        ):
            yield bool(changes)
    except (OSError, RuntimeError) as err:
        # Linux: more folders than fs.inotify.max_user_watches; or a folder that is gone.
        say(f"the system gives no notice of changes ({err}): looking at the folder now and then")
    while not stop.wait(_TICK_S):
        yield False


def _concerns(paths: Sequence[Path], changed: str) -> bool:
    """Whether the file may be one to read: nothing on the way to it is hidden."""
    path = Path(changed)
    if path.name == IGNORE_FILE:
        return True
    real = [folder.resolve() for folder in paths]
    inside = next((path.relative_to(root) for root in real if path.is_relative_to(root)), path)
    return not any(part.startswith(".") for part in inside.parts)


@contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """Let SIGTERM, by which services are stopped, do what Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class _Teller:
    """Prints what happens, each thing once."""

    def __init__(self, grace_s: float, *, as_json: bool) -> None:
        self._grace_s = grace_s
        self._as_json = as_json
        self._passed_over: set[tuple[str, str]] = set()
        self._vanished: set[str] = set()
        self._troubles: set[str] = set()
        self._told = time.monotonic()

    def say(self, text: str) -> None:
        """One line with the time of day; not among JSON."""
        if not self._as_json:
            print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)

    def progress(self, progress: Progress) -> None:
        """A line now and then while many files are read."""
        if time.monotonic() - self._told >= _TELL_S:
            self._told = time.monotonic()
            self.say(
                f"reading    {progress.files_done}/{progress.files_total} files, "
                f"{progress.chunks_done:,} chunks, {progress.chunks_per_second:.1f}/s"
            )

    def trouble(self, err: CollectionError) -> None:
        """A reason why nothing can be written for now."""
        if str(err) not in self._troubles:
            self.say(f"failed     {err}; trying again")
        self._troubles.add(str(err))

    def receipt(self, receipt: Receipt) -> None:
        """What a look brought: changes, and what is passed over the first time it is met."""
        self._told = time.monotonic()
        self._troubles = {receipt.kept} & self._troubles
        lines = []
        for result in receipt.results:
            key = result.path, result.reason
            if result.change in ("skipped", "failed") and key in self._passed_over:
                continue
            if result.change in ("skipped", "failed"):
                self._passed_over.add(key)
            if result.change != "unchanged" or result.reason:
                lines.append(format_line(result))
        lines += [f"removed    {printable(path)}" for path in receipt.removed]
        new = [path for path in receipt.vanished if path not in self._vanished]
        lines += [f"vanished   {printable(path)}: removed in {self._grace_s:g} s" for path in new]
        self._vanished = set(receipt.vanished)
        if receipt.kept and receipt.kept not in self._troubles:
            self._troubles.add(receipt.kept)
            lines.append(f"failed     {receipt.kept}")
        for line in lines:
            self.say(line)
        if lines and self._as_json:
            print(json.dumps(receipt_json(receipt), ensure_ascii=False), flush=True)
