"""What people say of answers: `feedback.db` in the home, with all that is needed to replay each.

An entry holds the question, the turns before it and the whole answer with its passages. Knows
nothing of Gradio, HTML or how users are known.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from rag.errors import PlumbError
from rag.types import Turn
from web.exchange import Exchange, from_json, to_json

FILE = "feedback.db"
Rating = Literal[1, -1]
Form = Literal["questions", "sft", "preferences"]
_SCHEMA = """
CREATE TABLE IF NOT EXISTS feedback (
    user TEXT NOT NULL, conversation TEXT NOT NULL, number INTEGER NOT NULL, at TEXT NOT NULL,
    rating INTEGER NOT NULL, reason TEXT NOT NULL, corrected TEXT NOT NULL,
    turns TEXT NOT NULL, exchange TEXT NOT NULL, PRIMARY KEY (user, conversation, number)
) WITHOUT ROWID;
"""
_FROM = "json_extract(exchange, '$.collection') = ?"


class FeedbackError(PlumbError):
    """Feedback cannot be read or written."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One opinion of one answer; `corrected` is how it should read, empty where nobody said."""

    at: str
    rating: Rating
    reason: str
    corrected: str
    turns: tuple[Turn, ...]
    exchange: Exchange


class Feedback:
    """All feedback in a file that is made with the first entry. Any thread may use it. Methods
    raise FeedbackError where the file cannot be used."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def put(self, user: str, conversation: str, number: int, entry: Entry) -> None:
        """Keep an opinion of the exchange at a 1-based place; a later one takes its place."""
        turns = json.dumps([[t.question, t.answer] for t in entry.turns], ensure_ascii=False)
        said = (entry.rating, entry.reason, entry.corrected, turns, to_json(entry.exchange))
        with self._using(make=True) as db:
            db.execute(
                "INSERT OR REPLACE INTO feedback VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (user, conversation, number, entry.at, *said),
            )

    def listed(self, user: str) -> list[Entry]:
        """The user's, newest first."""
        if not self._path.exists():
            return []
        with self._using() as db:
            rows = db.execute(
                "SELECT at, rating, reason, corrected, turns, exchange FROM feedback "
                "WHERE user = ? ORDER BY at DESC",
                (user,),
            ).fetchall()
        return [_entry(*row) for row in rows]

    def forget_before(self, moment: datetime) -> int:
        """Delete everyone's opinions from before a moment in UTC; how many."""
        if not self._path.exists():
            return 0
        with self._using() as db:
            oldest = moment.isoformat(timespec="seconds")
            return db.execute("DELETE FROM feedback WHERE at < ?", (oldest,)).rowcount

    def count(self, collection: str) -> int:
        """How many opinions there are of answers from the collection."""
        if not self._path.exists():
            return 0
        with self._using() as db:
            (count,) = db.execute(
                f"SELECT count(*) FROM feedback WHERE {_FROM}", (collection,)
            ).fetchone()
        return int(count)

    def rename_collection(self, collection: str, new: str) -> None:
        """Say everywhere that the collection has another name."""
        if not self._path.exists():
            return
        with self._using() as db:
            db.execute(
                f"UPDATE feedback SET exchange = json_set(exchange, '$.collection', ?) "
                f"WHERE {_FROM}",
                (new, collection),
            )

    def forget(self, collection: str, document_ids: Sequence[str] | None = None) -> None:
        """Delete the opinions of answers from the collection, with `document_ids` of those that
        quote one of them: without its passages an answer cannot be replayed."""
        if not self._path.exists():
            return
        with self._using() as db:
            for part in [""] if document_ids is None else document_ids:
                db.execute(
                    f"DELETE FROM feedback WHERE {_FROM} AND (? = '' OR instr(exchange, ?))",
                    (collection, part, part),
                )

    @contextmanager
    def _using(self, *, make: bool = False) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                if make:
                    self._path.parent.mkdir(parents=True, exist_ok=True)
                    self._path.touch(mode=0o600)
                connection = sqlite3.connect(self._path, timeout=5.0)
                try:
                    connection.execute("PRAGMA secure_delete = ON")
                    connection.executescript(_SCHEMA)
                    with connection:
                        yield connection
                finally:
                    connection.close()
            except (sqlite3.Error, OSError) as err:
                raise FeedbackError(
                    f"feedback cannot be kept in {self._path}: {err}; mend or move that file"
                ) from err


def _entry(
    at: str, rating: Rating, reason: str, corrected: str, turns: str, exchange: str
) -> Entry:
    told = tuple(Turn(question, answer) for question, answer in json.loads(turns))
    return Entry(at, rating, reason, corrected, told, from_json(exchange))


def now() -> str:
    """This moment, as entries hold it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def lines(entries: Sequence[Entry], form: Form) -> list[dict[str, Any]]:
    """Entries as objects for JSONL: questions that `plumb eval` asks, question and answer for
    supervised fine-tuning, or chosen and rejected answers; the last two as TRL reads them.

    What an entry does not say is left out: an answer that was called wrong is nobody's example
    until it is corrected, and only a corrected one has an answer to be preferred to.
    """
    make = {"questions": _question, "sft": _completion, "preferences": _preference}[form]
    return [found for number, entry in enumerate(entries, 1) if (found := make(number, entry))]


def _wanted(entry: Entry) -> str:
    """The answer that is right by the person's word, empty where none is known."""
    if entry.corrected:
        return entry.corrected
    answer = entry.exchange.answer
    return answer.answer if answer is not None and entry.rating > 0 else ""


def _is_refusal(entry: Entry) -> bool:
    answer = entry.exchange.answer
    return answer is not None and answer.status == "abstained" and not entry.corrected


def _question(number: int, entry: Entry) -> dict[str, Any] | None:
    answer = entry.exchange.answer
    wanted = _wanted(entry)
    if answer is None or not wanted or entry.exchange.summarised:
        return None
    cited = {(c.document, c.quote) for s in answer.sentences for c in s.citations}
    evidence = [{"document": document, "quote": quote} for document, quote in sorted(cited)]
    refused = _is_refusal(entry)
    return {
        "id": f"feedback-{number}",
        "question": entry.exchange.question,
        "history": [{"question": t.question, "answer": t.answer} for t in entry.turns],
        "answers": [] if refused else [wanted],
        "answerable": not refused,
        "evidence": [] if refused else evidence,
    }


def _completion(number: int, entry: Entry) -> dict[str, Any] | None:
    wanted = _wanted(entry)
    return {"prompt": _prompt(entry), "completion": _said(wanted)} if wanted else None


def _preference(number: int, entry: Entry) -> dict[str, Any] | None:
    answer = entry.exchange.answer
    if answer is None or not entry.corrected or entry.corrected == answer.answer:
        return None
    chosen, rejected = _said(entry.corrected), _said(answer.answer)
    return {"prompt": _prompt(entry), "chosen": chosen, "rejected": rejected}


def _prompt(entry: Entry) -> list[dict[str, str]]:
    """The conversation as the model was shown it, its passages before the question."""
    answer = entry.exchange.answer
    passages = "\n\n".join(hit.chunk.text for hit in answer.hits) if answer else ""
    messages = []
    for turn in entry.turns:
        messages += [{"role": "user", "content": turn.question}, *_said(turn.answer)]
    asked = f"{passages}\n\n{entry.exchange.question}".strip()
    return [*messages, {"role": "user", "content": asked}]


def _said(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]
