"""What people say of answers, with all that is needed to replay each.

An entry holds the question, the turns before it and the whole answer with its passages. Knows
nothing of Gradio, HTML or how users are known.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from rag.errors import PlumbError
from rag.types import Turn
from web.exchange import Exchange, from_json, to_json
from web.state import Kept, Tables, open_database

Rating = Literal[1, -1]
Form = Literal["questions", "sft", "preferences"]
_PLACE = '"user" = ? AND conversation = ? AND number = ?'
_FROM = "json_extract(exchange, '$.collection') = ?"


class FeedbackError(PlumbError):
    """Feedback cannot be read or written."""


def _failure(where: str, err: Exception) -> FeedbackError:
    return FeedbackError(f"feedback cannot be kept in {where}: {err}; mend or move that file")


FEEDBACK = Tables(
    "feedback.db",
    (
        'CREATE TABLE IF NOT EXISTS feedback ("user" {text} NOT NULL, conversation {text} '
        "NOT NULL, number {number} NOT NULL, at {text} NOT NULL, rating {number} NOT NULL, "
        "reason {text} NOT NULL, corrected {text} NOT NULL, turns {text} NOT NULL, "
        'exchange {text} NOT NULL, PRIMARY KEY ("user", conversation, number))',
    ),
    _failure,
)


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
    """All feedback of a home or of a PostgreSQL. Any thread may use it. Methods raise FeedbackError
    where the file cannot be used, what `Database` does where PostgreSQL cannot."""

    def __init__(self, kept: Kept) -> None:
        self._database = open_database(kept, FEEDBACK)

    def put(self, user: str, conversation: str, number: int, entry: Entry) -> None:
        """Keep an opinion of the exchange at a 1-based place; a later one takes its place."""
        turns = json.dumps([[t.question, t.answer] for t in entry.turns], ensure_ascii=False)
        said = (entry.rating, entry.reason, entry.corrected, turns, to_json(entry.exchange))
        place = (user, conversation, number)
        with self._database.writing() as db:
            db.execute(f"DELETE FROM feedback WHERE {_PLACE}", place)
            db.execute(
                "INSERT INTO feedback VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*place, entry.at, *said),
            )

    def listed(self, user: str) -> list[Entry]:
        """The user's, newest first."""
        rows = self._database.rows(
            "SELECT at, rating, reason, corrected, turns, exchange FROM feedback "
            'WHERE "user" = ? ORDER BY at DESC',
            (user,),
        )
        return [_entry(*row) for row in rows]

    def forget_before(self, moment: datetime) -> int:
        """Delete everyone's opinions from before a moment in UTC; how many."""
        return self._delete("at < ?", (moment.isoformat(timespec="seconds"),))

    def count(self, collection: str) -> int:
        """How many opinions there are of answers from the collection."""
        found = self._database.rows(f"SELECT count(*) FROM feedback WHERE {_FROM}", (collection,))
        return int(found[0][0]) if found else 0

    def rename_collection(self, collection: str, new: str) -> None:
        """Say everywhere that the collection has another name."""
        if not self._database.exists():
            return
        with self._database.writing() as db:
            found = db.execute(
                f'SELECT exchange, "user", conversation, number FROM feedback WHERE {_FROM}',
                (collection,),
            )
            for exchange, *place in found.fetchall():
                renamed = to_json(replace(from_json(exchange), collection=new))
                db.execute(f"UPDATE feedback SET exchange = ? WHERE {_PLACE}", (renamed, *place))

    def forget(self, collection: str, document_ids: Sequence[str] | None = None) -> None:
        """Delete the opinions of answers from the collection, with `document_ids` of those that
        quote one of them: without its passages an answer cannot be replayed."""
        if document_ids is None:
            self._delete(_FROM, (collection,))
            return
        for document_id in document_ids:
            self._delete(f"{_FROM} AND instr(exchange, ?) > 0", (collection, document_id))

    def close(self) -> None:
        """Let go of the database. Safe to call twice."""
        self._database.close()

    def _delete(self, condition: str, values: tuple[str, ...]) -> int:
        if not self._database.exists():
            return 0
        with self._database.writing() as db:
            gone = db.execute(f"DELETE FROM feedback WHERE {condition}", values).rowcount
        if gone:
            self._database.scrub()
        return gone


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
