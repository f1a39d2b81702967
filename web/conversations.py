"""Conversations kept: `conversations.db` in the home, each for the user who made it alone.

Knows nothing of Gradio, HTML or how users are known.
"""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rag.errors import PlumbError, UsageError
from web.exchange import Exchange, Exchanges, from_json, to_json

FILE = "conversations.db"
REMOVED = "The answer quoted a document that was removed since."
REMOVED_COLLECTION = "The collection that was asked was removed since, and the answer with it."
_ANSWER_FROM = (
    "json_extract(data, '$.collection') = ? AND json_extract(data, '$.answer') IS NOT NULL"
)
TITLE_CHARS = 120
MOST_LISTED = 200
MOST_IN_MEMORY = 500
"""Conversations that are remembered where nothing is kept; the oldest go first."""
_ID = re.compile(r"[0-9a-z]{8,64}")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS conversations (
    user TEXT NOT NULL, id TEXT NOT NULL, title TEXT NOT NULL, collection TEXT NOT NULL,
    updated TEXT NOT NULL, PRIMARY KEY (user, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS exchanges (
    user TEXT NOT NULL, id TEXT NOT NULL, number INTEGER NOT NULL,
    words TEXT NOT NULL, data TEXT NOT NULL,
    PRIMARY KEY (user, id, number),
    FOREIGN KEY (user, id) REFERENCES conversations ON DELETE CASCADE
);
"""


class ConversationError(PlumbError):
    """Conversations cannot be read or written."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """What the list shows; `updated` is UTC in ISO 8601, `exchanges` how many questions it has."""

    id: str
    title: str
    collection: str
    updated: str
    exchanges: int


class Conversations:
    """All conversations in a file, or, where `path` is None, in memory until the process ends.

    Every method may be called from any thread and raises ConversationError where the file cannot be
    used, UsageError for what is no id.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def exchanges(self, user: str, conversation: str) -> Exchanges:
        """The exchanges in order; none for a conversation that is not there."""
        _check(conversation)
        with self._using() as db:
            found = db.execute(
                "SELECT data FROM exchanges WHERE user = ? AND id = ? ORDER BY number",
                (user, conversation),
            ).fetchall()
        return tuple(from_json(data) for (data,) in found)

    def put(self, user: str, conversation: str, number: int, exchange: Exchange) -> None:
        """Set the exchange at a 1-based place; those after it go. The first makes the
        conversation, with its question as title."""
        _check(conversation)
        words = f"{exchange.question}\n{exchange.answer.answer if exchange.answer else ''}"
        with self._using() as db:
            title = " ".join(exchange.question.split())[:TITLE_CHARS]
            db.execute(
                "INSERT INTO conversations VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
                "updated = excluded.updated, collection = excluded.collection",
                (user, conversation, title, exchange.collection, _now()),
            )
            place = (user, conversation, number)
            db.execute("DELETE FROM exchanges WHERE user = ? AND id = ? AND number >= ?", place)
            db.execute(
                "INSERT INTO exchanges VALUES (?, ?, ?, ?, ?)", (*place, words, to_json(exchange))
            )
            if self._path is None:
                self._forget(db)

    def one(self, user: str, conversation: str) -> Conversation | None:
        """What the list would show of it."""
        _check(conversation)
        found = self._list(user, "AND c.id = ?", (conversation,))
        return found[0] if found else None

    def listed(self, user: str, words: str = "") -> list[Conversation]:
        """The user's conversations, last used first; with `words`, those whose title, questions or
        answers hold them in any case."""
        if not words.strip():
            return self._list(user, "", ())
        return self._list(
            user,
            "AND (instr(folded(c.title), ?) OR EXISTS (SELECT 1 FROM exchanges AS e WHERE "
            "e.user = c.user AND e.id = c.id AND instr(folded(e.words), ?)))",
            (words.strip().casefold(),) * 2,
        )

    def rename(self, user: str, conversation: str, title: str) -> bool:
        """Give it another title; False if there is no such conversation, or no title."""
        _check(conversation)
        title = " ".join(title.split())[:TITLE_CHARS]
        with self._using() as db:
            done = db.execute(
                "UPDATE conversations SET title = ? WHERE user = ? AND id = ? AND ? <> ''",
                (title, user, conversation, title),
            )
        return done.rowcount > 0

    def remove(self, user: str, conversation: str) -> bool:
        """Delete it with all its exchanges; False if there is none."""
        _check(conversation)
        with self._using() as db:
            done = db.execute(
                "DELETE FROM conversations WHERE user = ? AND id = ?", (user, conversation)
            )
        return done.rowcount > 0

    def remove_all(self, user: str) -> None:
        """Delete all that a user has."""
        with self._using() as db:
            db.execute("DELETE FROM conversations WHERE user = ?", (user,))

    def forget(self, collection: str, document_ids: Sequence[str]) -> int:
        """Take the answers that quote these documents of the collection out of all conversations;
        how many. The questions stay."""
        changed = 0
        with self._using() as db:
            for document_id in document_ids:
                found = db.execute(
                    "UPDATE exchanges SET words = json_extract(data, '$.question'), "
                    "data = json_set(data, '$.answer', NULL, '$.problem', ?) "
                    "WHERE json_extract(data, '$.collection') = ? AND instr(data, ?)",
                    (REMOVED, collection, document_id),
                )
                changed += found.rowcount
        return self._merged(changed)

    def answers_about(self, collection: str) -> int:
        """How many answers from the collection all users' conversations hold."""
        with self._using() as db:
            (count,) = db.execute(
                f"SELECT count(*) FROM exchanges WHERE {_ANSWER_FROM}", (collection,)
            ).fetchone()
        return int(count)

    def rename_collection(self, collection: str, new: str) -> None:
        """Say everywhere that the collection has another name."""
        with self._using() as db:
            db.execute(
                "UPDATE conversations SET collection = ? WHERE collection = ?", (new, collection)
            )
            db.execute(
                "UPDATE exchanges SET data = json_set(data, '$.collection', ?) "
                "WHERE json_extract(data, '$.collection') = ?",
                (new, collection),
            )

    def forget_collection(self, collection: str) -> int:
        """Take all answers from the collection out; how many. The questions stay."""
        with self._using() as db:
            found = db.execute(
                "UPDATE exchanges SET words = json_extract(data, '$.question'), "
                f"data = json_set(data, '$.answer', NULL, '$.problem', ?) WHERE {_ANSWER_FROM}",
                (REMOVED_COLLECTION, collection),
            )
        return self._merged(found.rowcount)

    def _merged(self, changed: int) -> int:
        """What was overwritten is in the log until that is merged."""
        if changed:
            with self._using() as db:
                db.commit()
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return changed

    def forget_before(self, moment: datetime) -> int:
        """Delete everyone's conversations that were last used before a moment in UTC; how many."""
        with self._using() as db:
            oldest = moment.isoformat(timespec="microseconds")
            done = db.execute("DELETE FROM conversations WHERE updated < ?", (oldest,))
        if done.rowcount:
            with self._using() as db:  # what was deleted is in the log until it is merged
                db.commit()
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return done.rowcount

    def close(self) -> None:
        """Close the file. Safe to call twice."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _list(self, user: str, condition: str, values: tuple[str, ...]) -> list[Conversation]:
        query = (
            "SELECT c.id, c.title, c.collection, c.updated, (SELECT count(*) FROM exchanges AS x "
            "WHERE x.user = c.user AND x.id = c.id) FROM conversations AS c WHERE c.user = ? "
            f"{condition} ORDER BY c.updated DESC LIMIT {MOST_LISTED}"
        )
        with self._using() as db:
            return [Conversation(*row) for row in db.execute(query, (user, *values))]

    def _forget(self, db: sqlite3.Connection) -> None:
        db.execute(
            "DELETE FROM conversations WHERE (user, id) NOT IN (SELECT user, id FROM "
            f"conversations ORDER BY updated DESC LIMIT {MOST_IN_MEMORY})"
        )

    @contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        """The connection, in one transaction, by one thread at a time."""
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = _opened(self._path)
                with self._connection as db:
                    yield db
            except (sqlite3.Error, OSError) as err:
                raise ConversationError(
                    f"conversations cannot be kept in {self._path}: {err}; mend or move that file, "
                    "or set server.keep_conversations = false"
                ) from err


def _opened(path: Path | None) -> sqlite3.Connection:
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
    connection = sqlite3.connect(path or ":memory:", check_same_thread=False, timeout=5.0)
    try:
        connection.create_function("folded", 1, lambda text: str(text).casefold())
        for pragma in ("journal_mode = WAL", "foreign_keys = ON", "secure_delete = ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.executescript(_SCHEMA)
    except BaseException:
        connection.close()
        raise
    return connection


def _check(conversation: str) -> None:
    if not _ID.fullmatch(conversation):
        raise UsageError(f"{conversation[:80]!r} cannot name a conversation")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
