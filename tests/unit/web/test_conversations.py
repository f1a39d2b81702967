from __future__ import annotations

import asyncio
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from rag.errors import UsageError
from tests.web_fakes import answer
from web.conversations import REMOVED, ConversationError, Conversations
from web.exchange import Exchange
from web.state import Kept

ONE, TWO = "aaaaaaaa1", "aaaaaaaa2"
ASKED = Exchange("How fast are costs paid?", answer(), collection="law")


@pytest.fixture
def kept(state: Kept) -> Iterator[Conversations]:
    kept = Conversations(state)
    yield kept
    kept.close()


def test_a_conversation_outlives_the_process(kept: Conversations, state: Kept, home: Path) -> None:
    kept.put("mara", ONE, 1, ASKED)
    kept.put("mara", ONE, 2, Exchange("And?", problem="stopped", collection="law"))
    kept.close()
    again = Conversations(state)
    assert [e.question for e in again.exchanges("mara", ONE)] == [ASKED.question, "And?"]
    assert again.exchanges("mara", ONE)[0] == ASKED
    (listed,) = again.listed("mara")
    assert (listed.title, listed.collection, listed.exchanges) == (ASKED.question, "law", 2)
    again.close()
    for file in home.glob("conversations.db"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_nobody_sees_anothers(kept: Conversations) -> None:
    kept.put("mara", ONE, 1, ASKED)
    assert kept.exchanges("otto", ONE) == ()
    assert kept.listed("otto") == []
    assert not kept.rename("otto", ONE, "mine")
    assert not kept.remove("otto", ONE)
    kept.put("otto", ONE, 1, Exchange("Mine"))
    assert kept.exchanges("mara", ONE) == (ASKED,)


def test_what_follows_an_exchange_asked_again_goes(kept: Conversations) -> None:
    for number in (1, 2, 3):
        kept.put("mara", ONE, number, Exchange(f"Question {number}"))
    kept.put("mara", ONE, 2, Exchange("Another"))
    assert [e.question for e in kept.exchanges("mara", ONE)] == ["Question 1", "Another"]


def test_conversations_are_searched_renamed_and_removed(kept: Conversations) -> None:
    kept.put("mara", ONE, 1, ASKED)
    kept.put("mara", TWO, 1, Exchange("谁签的租约？100%"))
    assert [c.id for c in kept.listed("mara")] == [TWO, ONE]
    assert [c.id for c in kept.listed("mara", "WITHIN 14 days")] == [ONE]
    assert [c.id for c in kept.listed("mara", "租约")] == [TWO]
    assert [c.id for c in kept.listed("mara", "100%")] == [TWO]
    assert kept.listed("mara", "%' OR 1") == []
    kept.put("mara", "aaaaaaaa3", 1, Exchange("GRÖẞE ÉTÉ\0"))
    assert [c.title for c in kept.listed("mara", "größe été")] == ["GRÖẞE ÉTÉ"]
    assert kept.rename("mara", ONE, "  Travel \n costs ")
    assert not kept.rename("mara", ONE, "   ")
    assert [c.title for c in kept.listed("mara", "travel")] == ["Travel costs"]
    assert kept.remove("mara", ONE)
    assert kept.one("mara", ONE) is None
    assert kept.exchanges("mara", ONE) == ()


def test_answers_that_quote_a_removed_document_go_with_it(kept: Conversations, home: Path) -> None:
    assert ASKED.answer is not None
    quoted = ASKED.answer.hits[0].chunk.document_id
    kept.put("mara", ONE, 1, ASKED)
    kept.put("otto", ONE, 1, replace(ASKED, collection="other"))
    assert kept.forget("law", ["f" * 64]) == 0
    assert kept.forget("law", [quoted]) == 1
    (left,) = kept.exchanges("mara", ONE)
    assert (left.question, left.answer, left.problem) == (ASKED.question, None, REMOVED)
    assert kept.listed("mara", "within 14 days") == []
    assert [c.title for c in kept.listed("mara")] == [ASKED.question]
    assert kept.exchanges("otto", ONE)[0].answer is not None
    assert kept.forget("other", [quoted]) == 1
    assert not any(quoted.encode() in path.read_bytes() for path in home.iterdir())


def test_keeping_nothing_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    kept = Conversations(None)
    kept.put("mara", ONE, 1, ASKED)
    assert kept.exchanges("mara", ONE) == (ASKED,)
    kept.close()
    assert kept.exchanges("mara", ONE) == ()
    kept.close()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("wrong", ["", "short", "../../etc/passwd", "x" * 65, "ABCDEFGH"])
def test_what_is_no_id_is_refused(kept: Conversations, wrong: str) -> None:
    with pytest.raises(UsageError, match="conversation"):
        kept.exchanges("mara", wrong)
    with pytest.raises(UsageError, match="conversation"):
        kept.put("mara", wrong, 1, ASKED)


def test_a_broken_file_is_named_with_the_mend(tmp_path: Path) -> None:
    (path := tmp_path / "conversations.db").write_bytes(b"no database" * 100)
    with pytest.raises(ConversationError, match=r"conversations\.db.*keep_conversations"):
        Conversations(path.parent).listed("mara")


def test_a_collection_is_renamed_and_forgotten_everywhere(kept: Conversations) -> None:
    assert kept.answers_about("law") == 0
    kept.put("mara", ONE, 1, ASKED)
    kept.put("mara", ONE, 2, Exchange("And?", collection="law"))
    kept.rename_collection("law", "statutes")
    assert [e.collection for e in kept.exchanges("mara", ONE)] == ["statutes", "statutes"]
    assert kept.exchanges("mara", ONE)[0].answer == ASKED.answer
    assert [c.collection for c in kept.listed("mara")] == ["statutes"]
    assert (kept.answers_about("law"), kept.answers_about("statutes")) == (0, 1)
    assert kept.forget_collection("statutes") == 1
    assert [e.answer for e in kept.exchanges("mara", ONE)] == [None, None]


def test_several_may_write_at_once(kept: Conversations, state: Kept) -> None:
    def put(number: int) -> None:
        mine = Conversations(state)
        mine.put("mara", ONE, number, Exchange(f"Question {number}"))
        mine.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(put, [1] * 8))
    assert [e.question for e in kept.exchanges("mara", ONE)] == ["Question 1"]


def test_an_event_loop_is_not_kept_waiting(kept: Conversations) -> None:
    async def talk() -> list[str]:
        writing = [
            asyncio.create_task(kept.aside(kept.put, "mara", ONE, 1, Exchange(f"Question {n}")))
            for n in range(8)
        ]
        await asyncio.gather(*writing)
        found = await kept.aside(kept.exchanges, "mara", ONE)
        return [exchange.question for exchange in found]

    assert asyncio.run(talk()) == ["Question 7"]
    kept.close()
    assert [e.question for e in kept.exchanges("mara", ONE)] == ["Question 7"]
