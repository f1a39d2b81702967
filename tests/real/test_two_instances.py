"""Two instances over one PostgreSQL and one Milvus behind Debian's nginx; one of them is killed."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from ingest.verify import verify_removed
from rag.config import Settings
from tests.documents import pdf
from tests.nginx import program, proxy
from tests.remote_servers import PASSWORD
from tests.web_server import ROOT, Server, serving
from web.access.door import COOKIE
from web.access.store import AccessStore

SOON_S = 5.0
PATIENCE_S = 120.0
DOME = pdf(["The dome weighs 38 tonnes and was built in 1931 by the river."])
DOME_ID = sha256(DOME).hexdigest()
LAMP = b"The lamp in the yard is lit at dusk by the caretaker."
LAMP_ID = sha256(LAMP).hexdigest()
QUESTION = "How much does the dome weigh?"


@dataclass(frozen=True)
class Pair:
    """Both instances, the proxy before them, and what ann signs in with: a cookie and a key."""

    servers: tuple[Server, Server]
    settings: tuple[Settings, Settings]
    proxy: str
    access: AccessStore
    key: str

    def client(self, base: int | None, cookie: str = "") -> httpx.Client:
        """Of one instance, or through the proxy; with the page's cookie, or with the key."""
        url = self.proxy if base is None else self.servers[base].url
        if cookie:
            headers = {"cookie": f"{COOKIE}={cookie}", "origin": url}
        else:
            headers = {"authorization": f"Bearer {self.key}"}
        return httpx.Client(base_url=url, headers=headers, timeout=PATIENCE_S)


@pytest.fixture
def pair(remote: Settings, tmp_path: Path) -> Iterator[Pair]:
    if program() is None:
        pytest.skip("nginx is not installed: apt-get install nginx")
    access = AccessStore(remote.store)
    access.users.add("ann", PASSWORD)
    access.users.grant("ann", "heron", "editor")
    _, key = access.keys.create("ci", {"*": "editor"}, "ann", None)
    store = remote.store
    told = {"POSTGRES": store.postgres, "MILVUS": store.milvus, "POSTGRES_PASSWORD": PASSWORD}
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PLUMB_")}
    kept |= {f"PLUMB_STORE__{name}": str(value) for name, value in told.items()}
    homes = [tmp_path / "one", tmp_path / "two"]
    with ExitStack() as stack:
        stack.callback(access.close)

        def start(home: Path) -> Server:
            environ = {**kept, "PLUMB_HOME": str(home), "PYTHONPATH": str(ROOT)}
            log, program = tmp_path / f"{home.name}.log", ("-m", "tests.page_app")
            running = serving(environ, log, "--collection", "heron", program=program)
            return stack.enter_context(running)

        with ThreadPoolExecutor(2) as pool:
            servers = list(pool.map(start, homes))
        addresses = [server.url.removeprefix("http://") for server in servers]
        url = stack.enter_context(proxy(tmp_path / "nginx", addresses))
        settings = tuple(remote.model_copy(update={"home": home}) for home in homes)
        yield Pair((servers[0], servers[1]), (settings[0], settings[1]), url, access, key)


def until(found: Callable[[], bool], seconds: float) -> bool:
    """Whether it is so within that time."""
    deadline = time.monotonic() + seconds
    while not found():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def sign_in(pair: Pair) -> str:
    """The cookie, from the first instance."""
    form = {"name": "ann", "password": PASSWORD}
    reply = httpx.post(f"{pair.servers[0].url}/login", data=form, timeout=PATIENCE_S)
    assert reply.status_code == 303, reply.text
    return str(reply.cookies[COOKIE])


def answered(client: httpx.Client) -> str:
    """What the API answers."""
    asked = {"model": "heron", "messages": [{"role": "user", "content": QUESTION}]}
    reply = client.post("/v1/chat/completions", json=asked)
    assert reply.status_code == 200, reply.text
    return str(reply.json()["choices"][0]["message"]["content"])


def begin_asking(client: httpx.Client, conversation: str, question: str) -> None:
    """Ask on the page."""
    told = client.get("/config").json()
    (ask, *_) = (
        number
        for number, event in enumerate(told["dependencies"])
        if len(event["inputs"]) == 5 and event["targets"][0][1] == "submit"
    )
    data = [question, conversation, "heron", "en", ""]
    body = {"fn_index": ask, "data": data, "session_hash": f"page{conversation}"}
    joined = client.post("/gradio_api/queue/join", json=body)
    assert joined.status_code == 200, joined.text


def wait_for_words(client: httpx.Client, conversation: str, words: str) -> None:
    """Until the conversation has the words, as any instance exports it."""
    place = f"/page/export?conversation={conversation}&format=md"
    assert until(lambda: words in client.get(place).text, PATIENCE_S), client.get(place).text


def test_two_instances_are_one_and_one_dies(pair: Pair) -> None:
    cookie = sign_in(pair)
    with ExitStack() as stack:
        apis = [stack.enter_context(pair.client(base)) for base in (0, 1, None)]
        pages = [stack.enter_context(pair.client(base, cookie)) for base in (0, 1)]
        _check_one_store(pair, apis, pages)
        _check_a_death(pair, apis[2], pages)


def _check_one_store(pair: Pair, apis: list[httpx.Client], pages: list[httpx.Client]) -> None:
    one, two, both = apis
    for page in pages:
        assert "ann" in page.get("/account").text
    sent = one.post(
        "/v1/documents", files=[("files", ("dome.pdf", DOME)), ("files", ("lamp.txt", LAMP))]
    )
    assert [file["change"] for file in sent.json()["data"]] == ["added", "added"], sent.text

    def is_found() -> bool:
        return DOME_ID in two.get("/v1/documents").text

    assert until(is_found, SOON_S)
    held = {"collection": "heron", "document": DOME_ID}
    for page in pages:
        assert page.get("/page/file", params=held).content == DOME
    picture = pages[1].get("/page/picture", params={**held, "page": 1, "spans": "4-8"})
    assert picture.content.startswith(b"\x89PNG")
    assert picture.headers["x-marked"]
    answers = {answered(client) for client in (one, two, both)}
    assert len(answers) == 1
    assert "38 tonnes" in answers.pop()
    begin_asking(pages[0], "conversation1", "Who lights the lamp?")
    wait_for_words(pages[1], "conversation1", "caretaker")
    assert "Who lights the lamp?" in pages[1].get("/page/conversations").text
    made, secret = pair.access.keys.create("short", {"heron": "reader"}, None, None)
    for status in (200, 401):
        for client in (one, two):
            headers = {"authorization": f"Bearer {secret}"}
            assert client.get("/v1/models", headers=headers).status_code == status
        pair.access.keys.revoke(made.key_id)
    assert verify_removed(pair.settings[0], LAMP_ID).traces
    assert two.delete(f"/v1/documents/{LAMP_ID}").status_code == 200
    held["document"] = LAMP_ID
    assert all(page.get("/page/file", params=held).status_code == 404 for page in pages)
    assert "caretaker" not in pages[0].get("/page/export?conversation=conversation1&format=md").text
    for settings in pair.settings:
        assert verify_removed(settings, LAMP_ID).traces == ()


def _check_a_death(pair: Pair, both: httpx.Client, pages: list[httpx.Client]) -> None:
    begin_asking(pages[0], "conversation2", f"slowly: {QUESTION}")
    wait_for_words(pages[1], "conversation2", "slowly")
    pair.servers[0].process.kill()
    pair.servers[0].process.wait()

    def request(number: int) -> bool:
        if number % 2:
            return "38 tonnes" in answered(both)
        return DOME_ID in both.get("/v1/documents").text

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(request, range(16)))
    told = pages[1].get("/page/export?conversation=conversation2&format=md").text
    assert "slowly" in told  # the question is kept; the answer went with its instance
    begin_asking(pages[1], "conversation2", QUESTION)
    wait_for_words(pages[1], "conversation2", "38 tonnes")
    assert json.loads(both.get("/v1/models").text)["data"]
