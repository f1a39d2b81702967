from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from tests.markup import EVIL, Tree
from tests.web_fakes import answer, as_owner
from web.asker import LOCAL
from web.conversations import Conversations
from web.exchange import Exchange
from web.talk_routes import TalkRoutes
from web.texts_talk import EN, ZH

TALKING = "a" * 12


@pytest.fixture
def conversations() -> Iterator[Conversations]:
    kept = Conversations(None)
    kept.put(LOCAL, TALKING, 1, Exchange(EVIL, answer(), collection="law"))
    kept.put("otto", "b" * 12, 1, Exchange("Secret"))
    yield kept
    kept.close()


@pytest.fixture
def client(conversations: Conversations) -> Iterator[TestClient]:
    routes = TalkRoutes(conversations, None).routes()
    with TestClient(as_owner(Starlette(routes=routes))) as client:
        yield client


def change(client: TestClient, **body: object) -> int:
    return int(client.post("/page/conversations", content=json.dumps(body)).status_code)


def test_the_list_shows_titles_as_text_and_nobody_elses(client: TestClient) -> None:
    tree = Tree(client.get("/page/conversations").text)
    assert EVIL in tree.text
    assert "Secret" not in tree.text
    assert not tree.all("script")
    (row,) = tree.all("li")
    assert row["data-talk"] == TALKING
    assert EN.none_found in client.get("/page/conversations?search=zzz").text


def test_the_drawer_says_that_nothing_is_kept(client: TestClient) -> None:
    assert ZH.not_kept in client.get("/page/drawer?language=zh-CN").text


def test_a_conversation_is_renamed_and_deleted(
    client: TestClient, conversations: Conversations
) -> None:
    assert change(client, conversation=TALKING, title="Travel") == 204
    assert [c.title for c in conversations.listed(LOCAL)] == ["Travel"]
    assert change(client, conversation="b" * 12) == 404
    assert change(client, conversation="../x") == 422
    assert change(client, nonsense=1) == 422
    assert change(client, conversation=TALKING) == 204
    assert conversations.listed(LOCAL) == []


def test_a_conversation_is_exported_under_its_title(client: TestClient) -> None:
    reply = client.get("/page/export", params={"conversation": TALKING, "format": "md"})
    assert reply.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    assert "paid back within 14 days" in reply.text
    for asked in (
        {"conversation": TALKING, "format": "exe"},
        {"conversation": "b" * 12},
        {"conversation": "x"},
    ):
        assert client.get("/page/export", params=asked).status_code in (404, 422)


def test_the_process_has_a_name_and_words_for_its_loss(client: TestClient) -> None:
    told = client.get("/page/alive?language=zh").json()
    assert told["restarted"] == ZH.restarted
    assert client.get("/page/alive").json()["process"] == told["process"]
    told = client.get("/page/alive", params={"conversation": TALKING}).json()
    assert (told["asked"], told["version"]) == (1, -1)
