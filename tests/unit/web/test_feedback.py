from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from eval.data.lines import Problems
from eval.data.own import read_examples
from rag.types import Turn
from tests.markup import EVIL, Tree
from tests.web_fakes import answer
from web import asker, feedback_routes
from web.conversations import Conversations
from web.exchange import Exchange
from web.feedback import Entry, Feedback, FeedbackError, Rating, lines, now
from web.feedback_routes import FeedbackRoutes
from web.state import Kept

TALKING = "a" * 12
ASKED = Exchange("And in 2024?", answer(), collection="law")
TURN = Turn("What is it?", "A rule.")


def entry(rating: Rating = -1, corrected: str = "Within 14 days.") -> Entry:
    return Entry(now(), rating, "wrong", corrected, (TURN,), ASKED)


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setattr(feedback_routes, "user_of", lambda _: asker.LOCAL)
    monkeypatch.setattr(feedback_routes, "may_read", lambda _, collection: collection == "law")
    talks = Conversations(None)
    talks.put(asker.LOCAL, TALKING, 1, replace(ASKED, question=EVIL))
    feedback = Feedback(tmp_path)
    routes = FeedbackRoutes(feedback, talks).routes()
    with TestClient(Starlette(routes=routes)) as client:
        yield client
    talks.close()
    feedback.close()


def test_an_opinion_is_kept_with_all_that_replays_it(state: Kept, home: Path) -> None:
    kept = Feedback(state)
    assert kept.listed("mara") == []
    assert not list(home.iterdir())
    said = entry()
    kept.put("mara", TALKING, 2, entry(1, ""))
    kept.put("mara", TALKING, 2, said)
    other = Feedback(state)
    assert other.listed("mara") == [said]
    assert kept.listed("otto") == []
    kept.rename_collection("law", "statutes")
    assert (other.count("law"), other.count("statutes")) == (0, 1)
    kept.forget("statutes", ["f" * 64])
    assert other.count("statutes") == 1
    assert ASKED.answer is not None
    kept.forget("statutes", [ASKED.answer.hits[0].chunk.document_id])
    assert other.listed("mara") == []
    kept.close()
    other.close()


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (path := tmp_path / "feedback.db").write_bytes(b"no database" * 99)
    with pytest.raises(FeedbackError, match=r"feedback\.db"):
        Feedback(path.parent).listed("mara")


def test_a_corrected_answer_is_preferred_to_the_one_given() -> None:
    (pair,) = lines([entry(), entry(1, ""), entry(-1, "")], "preferences")
    assert pair["chosen"] == [{"role": "assistant", "content": "Within 14 days."}]
    assert pair["rejected"] == [{"role": "assistant", "content": answer().answer}]
    roles = [message["role"] for message in pair["prompt"]]
    assert roles == ["user", "assistant", "user"]
    assert pair["prompt"][-1]["content"].endswith("And in 2024?")


def test_a_wrong_answer_is_no_example_until_it_is_corrected() -> None:
    found = lines([entry(-1, ""), entry(1, ""), entry()], "sft")
    said = [line["completion"][0]["content"] for line in found]
    assert said == [answer().answer, "Within 14 days."]


def test_exported_questions_are_what_the_evaluation_reads(tmp_path: Path) -> None:
    refused = replace(ASKED, answer=replace(answer(), status="abstained", sentences=()))
    entries = [entry(), replace(entry(1, ""), exchange=refused)]
    path = tmp_path / "asked.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines(entries, "questions")))
    first, second = read_examples(path, Problems())
    assert first.question == "And in 2024?"
    assert "Within 14 days." in str(first.answers)
    assert first.history == (TURN,)
    assert first.evidence[0].quote == "paid back within 14 days"
    assert not second.answerable


def test_feedback_is_given_listed_as_text_and_downloaded(client: TestClient) -> None:
    said = {"conversation": TALKING, "number": 1, "rating": -1, "reason": EVIL, "corrected": "x"}
    assert client.post("/page/feedback", content=json.dumps(said)).status_code == 204
    tree = Tree(client.get("/page/feedback?language=zh").text)
    assert tree.text.count(EVIL) == 2
    assert not tree.all("script")
    reply = client.get("/page/feedback.jsonl?form=preferences")
    assert json.loads(reply.text)["chosen"][0]["content"] == "x"
    assert client.get("/page/feedback.jsonl?form=nonsense").status_code == 422


def test_feedback_about_what_the_asker_may_not_read_any_more_is_not_shown(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {"conversation": TALKING, "number": 1, "rating": 1, "reason": "well said"}
    client.post("/page/feedback", content=json.dumps(said))
    assert "well said" in client.get("/page/feedback").text
    monkeypatch.setattr(feedback_routes, "may_read", lambda *_: False)
    assert "well said" not in client.get("/page/feedback").text
    assert client.get("/page/feedback.jsonl").text == ""


@pytest.mark.parametrize(
    "wrong", [{"number": 2}, {"rating": 5}, {"conversation": "x"}, {"more": 1}]
)
def test_what_is_no_feedback_is_refused(client: TestClient, wrong: dict[str, object]) -> None:
    said = {"conversation": TALKING, "number": 1, "rating": 1, **wrong}
    assert client.post("/page/feedback", content=json.dumps(said)).status_code in (404, 422)
