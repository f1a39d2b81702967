"""Users, conversations, opinions and the audit log go to PostgreSQL and come back as they were."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from rag.config import AuditSettings, Settings
from rag.errors import PlumbError, UsageError
from tests.web_fakes import answer
from web.access.audit import AUDIT, Audit, Entry
from web.access.database import ACCESS
from web.access.identity import Identity
from web.access.store import AccessStore
from web.conversations import CONVERSATIONS, Conversations
from web.exchange import Exchange
from web.feedback import FEEDBACK, Feedback, now
from web.feedback import Entry as Opinion
from web.state import Kept, move
from web.state.move import move_state

TABLES = (ACCESS, CONVERSATIONS, FEEDBACK, AUDIT)
TALK = "a" * 12
ASKED = Exchange("How fast?\n多快？", answer(), collection="law")


@pytest.fixture
def far(postgres_only: Settings) -> Settings:
    """Settings of a home whose state is to go to PostgreSQL; the home holds one of each."""
    home = postgres_only.home_dir
    with closing(AccessStore(home)) as access:
        access.users.add("ann", None, ["legal"], "subject-1")
        access.users.grant("@legal", "law", "editor")
        access.keys.create("ci", {"law": "reader"}, "ann", 30)
    with closing(Conversations(home)) as talks:
        talks.put("user:ann", TALK, 1, ASKED)
    with closing(Feedback(home)) as feedback:
        feedback.put("user:ann", TALK, 1, Opinion(now(), 1, "well", "", (), ASKED))
    with closing(Audit(home, AuditSettings())) as audit:
        for action in ("ask", "read"):
            audit.note(Identity("user", "ann"), action, via="api", documents=["d"])
    return postgres_only


@contextmanager
def opened(kept: Kept) -> Iterator[tuple[AccessStore, Conversations, Feedback, Audit]]:
    with (
        closing(AccessStore(kept)) as access,
        closing(Conversations(kept)) as talks,
        closing(Feedback(kept)) as feedback,
        closing(Audit(kept, AuditSettings())) as audit,
    ):
        yield access, talks, feedback, audit


def contents(kept: Kept) -> tuple[object, ...]:
    """All that can be seen of them."""
    with opened(kept) as (access, talks, feedback, audit):
        entries: list[Entry] = list(audit.entries())
        people = (access.users.all(), access.users.group_grants(), access.keys.all())
        told = (talks.exchanges("user:ann", TALK), talks.listed("user:ann"))
        return *people, *told, feedback.listed("user:ann"), entries


def test_there_and_back_nothing_differs(far: Settings) -> None:
    before = contents(far.home_dir)
    with closing(AccessStore(far.home_dir)) as access:
        cookie = access.sessions.cookie("user:ann", 1)
    moved = move_state(far, TABLES, "remote")
    assert (moved["users"], moved["scopes"], moved["exchanges"], moved["entries"]) == (1, 1, 1, 2)
    assert contents(far.store) == before
    with opened(far.store) as (access, _, _, audit):
        assert access.sessions.holder_of(cookie) == "user:ann"
        audit.note(Identity("user", "ann"), "leave", via="api")
        assert [entry.action for entry in audit.entries()] == ["ask", "read", "leave"]
    assert not any(move_state(far, TABLES, "remote").values())
    assert move_state(far, TABLES, "embedded", keep=True)["entries"] == 3
    assert contents(far.home_dir) == contents(far.store)
    assert move_state(far, TABLES, "embedded")["users"] == 1
    with opened(far.store) as (access, _, _, _):
        assert access.users.all() == []


def test_others_are_not_mixed_with_these(far: Settings) -> None:
    with opened(far.store) as (access, _, _, _):
        access.users.add("bob", None, (), "subject-2")
    before = contents(far.home_dir)
    with pytest.raises(UsageError, match="other access already"):
        move_state(far, TABLES, "remote")
    assert contents(far.home_dir) == before


def test_what_differs_in_the_end_stays(far: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(far.home_dir)
    monkeypatch.setattr(move, "_same", lambda *_: False)
    with pytest.raises(PlumbError, match="stay where they were"):
        move_state(far, TABLES, "remote")
    assert contents(far.home_dir) == before
    home = far.model_copy(update={"store": type(far.store)()})
    with pytest.raises(UsageError, match=r"set store\.postgres"):
        move_state(home, TABLES, "remote")
