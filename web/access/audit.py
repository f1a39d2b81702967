"""The audit log: who asked, saw and changed what, and when.

By default it has names, collections, documents and outcomes, never a question's or a document's
words. What is older than the settings keep is deleted. Knows nothing of HTTP.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from rag.config import AuditSettings
from rag.errors import PlumbError
from rag.text.personal import redacted
from web.access.identity import Identity
from web.state import Connection, Kept, Tables, open_database

MOST_NAMED = 100
"""Characters of a collection's name that are kept: one that is asked for may be of any length."""
_DAY_S = 86400.0
_log = logging.getLogger(__name__)


def _failure(where: str, err: Exception) -> PlumbError:
    return PlumbError(f"the audit log {where} cannot be used: {err}; mend or move that file")


AUDIT = Tables(
    "audit.db",
    (
        "CREATE TABLE IF NOT EXISTS entries (number {counted}, at {real} NOT NULL, "
        "kind {text} NOT NULL, who {text} NOT NULL, via {text} NOT NULL, action {text} NOT NULL, "
        "collection {text} NOT NULL, outcome {text} NOT NULL, documents {text} NOT NULL, "
        "content {text})",
    ),
    _failure,
    hasty=True,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was done. `documents` are ids of documents that were shown or changed;
    `content` is the question, where the settings keep it."""

    at: str
    kind: str
    who: str
    via: str
    action: str
    collection: str
    outcome: str
    documents: tuple[str, ...]
    content: str | None = None

    def line(self) -> str:
        """As a line of JSON."""
        return json.dumps(asdict(self), ensure_ascii=False)


class Audit:
    """The log of a home, or of all instances over a PostgreSQL. Safe to use from several threads
    and processes."""

    def __init__(
        self, kept: Kept, settings: AuditSettings, clock: Callable[[], float] = time.time
    ) -> None:
        self._database = open_database(kept, AUDIT)
        # Who notes may be an event loop, which does not wait for a network.
        self._apart = ThreadPoolExecutor(1, "plumb-audit") if self._database.is_far else None
        self._settings = settings
        self._clock = clock
        self._cleaned = 0.0

    def note(
        self,
        asker: Identity,
        action: str,
        *,
        via: str,
        collection: str = "",
        outcome: str = "done",
        documents: Sequence[str] = (),
        content: str | None = None,
    ) -> None:
        """Write one entry; nothing where there are no users, for then there is no one to tell
        apart. An entry that cannot be written is said in the log and stops nobody."""
        if asker.kind == "owner" and via != "command":
            return
        kept = redacted(content) if content and self._settings.content else None
        told = json.dumps(list(documents), ensure_ascii=False)
        named = collection[:MOST_NAMED]
        row = (self._clock(), asker.kind, asker.name, via, action, named, outcome, told, kept)
        if self._apart is not None:
            self._apart.submit(self._write, row)
        else:
            self._write(row)

    def _write(self, row: tuple[Any, ...]) -> None:
        try:
            with self._database.writing() as db:
                db.execute(
                    "INSERT INTO entries (at, kind, who, via, action, collection, outcome, "
                    "documents, content) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    row,
                )
                self._clean(db)
        except PlumbError as err:
            _log.error("the audit log cannot be written: %s", err)

    def entries(self, since: float = 0.0) -> Iterator[Entry]:
        """Those since a time in seconds since 1970, the oldest first."""
        if self._apart is not None:
            self._apart.submit(lambda: None).result()  # what was noted before
        rows = self._database.rows(
            "SELECT at, kind, who, via, action, collection, outcome, documents, content "
            "FROM entries WHERE at >= ? ORDER BY number",
            (since,),
        )
        for at, kind, who, via, action, collection, outcome, documents, content in rows:
            when = datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
            ids = tuple(json.loads(documents))
            yield Entry(when, kind, who, via, action, collection, outcome, ids, content)

    def forget(self) -> None:
        """Delete what is older than the settings keep, if that was not done today. What cannot be
        deleted is said in the log."""
        try:
            if self._database.exists():
                with self._database.writing() as db:
                    self._clean(db)
        except PlumbError as err:
            _log.error("the audit log cannot be written: %s", err)

    def close(self) -> None:
        """Write what was noted, and let go of the database."""
        if self._apart is not None:
            self._apart.shutdown()
            self._apart = None
        self._database.close()

    def _clean(self, db: Connection) -> None:
        now = self._clock()
        if self._settings.keep_days and now - self._cleaned > _DAY_S:
            oldest = now - self._settings.keep_days * _DAY_S
            db.execute("DELETE FROM entries WHERE at < ?", (oldest,))
            self._cleaned = now
