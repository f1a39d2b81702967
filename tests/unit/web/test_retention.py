from __future__ import annotations

import asyncio
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rag.config import AuditSettings, RetentionSettings
from tests.web_fakes import answer
from web.access.audit import Audit
from web.access.identity import Identity
from web.conversations import Conversations
from web.exchange import Exchange
from web.feedback import Entry, Feedback, now
from web.render_talk import drawer
from web.retention import Retention
from web.state import Kept
from web.texts_talk import talk_texts

TALK = "a" * 12
KEPT = Exchange("What of Quillfeather?", answer(), collection="law")


@pytest.fixture
def conversations(home: Path) -> Conversations:
    talks = Conversations(home)
    talks.put("user:ann", TALK, 1, KEPT)
    return talks


def feedback(kept: Kept) -> Feedback:
    found = Feedback(kept)
    found.put("user:ann", TALK, 1, Entry(now(), 1, "", "", (), KEPT))
    return found


@pytest.mark.parametrize(("days", "later", "left"), [(7, 6, 1), (7, 8, 0), (0, 9000, 1)])
def test_what_is_too_old_is_deleted(
    state: Kept, home: Path, days: int, later: int, left: int
) -> None:
    conversations, opinions = Conversations(state), feedback(state)
    conversations.put("user:ann", TALK, 1, KEPT)
    settings = RetentionSettings(conversations_days=days, feedback_days=days)
    moment = datetime.now(UTC) + timedelta(days=later)
    audit = Audit(state, AuditSettings())
    retention = Retention(settings, conversations, opinions, audit, lambda: moment)
    gone = retention.apply()
    assert gone == ({"conversations": 1 - left, "feedback": 1 - left} if days else {})
    assert len(conversations.listed("user:ann")) == left
    assert len(opinions.listed("user:ann")) == left
    for kept in (conversations, opinions, audit):
        kept.close()
    if not left:
        files = b"".join(path.read_bytes() for path in home.iterdir())
        assert b"Quillfeather" not in files


def test_the_audit_log_forgets_though_nothing_happens(state: Kept) -> None:
    moment = [1_000_000.0]
    audit = Audit(state, AuditSettings(keep_days=2), lambda: moment[0])
    audit.note(Identity("user", "ann"), "ask", via="api")
    moment[0] += 4 * 86_400
    audit.forget()
    assert list(audit.entries()) == []
    audit.close()


def test_a_file_that_cannot_be_used_stops_nothing(
    home: Path, conversations: Conversations, caplog: pytest.LogCaptureFixture
) -> None:
    conversations.close()
    (home / "conversations.db").write_bytes(b"no database" * 100)
    opinions = feedback(home)
    settings = RetentionSettings(conversations_days=1, feedback_days=1)
    moment = datetime.now(UTC) + timedelta(days=9)
    audit = Audit(home, AuditSettings())
    gone = Retention(settings, conversations, opinions, audit, lambda: moment).apply()
    opinions.close()
    assert gone == {"feedback": 1}
    assert "conversations older than 1 days stay" in caplog.text


def test_the_server_applies_it_when_it_starts(home: Path, conversations: Conversations) -> None:
    with sqlite3.connect(home / "conversations.db") as db:
        db.execute("UPDATE conversations SET updated = '2020-01-01T00:00:00.000000+00:00'")
    db.close()
    settings = RetentionSettings(conversations_days=30)
    audit = Audit(home, AuditSettings())

    async def serve() -> None:
        retention = Retention(settings, conversations, Feedback(home / "none"), audit)
        async with retention.running():
            while conversations.listed("user:ann"):
                await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(serve(), 30))
    conversations.close()


def test_the_page_tells_how_long() -> None:
    assert "30 days after" in drawer(30, talk_texts("en"))
    assert "30 天后删除" in drawer(30, talk_texts("zh"))
    assert "pl-word" not in drawer(0, talk_texts("en"))
