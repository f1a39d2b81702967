from __future__ import annotations

from pathlib import Path

from tests.web_fakes import answer
from web.access.desk import Desk, OwnTalks
from web.access.identity import Identity
from web.conversations import Conversations
from web.engine import Engine
from web.exchange import Exchange


def test_every_way_into_the_engine_is_guarded() -> None:
    """A method that the desk does not have would reach the engine's own parts, which are not
    there; this says so before anyone calls it."""
    ways = {name for name in vars(Engine) if not name.startswith("_")} - {"start", "close"}
    assert ways <= vars(Desk).keys()


def test_conversations_are_each_ones_own_and_go_with_the_grant(tmp_path: Path) -> None:
    may_law = Identity("user", "ann", {"law": "reader"})
    now = {"user:ann": may_law, "user:bob": may_law}
    talks = OwnTalks(tmp_path, lambda user: now[user])
    talk = "a" * 12
    talks.put("user:ann", talk, 1, Exchange("What?", answer(), collection="law"))
    assert talks.exchanges("user:ann", talk)
    assert talks.one("user:ann", talk)
    assert talks.listed("user:ann", "sun")
    assert not talks.exchanges("user:bob", talk)
    now["user:ann"] = Identity("user", "ann", {"hr": "admin"})
    assert not talks.exchanges("user:ann", talk)
    assert talks.one("user:ann", talk) is None
    assert not talks.listed("user:ann")
    assert not talks.listed("user:ann", "sun")
    talks.close()
    gone = Conversations(tmp_path)
    gone.remove_all("user:ann")
    assert not gone.listed("user:ann")
    gone.close()
