"""Conversations kept, each for the user who made it alone.

Knows nothing of Gradio, HTML or how users are known.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from rag.errors import PlumbError, UsageError
from web.exchange import Exchange, Exchanges, from_json, to_json
from web.state import Connection, Kept, Tables, open_database

REMOVED = "The answer quoted a document that was removed since."
REMOVED_COLLECTION = "The collection that was asked was removed since, and the answer with it."
_T = TypeVar("_T")
_FROM = "json_extract(data, '$.collection') = ?"
_ANSWER_FROM = f"{_FROM} AND json_extract(data, '$.answer') IS NOT NULL"
TITLE_CHARS = 120
MOST_LISTED = 200
MOST_IN_MEMORY = 500
"""Conversations that are remembered where nothing is kept; the oldest go first."""
_ID = re.compile(r"[0-9a-z]{8,64}")


class ConversationError(PlumbError):
    """Conversations cannot be read or written."""


def _failure(where: str, err: Exception) -> ConversationError:
    return ConversationError(
        f"conversations cannot be kept in {where}: {err}; mend or move that file, or set "
        "server.keep_conversations = false"
    )


CONVERSATIONS = Tables(
    "conversations.db",
    (
        'CREATE TABLE IF NOT EXISTS conversations ("user" {text} NOT NULL, id {text} NOT NULL, '
        "title {text} NOT NULL, collection {text} NOT NULL, updated {text} NOT NULL, "
        'PRIMARY KEY ("user", id))',
        'CREATE TABLE IF NOT EXISTS exchanges ("user" {text} NOT NULL, id {text} NOT NULL, '
        "number {number} NOT NULL, words {text} NOT NULL, data {text} NOT NULL, "
        'PRIMARY KEY ("user", id, number), FOREIGN KEY ("user", id) REFERENCES conversations '
        "ON DELETE CASCADE)",
        "CREATE INDEX IF NOT EXISTS exchanges_by_collection ON exchanges "
        "(json_extract(data, '$.collection'))",
    ),
    _failure,
)


@dataclass(frozen=True, slots=True)
class Conversation:
    """What the list shows; `updated` is UTC in ISO 8601, `exchanges` how many questions it has."""

    id: str
    title: str
    collection: str
    updated: str
    exchanges: int


class Conversations:
    """All conversations of a home, of a PostgreSQL, or in memory until the process ends.

    Every method may be called from any thread and raises ConversationError where the file cannot be
    used, what `Database` does where PostgreSQL cannot, UsageError for what is no id.
    """

    def __init__(self, kept: Kept) -> None:
        self._in_memory = kept is None
        self._database = open_database(kept, CONVERSATIONS)
        far = self._database.is_far
        self._apart = ThreadPoolExecutor(1, "plumb-talks") if far else None

    async def aside(self, call: Callable[..., _T], *arguments: Any) -> _T:
        """What a call of one of the methods gives, for an event loop: where each look takes its
        time, in a thread, one after the other in the order of asking."""
        if self._apart is None:
            return call(*arguments)
        return await asyncio.wrap_future(self._apart.submit(call, *arguments))

    def exchanges(self, user: str, conversation: str) -> Exchanges:
        """The exchanges in order; none for a conversation that is not there."""
        _check(conversation)
        found = self._database.rows(
            'SELECT data FROM exchanges WHERE "user" = ? AND id = ? ORDER BY number',
            (user, conversation),
        )
        return tuple(from_json(data) for (data,) in found)

    def put(self, user: str, conversation: str, number: int, exchange: Exchange) -> None:
        """Set the exchange at a 1-based place; those after it go. The first makes the
        conversation, with its question as title."""
        _check(conversation)
        # PostgreSQL keeps no text with this character.
        exchange = replace(exchange, question=exchange.question.replace("\0", ""))
        words = f"{exchange.question}\n{exchange.answer.answer if exchange.answer else ''}"
        with self._database.writing() as db:
            title = " ".join(exchange.question.split())[:TITLE_CHARS]
            db.execute(
                'INSERT INTO conversations VALUES (?, ?, ?, ?, ?) ON CONFLICT ("user", id) '
                "DO UPDATE SET updated = excluded.updated, collection = excluded.collection",
                (user, conversation, title, exchange.collection, _now()),
            )
            place = (user, conversation, number)
            db.execute('DELETE FROM exchanges WHERE "user" = ? AND id = ? AND number >= ?', place)
            db.execute(
                "INSERT INTO exchanges VALUES (?, ?, ?, ?, ?)", (*place, words, to_json(exchange))
            )
            if self._in_memory:
                _forget_oldest(db)

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
            "AND (instr(folded(c.title), folded(?)) > 0 OR EXISTS (SELECT 1 FROM exchanges AS e "
            'WHERE e."user" = c."user" AND e.id = c.id '
            "AND instr(folded(e.words), folded(?)) > 0))",
            (words.strip(),) * 2,
        )

    def rename(self, user: str, conversation: str, title: str) -> bool:
        """Give it another title; False if there is no such conversation, or no title."""
        _check(conversation)
        title = " ".join(title.split())[:TITLE_CHARS]
        with self._database.writing() as db:
            done = db.execute(
                "UPDATE conversations SET title = ? WHERE \"user\" = ? AND id = ? AND ? <> ''",
                (title, user, conversation, title),
            )
            return done.rowcount > 0

    def remove(self, user: str, conversation: str) -> bool:
        """Delete it with all its exchanges; False if there is none."""
        _check(conversation)
        with self._database.writing() as db:
            done = db.execute(
                'DELETE FROM conversations WHERE "user" = ? AND id = ?', (user, conversation)
            )
            return done.rowcount > 0

    def remove_all(self, user: str) -> None:
        """Delete all that a user has."""
        if self._database.exists():
            with self._database.writing() as db:
                db.execute('DELETE FROM conversations WHERE "user" = ?', (user,))

    def forget(self, collection: str, document_ids: Sequence[str]) -> int:
        """Take the answers that quote these documents of the collection out of all conversations;
        how many. The questions stay."""
        return sum(
            self._take_out(f"{_FROM} AND instr(data, ?) > 0", (collection, document_id), REMOVED)
            for document_id in document_ids
        )

    def answers_about(self, collection: str) -> int:
        """How many answers from the collection all users' conversations hold."""
        found = self._database.rows(
            f"SELECT count(*) FROM exchanges WHERE {_ANSWER_FROM}", (collection,)
        )
        return int(found[0][0]) if found else 0

    def rename_collection(self, collection: str, new: str) -> None:
        """Say everywhere that the collection has another name."""
        if not self._database.exists():
            return
        with self._database.writing() as db:
            db.execute(
                "UPDATE conversations SET collection = ? WHERE collection = ?", (new, collection)
            )
            _change(db, _FROM, (collection,), {"collection": new})

    def forget_collection(self, collection: str) -> int:
        """Take all answers from the collection out; how many. The questions stay."""
        return self._take_out(_ANSWER_FROM, (collection,), REMOVED_COLLECTION)

    def _take_out(self, condition: str, values: tuple[str, ...], problem: str) -> int:
        if not self._database.exists():
            return 0
        with self._database.writing() as db:
            changed = _change(db, condition, values, {"answer": None, "problem": problem})
        if changed:
            self._database.scrub()
        return changed

    def forget_before(self, moment: datetime) -> int:
        """Delete everyone's conversations that were last used before a moment in UTC; how many."""
        if not self._database.exists():
            return 0
        with self._database.writing() as db:
            oldest = moment.isoformat(timespec="microseconds")
            gone = db.execute("DELETE FROM conversations WHERE updated < ?", (oldest,)).rowcount
        if gone:
            self._database.scrub()
        return gone

    def close(self) -> None:
        """Finish what was asked aside, and let go of the database. Safe to call twice."""
        if self._apart is not None:
            self._apart.shutdown()
            self._apart = None
        self._database.close()

    def _list(self, user: str, condition: str, values: tuple[str, ...]) -> list[Conversation]:
        query = (
            "SELECT c.id, c.title, c.collection, c.updated, (SELECT count(*) FROM exchanges AS x "
            'WHERE x."user" = c."user" AND x.id = c.id) FROM conversations AS c '
            f'WHERE c."user" = ? {condition} ORDER BY c.updated DESC LIMIT {MOST_LISTED}'
        )
        return [Conversation(*row) for row in self._database.rows(query, (user, *values))]


def _change(
    db: Connection, condition: str, values: tuple[str, ...], said: dict[str, str | None]
) -> int:
    """Say this in the exchanges that the condition means, instead of what they say; how many. Of
    one whose answer goes, the question alone is found by a search."""
    found = db.execute(
        f'SELECT "user", id, number, words, data FROM exchanges WHERE {condition}', values
    ).fetchall()
    for *place, words, data in found:
        told = json.loads(data) | said
        left = words if told["answer"] else told["question"]
        db.execute(
            'UPDATE exchanges SET words = ?, data = ? WHERE "user" = ? AND id = ? AND number = ?',
            (left, json.dumps(told, ensure_ascii=False, separators=(",", ":")), *place),
        )
    return len(found)


def _forget_oldest(db: Connection) -> None:
    db.execute(
        'DELETE FROM conversations WHERE ("user", id) NOT IN (SELECT "user", id FROM '
        f"conversations ORDER BY updated DESC LIMIT {MOST_IN_MEMORY})"
    )


def _check(conversation: str) -> None:
    if not _ID.fullmatch(conversation):
        raise UsageError(f"{conversation[:80]!r} cannot name a conversation")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
