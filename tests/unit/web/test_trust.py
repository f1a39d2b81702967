"""What the page says of models, accuracy, health and lost passages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from ingest.pipeline import ingest
from rag.config import Settings
from rag.explanation import ChunkFate, Explanation, Place
from rag.store import Collection, Filter
from tests.fakes import FakeEmbedder
from tests.markup import EVIL, Tree
from tests.web_fakes import FakeBackend, answer, as_owner
from web.conversations import Conversations
from web.engine import Engine
from web.exchange import Exchange
from web.render_trust import explanation, trust
from web.texts_trust import EN, ZH
from web.trust import measured, models_used
from web.trust_routes import TrustRoutes

TALK = "a" * 12


class Explaining(FakeBackend):
    """Says that the words were found and not chosen."""

    def explain(
        self, collection: str, question: str, expect: str, where: Filter = None
    ) -> dict[str, object]:
        place = Place("travel.md", "id", 2, 0, 3, expect)
        fate = ChunkFate("c", "travel.md", 2, True, {"vectors": 4}, {}, 4, None, False)
        verdict = f"{collection}: {expect} came fourth"
        return Explanation(question, expect, verdict, (place,), (fate,), (), 300).to_json()


@pytest.fixture
def client(settings: Settings, embedder: FakeEmbedder, tmp_path: Path) -> Iterator[TestClient]:
    (note := tmp_path / "note.txt").write_text("The dome weighs 38 tonnes.")
    with Collection.open(settings, "notes", embedder.info, create=True) as opened:
        ingest([note], opened, embedder, settings)
    talks = Conversations(None)
    talks.put("local", TALK, 1, Exchange("How heavy?", answer(), collection="notes"))
    engine = Engine(Explaining(held={"notes": []}))
    engine.start()
    engine._loaded.wait(5)
    with TestClient(
        as_owner(Starlette(routes=TrustRoutes(settings, engine, talks).routes()))
    ) as client:
        yield client
    engine.close()
    talks.close()


def test_models_are_named_with_digest_and_licence(client: TestClient, settings: Settings) -> None:
    page = client.get("/page/trust", params={"collection": "notes"}).text
    for used in models_used(settings):
        assert used.sha256 in page
        assert used.licence in page
    assert EN.health.format(name="notes") in page
    elsewhere = settings.model_copy(
        update={"generator": settings.generator.model_copy(update={"base_url": "http://[::1]/v1"})}
    )
    (writer,) = [used for used in models_used(elsewhere) if used.role == "generator"]
    assert (writer.sha256, writer.place) == ("", "elsewhere")
    assert ZH.elsewhere in trust("", [writer], None, ZH)
    assert ZH.unmeasured in trust("", [], None, ZH)


def test_the_health_of_a_collection_is_checked(client: TestClient, settings: Settings) -> None:
    check = {"collection": "notes", "language": "en"}
    assert EN.well in client.get("/page/check", params=check).text
    (settings.collections_dir / "notes" / "index.db").write_bytes(b"cut")
    told = client.get("/page/check", params=check).text
    assert "index.db is cut short" in told
    assert "plumb collections check notes --repair" in told
    assert client.get("/page/check", params={"collection": "none"}).status_code == 404


def test_an_answer_says_where_words_were_lost(client: TestClient) -> None:
    def ask(**more: object) -> tuple[int, str]:
        asked = {"conversation": TALK, "number": 1, "expect": EVIL, **more}
        reply = client.post("/page/explain", content=json.dumps(asked))
        return reply.status_code, reply.text

    status, told = ask()
    assert status == 200
    assert not Tree(told).all("img")
    assert EN.no_hit in told
    assert "vectors 4" in told
    assert ask(number=2)[0] == 404
    assert ask(expect="")[0] == 422
    assert ask(conversation="..")[0] == 400
    assert EVIL not in explanation(
        {"verdict": EVIL, "places": [{"document": EVIL, "page": 1}], "chunks": []}, EN
    )


def test_the_shipped_measurement_is_drawn_for_both_languages() -> None:
    found = measured()
    assert found is not None
    assert {one["language"] for one in found["sets"]} == {"en", "zh"}
    page = trust("", [], found, ZH)
    assert page.count("<svg") == len(found["sets"])
    for one in found["sets"]:
        assert sum(count for _, _, count in one["reliability"]) == one["n"]
        assert f"{one['auroc'][0]:.3f}" in page
