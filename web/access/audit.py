"""`audit.db` in the home: who asked, saw and changed what, and when.

By default it has names, collections, documents and outcomes, never a question's or a document's
words. What is older than the settings keep is deleted. Knows nothing of HTTP.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from rag.config import AuditSettings
from rag.text.personal import redacted
from web.access.identity import Identity

FILE = "audit.db"
MOST_NAMED = 100
"""Characters of a collection's name that are kept: one that is asked for may be of any length."""
_DAY_S = 86400.0
_log = logging.getLogger(__name__)
_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
  number INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, kind TEXT NOT NULL,
  who TEXT NOT NULL, via TEXT NOT NULL, action TEXT NOT NULL, collection TEXT NOT NULL,
  outcome TEXT NOT NULL, documents TEXT NOT NULL, content TEXT
)
"""


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
    """The log of a home. Safe to use from several threads and processes."""

    def __init__(
        self, home: Path, settings: AuditSettings, clock: Callable[[], float] = time.time
    ) -> None:
        self._path = home / FILE
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
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
        try:
            with self._lock:
                db = self._open()
                db.execute(
                    "INSERT INTO entries (at, kind, who, via, action, collection, outcome, "
                    "documents, content) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    row,
                )
                self._clean(db)
        except (sqlite3.Error, OSError) as err:
            _log.error("the audit log %s cannot be written: %s", self._path, err)

    def entries(self, since: float = 0.0) -> Iterator[Entry]:
        """Those since a time in seconds since 1970, the oldest first."""
        if not self._path.exists():
            return
        with self._lock:
            rows = (
                self._open()
                .execute(
                    "SELECT at, kind, who, via, action, collection, outcome, documents, content "
                    "FROM entries WHERE at >= ? ORDER BY number",
                    (since,),
                )
                .fetchall()
            )
        for at, kind, who, via, action, collection, outcome, documents, content in rows:
            when = datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
            ids = tuple(json.loads(documents))
            yield Entry(when, kind, who, via, action, collection, outcome, ids, content)

    def forget(self) -> None:
        """Delete what is older than the settings keep, if that was not done today. What cannot be
        deleted is said in the log."""
        if not self._path.exists():
            return
        try:
            with self._lock:
                self._clean(self._open())
        except (sqlite3.Error, OSError) as err:
            _log.error("the audit log %s cannot be written: %s", self._path, err)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _clean(self, db: sqlite3.Connection) -> None:
        now = self._clock()
        if self._settings.keep_days and now - self._cleaned > _DAY_S:
            oldest = now - self._settings.keep_days * _DAY_S
            db.execute("DELETE FROM entries WHERE at < ?", (oldest,))
            self._cleaned = now

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.touch(mode=0o600)
            self._connection = sqlite3.connect(
                self._path, timeout=5.0, isolation_level=None, check_same_thread=False
            )
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._connection.execute(_SCHEMA)
        return self._connection
