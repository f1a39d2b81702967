"""Every route of the app and every event of the page, asked by everyone about a collection."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from starlette.routing import Mount

from ingest.pipeline import ingest
from rag.config import Settings
from rag.store import Collection, Filter
from rag.types import DocumentInfo, Done, Event, Hit, Page, Turn
from tests.fakes import FakeEmbedder
from tests.unit.test_web_reports import info as report_info
from tests.web_fakes import FakeBackend, answer, document, hit
from web.access.audit import Audit
from web.access.door import COOKIE
from web.access.identity import Identity, Role
from web.access.page_sessions import OwnSessions
from web.access.store import AccessStore
from web.conversations import Conversations
from web.engine import Engine
from web.exchange import Exchange
from web.feedback import Entry, Feedback
from web.guard import OPEN_PATHS, Guard
from web.server import build_app
from web.work import Embedded, TextKind, Wish

SECRET, SHARED = "boardroom", "handbook"
PASSAGE = "The merger with Quillfeather is paid back within 14 days."
WORDS = ("Quillfeather", "minutes-of-may")
"""What stands in the secret collection; its name is a secret too where the asker did not say it."""
SECRET_ID = hashlib.sha256(PASSAGE.encode()).hexdigest()
ROLES: dict[str, dict[str, Role]] = {
    "nothing": {},
    "outsider": {SHARED: "admin"},
    "reader": {SECRET: "reader"},
    "editor": {SECRET: "editor"},
    "admin": {"*": "admin"},
}
TALK = "a" * 12
OPINIONS = ("/page/conversations", "/page/feedback")
BATCHES = "/v1/vector_stores/{store_id}/file_batches"
NO_WORDS = ("/v1/embeddings", BATCHES, "/page/said", "/page/watches", *OPINIONS)
"""What is posted there shows no words."""
KEPT_OUT = ("nothing", "outsider")
MESSAGES = [{"role": "user", "content": "What is planned?"}]
ASKED: dict[str, dict[str, Any]] = {
    "POST /v1/chat/completions": {"model": f"plumbline/{SECRET}", "messages": MESSAGES},
    "POST /v1/responses": {"model": SECRET, "input": "What is planned?"},
    "POST /v1/answers": {"collection": SECRET, "question": "What is planned?"},
    "POST /v1/summaries": {"collection": SECRET, "documents": [SECRET_ID]},
    "POST /v1/explain": {"collection": SECRET, "question": "What?", "expect": "planned"},
    "POST /v1/embeddings": {"input": "What is planned?"},
    "POST /v1/vector_stores/{store_id}/search": {"query": "What is planned?"},
    "POST /v1/vector_stores/{store_id}/files": {"file_id": SECRET_ID},
    f"POST {BATCHES}": {"file_ids": [SECRET_ID]},
    "POST /v1/vector_stores": {"name": "minutes"},
    "POST /v1/vector_stores/{store_id}": {"name": "minutes"},
    "POST /v1/collections": {"name": "minutes"},
    "PATCH /v1/collections/{name}": {"name": "minutes"},
    "POST /page/source": {"collection": SECRET, "document": SECRET_ID, "page": 1},
    "POST /page/conversations": {"conversation": TALK, "title": "What was planned"},
    "POST /page/feedback": {"conversation": TALK, "number": 1, "rating": 1},
    "POST /page/said": {"collection": SECRET, "document": SECRET_ID, "tags": "planned"},
    "POST /page/watches": {"collection": SECRET, "key": "0" * 16},
    "POST /page/explain": {"conversation": TALK, "number": 1, "expect": "the merger"},
}
"""Bodies of the routes that take JSON."""
UNBODIED = {"POST /logout", "POST /v1/documents", "POST /v1/files", "POST /mcp"}
"""Routes that change something and take no JSON, or that have tests of their own here."""
OWN_PREFIXES = ("/v1", "/page/", "/mcp", "/reports", "/healthz", "/readyz", "/metrics", "/account")
"""Whatever begins otherwise is Gradio's, which no test of ours can know; the walk asks it too."""
KNOWN = {
    "/account",
    "/healthz",
    "/mcp",
    "/metrics",
    "/page/alive",
    "/page/belongings",
    "/page/check",
    "/page/conversations",
    "/page/drawer",
    "/page/explain",
    "/page/export",
    "/page/feedback",
    "/page/feedback.jsonl",
    "/page/file",
    "/page/filters",
    "/page/picture",
    "/page/said",
    "/page/source",
    "/page/trust",
    "/page/watches",
    "/readyz",
    "/reports/{identity}",
    "/reports/{identity}/plots/{number:int}",
    "/v1/answers",
    "/v1/chat/completions",
    "/v1/collections",
    "/v1/collections/{name}",
    "/v1/documents",
    "/v1/documents/{document_id}",
    "/v1/embeddings",
    "/v1/explain",
    "/v1/files",
    "/v1/files/{file_id}",
    "/v1/files/{file_id}/content",
    "/v1/health",
    "/v1/models",
    "/v1/models/{model:path}",
    "/v1/openapi.json",
    "/v1/responses",
    "/v1/summaries",
    "/v1/vector_stores",
    "/v1/vector_stores/{store_id}",
    BATCHES,
    f"{BATCHES}/{{batch}}",
    "/v1/vector_stores/{store_id}/files",
    "/v1/vector_stores/{store_id}/files/{file_id}",
    "/v1/vector_stores/{store_id}/files/{file_id}/content",
    "/v1/vector_stores/{store_id}/search",
}
"""Paths whose outcome for each role someone thought about."""
TOOLS: dict[str, dict[str, Any]] = {
    "ask": {"question": "What is planned?"},
    "search": {"query": "What is planned?"},
    "list_documents": {},
    "summarise": {"documents": [SECRET_ID]},
    "read_passage": {"document": SECRET_ID},
}
"""MCP's tools and what they are asked."""
MANAGES = {
    "GET /v1/collections/{name}",
    "PATCH /v1/collections/{name}",
    "POST /v1/vector_stores/{store_id}",
    "DELETE /v1/collections/{name}",
    "DELETE /v1/vector_stores/{store_id}",
    "GET /page/belongings",
}
"""What is an administrator's."""
MAKES = {"POST /v1/collections", "POST /v1/vector_stores"}
SHOWS = {
    "GET /v1/documents",
    "GET /page/file",
    "GET /page/filters",
    "GET /page/export",
    "GET /page/conversations",
    "GET /page/feedback",
    "GET /page/feedback.jsonl",
    *(ASKED.keys() - MANAGES - MAKES - {f"POST {path}" for path in NO_WORDS}),
    "POST /v1/documents",
    "GET /v1/files",
    "POST /v1/files",
    "GET /v1/files/{file_id}",
    "GET /v1/files/{file_id}/content",
    "GET /v1/vector_stores/{store_id}/files",
    "GET /v1/vector_stores/{store_id}/files/{file_id}/content",
}
"""What shows words of the secret collection to who may do it."""
LISTS = {"GET /v1/files", "GET /page/feedback.jsonl", *(f"GET {path}" for path in OPINIONS)}
"""What shows each asker their own."""
NOT_THERE = SHOWS - LISTS | {
    f"POST {BATCHES}",
    "GET /page/picture",
    "GET /page/belongings",
    "GET /page/check",
    "GET /page/watches",
    "POST /page/watches",
    "GET /page/said",
    "POST /page/said",
    "POST /page/feedback",
}
"""What answers 404 to who may not know of the collection."""
NAMED = {
    "collection": SECRET,
    "name": SECRET,
    "document_id": SECRET_ID,
    "identity": SECRET,
    "store_id": SECRET,
    "file_id": SECRET_ID,
    "model": f"plumbline/{SECRET}",
}
"""What parts of paths are filled with."""
CHANGES = {"POST /v1/documents", "POST /v1/files", "DELETE /v1/documents/{document_id}"}


class Shelves(FakeBackend):
    """Two collections, each with its own words."""

    def stream(
        self,
        collection: str,
        question: str,
        history: Sequence[Turn],
        where: Filter = None,
    ) -> Generator[Event, None, None]:
        if collection == SECRET:
            self.scripted = answer(hits=[hit(PASSAGE, "minutes-of-may.md"), hit()])
        else:
            self.scripted = answer()
        yield from super().stream(collection, question, history, where)

    def summarise(self, collection: str, wish: Wish) -> Generator[Event, None, None]:
        self.asked.append((collection, "", ()))
        yield Done(answer(hits=[hit(PASSAGE, "minutes-of-may.md"), hit()]))

    def search(self, collection: str, question: str, k: int, where: Filter = None) -> list[Hit]:
        return [hit(PASSAGE, "minutes-of-may.md")] if collection == SECRET else [hit()]

    def pages(self, collection: str, document_id: str, numbers: Sequence[int]) -> list[Page]:
        return [Page(number, PASSAGE) for number in numbers]

    def explain(
        self, collection: str, question: str, expect: str, where: Filter = None
    ) -> dict[str, Any]:
        verdict = PASSAGE if collection == SECRET else "nothing"
        return {"verdict": verdict, "places": [], "chunks": []}

    def embed(self, texts: Sequence[str], kind: TextKind) -> Embedded:
        return Embedded(FakeEmbedder(dimension=8).embed_passages(list(texts)), 3)


def shelf() -> dict[str, list[DocumentInfo]]:
    return {SECRET: [document("minutes-of-may.md", SECRET_ID)], SHARED: [document()]}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the secret collection, for what reads collections without the back-end."""
    home = tmp_path_factory.mktemp("home")
    minutes = tmp_path_factory.mktemp("files") / "minutes-of-may.md"
    minutes.write_text(PASSAGE)
    settings, embedder = Settings(home=home, collection=SECRET), FakeEmbedder()
    with Collection.open(settings, SECRET, embedder.info, create=True) as opened:
        ingest([minutes], opened, embedder, settings)
    _once_read(home)
    return home


def _once_read(home: Path) -> None:
    """Everyone has a conversation about the secret collection and an opinion of its answer, from a
    time when they may have been allowed to read it."""
    talks, feedback = Conversations(home), Feedback(home)
    answered = answer(hits=[hit(PASSAGE, "minutes-of-may.md")])
    exchange = Exchange("What of Quillfeather?", answered, collection=SECRET)
    for role in ROLES:
        talks.put(f"user:{role}", TALK, 1, exchange)
        opinion = Entry("2026-11-30", 1, "minutes-of-may", "", (), exchange)
        feedback.put(f"user:{role}", TALK, 1, opinion)
    talks.close()


@pytest.fixture(scope="module")
def backend() -> Shelves:
    return Shelves(held=shelf(), page_text=PASSAGE)


@pytest.fixture(autouse=True)
def unchanged(backend: Shelves) -> None:
    """Each test finds both collections as they were, whatever the one before did."""
    backend.held = shelf()
    backend.asked.clear()


@pytest.fixture(scope="module")
def app(home: Path, backend: Shelves) -> Iterator[Guard]:
    """The whole app; the secret collection is the configured one."""
    settings = Settings.model_validate({"home": home, "collection": SECRET})
    engine = Engine(backend)
    engine.start()

    async def build() -> Guard:
        # Without a running loop Gradio makes some and never closes them.
        built = build_app(engine, settings)
        assert isinstance(built, Guard)
        return built

    yield asyncio.run(build())
    engine.close()


@pytest.fixture(scope="module")
def cookies(home: Path) -> dict[str, str]:
    """A session for each role."""
    store = AccessStore(home)
    for name, grants in ROLES.items():
        store.users.add(name, None)
        for collection, role in grants.items():
            store.users.grant(name, collection, role)
    made = {name: store.sessions.cookie(f"user:{name}", 1) for name in ROLES}
    store.close()
    return {"nobody": "", **made}


@pytest.fixture(scope="module")
def client(app: Guard) -> Iterator[TestClient]:
    headers = {"host": "plumb.example", "sec-fetch-site": "same-origin"}
    with TestClient(
        app, headers=headers, follow_redirects=False, raise_server_exceptions=False
    ) as client:
        yield client


def routes(app: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Method and path of everything that an application answers to."""
    for found in iter_route_contexts(app.routes):
        route: Any = getattr(found, "original_route", found)
        path = str(getattr(found, "path", None) or getattr(route, "path", ""))
        if isinstance(route, Mount):
            yield from routes(route, prefix + path)
        else:
            methods = (
                getattr(found, "methods", None) or getattr(route, "methods", None) or ("POST",)
            )
            yield from ((method, prefix + path) for method in sorted(methods))


def ask(client: TestClient, method: str, path: str, cookie: str) -> Any:
    """One request about the secret collection, as `cookie`'s holder."""
    filled = re.sub(r"\{(\w+)(?::\w+)?\}", lambda m: NAMED.get(m[1], "none"), path)
    more: dict[str, Any] = {}
    if method in ("POST", "PUT", "PATCH"):
        if path in ("/v1/documents", "/v1/files"):
            field = path.removeprefix("/v1/").removesuffix("s") if "files" in path else "files"
            more["files"] = {field: ("minutes-of-may.md", PASSAGE.encode())}
        else:
            more["json"] = ASKED.get(f"{method} {path}", {})
    client.cookies.clear()
    headers = {"cookie": f"{COOKIE}={cookie}"} if cookie else {}
    params = {
        "collection": SECRET,
        "document": SECRET_ID,
        "session_hash": f"of-{cookie[:9]}",
        "conversation": TALK,
    }
    return client.request(method, filled, params=params, headers=headers, **more)


def test_the_walk_finds_the_routes(app: Guard) -> None:
    found = {f"{method} {path}" for method, path in routes(inner(app))}
    assert SHOWS | CHANGES | ASKED.keys() <= found
    assert {"GET /reports/{identity}", "GET /config", "POST /gradio_api/queue/join"} <= found


def test_no_route_is_unknown_to_the_walk(app: Guard, client: TestClient) -> None:
    """A new one goes into KNOWN, its body into ASKED, and into SHOWS if it shows words."""
    ours = {route for route in routes(inner(app)) if route[1].startswith(OWN_PREFIXES)}
    assert {path for _, path in ours} == KNOWN
    takes = {f"{method} {path}" for method, path in ours if method in ("POST", "PUT", "PATCH")}
    assert takes == (ASKED.keys() | UNBODIED) - {"POST /logout"}


@pytest.mark.parametrize("method", ["tools/list", "prompts/list", "resources/templates/list"])
def test_no_tool_is_unknown_to_the_walk(
    client: TestClient, cookies: dict[str, str], method: str
) -> None:
    text = called(client, cookies["admin"], method, {})
    names = set(re.findall(r'"name":\s*"(\w+)"', text))
    expected = {"tools/list": TOOLS.keys(), "resources/templates/list": {"page"}}
    assert names == expected.get(method, set()), text


def inner(app: Guard) -> Any:
    """The application behind the guard and the sessions."""
    sessions = app._app
    assert isinstance(sessions, OwnSessions)
    return sessions._app


def walked(app: Guard) -> list[tuple[str, str]]:
    # Endless streams of nothing, and signing out, which ends the walk.
    left_out = ("/gradio_api/heartbeat/{session_hash}", "/gradio_api/dev/reload", "/logout")
    return sorted({route for route in routes(inner(app)) if route[1] not in left_out})


def test_nobody_gets_past_the_door(app: Guard, client: TestClient, cookies: dict[str, str]) -> None:
    for method, path in walked(app):
        reply = ask(client, method, path, cookies["nobody"])
        if path in OPEN_PATHS:
            assert reply.status_code in (200, 401, 405, 503), (method, path)
        else:
            assert reply.status_code == 401, (method, path)
        assert not any(word in reply.text for word in (*WORDS, SECRET)), (method, path)


@pytest.mark.parametrize("role", KEPT_OUT)
def test_no_word_of_a_forbidden_collection_is_shown(
    app: Guard, client: TestClient, cookies: dict[str, str], role: str, backend: Shelves
) -> None:
    for method, path in walked(app):
        reply = ask(client, method, path, cookies[role])
        where = (method, path, reply.status_code, reply.text[:300])
        assert not any(word in reply.text + str(reply.headers) for word in WORDS), where
        named = NAMED.keys() & set(re.findall(r"\{(\w+)", path))
        if named or f"{method} {path}" in NOT_THERE:
            assert reply.status_code == 404, where
        else:
            assert SECRET not in reply.text, where
    assert all(collection != SECRET for collection, _, _ in backend.asked)
    assert [info.document_id for info in backend.held[SECRET]] == [SECRET_ID]


@pytest.mark.parametrize("role", ["reader", "editor", "admin"])
def test_who_may_is_served(
    client: TestClient, cookies: dict[str, str], role: str, backend: Shelves
) -> None:
    for route in [*sorted(SHOWS), "DELETE /v1/documents/{document_id}"]:
        method, path = route.split(" ")
        reply = ask(client, method, path, cookies[role])
        if route in CHANGES and role == "reader":
            assert reply.status_code == 403, route
            assert reply.json()["error"]["code"] == "forbidden"
        else:
            assert reply.status_code == 200, (route, reply.text)
            assert any(word in reply.text for word in WORDS), (route, reply.text)


@pytest.mark.parametrize("role", ["reader", "editor", "admin"])
def test_collections_are_changed_by_who_manages_them(
    client: TestClient, cookies: dict[str, str], role: str, backend: Shelves
) -> None:
    for route in sorted(MANAGES | MAKES):
        backend.held = shelf()
        method, path = route.split(" ")
        reply = ask(client, method, path, cookies[role])
        assert reply.status_code == (200 if role == "admin" else 403), (route, reply.text)
        if role != "admin":
            assert sorted(backend.held) == sorted(shelf()), route


@pytest.mark.parametrize(
    ("role", "models", "default"),
    [
        ("nothing", [], None),
        ("outsider", [f"plumbline/{SHARED}"], None),
        ("reader", ["plumbline"], SECRET),
        ("admin", ["plumbline", f"plumbline/{SHARED}"], SECRET),
    ],
)
def test_lists_hold_what_the_asker_may_read(
    client: TestClient, cookies: dict[str, str], role: str, models: list[str], default: str | None
) -> None:
    listed = ask(client, "GET", "/v1/models", cookies[role]).json()["data"]
    assert [model["id"] for model in listed] == models
    assert ask(client, "GET", "/v1/collections", cookies[role]).json()["default"] == default


def test_the_page_leads_to_the_account(client: TestClient, cookies: dict[str, str]) -> None:
    assert 'href="/account"' in ask(client, "GET", "/page/drawer", cookies["reader"]).text
    account = ask(client, "GET", "/account", cookies["reader"])
    assert f"{SECRET}: may read" in account.text


def test_only_who_may_read_everything_sees_reports(
    client: TestClient, cookies: dict[str, str], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = home / "report.html"
    report.write_text(PASSAGE)
    info = replace(report_info("one"), html=report)
    monkeypatch.setattr("web.reports.finished_runs", lambda _: {SECRET: info})
    for role in ("outsider", "reader", "editor"):
        assert ask(client, "GET", "/reports/{identity}", cookies[role]).status_code == 404
    assert ask(client, "GET", "/reports/{identity}", cookies["admin"]).text == PASSAGE


def called(client: TestClient, cookie: str, method: str, params: dict[str, Any]) -> str:
    """What MCP answers to one call of a session of its own."""
    client.cookies.clear()
    headers = {
        "cookie": f"{COOKIE}={cookie}",
        "accept": "application/json, text/event-stream",
        "content-type": "application/json",
    }
    about = {"protocolVersion": "2025-11-25", "capabilities": {}}
    hello = {**about, "clientInfo": {"name": "test", "version": "1"}}
    opened = client.post("/mcp", json=_rpc(1, "initialize", hello), headers=headers)
    assert opened.status_code == 200, opened.text
    headers |= {"mcp-session-id": opened.headers["mcp-session-id"]}
    note = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    client.post("/mcp", json=note, headers=headers)
    return client.post("/mcp", json=_rpc(2, method, params), headers=headers).text


def _rpc(number: int, method: str, params: dict[str, Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params}


@pytest.mark.parametrize("role", ["nobody", *ROLES])
def test_every_tool_shows_what_the_asker_may_read(
    client: TestClient, cookies: dict[str, str], role: str, backend: Shelves
) -> None:
    if role == "nobody":
        body = _rpc(1, "tools/list", {})
        assert client.post("/mcp", json=body, headers={"cookie": ""}).status_code == 401
        return
    named = {"collection": SECRET}
    uri = f"plumbline://collections/{SECRET}/documents/{SECRET_ID}"
    calls: list[tuple[str, dict[str, Any]]] = [
        ("tools/call", {"name": name, "arguments": {**named, **arguments}})
        for name, arguments in TOOLS.items()
    ]
    calls += [("resources/list", {}), ("resources/read", {"uri": uri})]
    for method, params in calls:
        text = called(client, cookies[role], method, params)
        shown = any(word in text for word in WORDS)
        assert shown == (role not in KEPT_OUT), (method, params, text)


def events(client: TestClient, cookie: str, function: int, session: str, data: list[Any]) -> str:
    """All that the page hears of one event."""
    headers = {"cookie": f"{COOKIE}={cookie}"}
    told = {"act": "again", "document": SECRET_ID, "language": "en"}
    body = {"fn_index": function, "data": data, "session_hash": session, "event_data": told}
    client.cookies.clear()
    joined = client.post("/gradio_api/queue/join", json=body, headers=headers)
    assert joined.status_code == 200, joined.text
    query = {"session_hash": session}
    return client.get("/gradio_api/queue/data", params=query, headers=headers).text


def _kind(part: dict[str, Any]) -> str:
    # Through hidden boxes the browser tells which conversation it is, and the language.
    hidden = part["type"] == "textbox" and not part["props"]["visible"]
    return "hidden" if hidden else str(part["type"])


def heard(client: TestClient, cookie: str, session: str) -> dict[str, str]:
    """Every event of the page, sent once with the secret collection as whatever may name one."""
    client.cookies.clear()
    headers = {"cookie": f"{COOKIE}={cookie}"}
    config = client.get("/config", headers=headers).json()
    kinds = {part["id"]: _kind(part) for part in config["components"]}
    # The first event loads the page, which tells the dropdown what there is to choose.
    given = {"dropdown": "", "textbox": "What is planned?", "hidden": TALK}
    told = {"config": json.dumps(config)}
    for function in config["dependencies"]:
        if function["backend_fn"]:
            data = [given.get(kinds[part]) for part in function["inputs"]]
            name = f"{function['id']} {function['api_name']}"
            told[name] = events(client, cookie, function["id"], session, data)
            given["dropdown"] = SECRET
    return told


@pytest.mark.parametrize("role", KEPT_OUT)
def test_no_event_of_the_page_shows_a_word(
    client: TestClient, cookies: dict[str, str], role: str, backend: Shelves
) -> None:
    told = heard(client, cookies[role], f"of-{role}")
    assert len(told) > 8
    for name, text in told.items():
        assert not any(word in text for word in WORDS), (name, text[:2000])
    assert SECRET not in told["config"]
    assert not backend.asked


def test_the_page_serves_who_may(
    client: TestClient, cookies: dict[str, str], backend: Shelves
) -> None:
    told = heard(client, cookies["reader"], "of-reader")
    assert sum(any(word in text for word in WORDS) for text in told.values()) >= 3
    assert backend.asked


def test_nobody_hears_of_anothers_page(client: TestClient, cookies: dict[str, str]) -> None:
    mine, other = ({"cookie": f"{COOKIE}={cookies[name]}"} for name in ("reader", "admin"))
    told = {"fn_index": 0, "data": ["", "", "en"], "session_hash": "page-of-reader"}
    client.cookies.clear()
    assert client.post("/gradio_api/queue/join", json=told, headers=mine).status_code == 200
    query = {"session_hash": "page-of-reader"}
    for method, path in [
        ("GET", "/gradio_api/queue/data"),
        ("POST", "/gradio_api/queue/join"),
        ("POST", "/gradio_api/cancel"),
        ("POST", "/gradio_api/reset"),
        ("GET", "/gradio_api/heartbeat/page-of-reader"),
    ]:
        more: dict[str, Any] = {"json": told} if method == "POST" else {"params": query}
        reply = client.request(method, path, headers=other, **more)
        assert (reply.status_code, reply.text) == (403, "this page belongs to someone else"), path
    text = client.get("/gradio_api/queue/data", params=query, headers=mine).text
    assert "process_completed" in text


def test_the_log_tells_who_asked_and_not_what(
    client: TestClient, cookies: dict[str, str], home: Path
) -> None:
    reader = cookies["reader"]
    ask(client, "POST", "/v1/answers", reader)
    called(client, reader, "tools/call", {"name": "ask", "arguments": TOOLS["ask"]})
    heard(client, reader, "of-the-log")
    for route in ("POST /v1/documents", "POST /v1/collections", "GET /v1/collections/{name}"):
        method, path = route.split(" ")
        assert ask(client, method, path, reader).status_code == 403
    entries = list(Audit(home, Settings(home=home).audit).entries())
    asked = [e for e in entries if (e.who, e.action, e.collection) == ("reader", "ask", SECRET)]
    assert {entry.via for entry in asked} == {"api", "mcp", "page"}
    assert all(entry.documents for entry in asked if entry.outcome != "left")
    assert {e.action for e in entries if e.who == "reader" and e.outcome == "refused"} == {
        "write",
        "create",
        "manage",
    }
    assert all(word not in entry.line() for entry in entries for word in ("planned", WORDS[0]))


def test_a_forbidden_name_is_in_the_log(
    app: Guard, client: TestClient, cookies: dict[str, str], home: Path, backend: Shelves
) -> None:
    def refused() -> list[str]:
        entries = Audit(home, Settings(home=home).audit).entries()
        found = [e for e in entries if e.who == "outsider" and e.outcome == "refused"]
        return [entry.via for entry in found if entry.collection == SECRET]

    by_id = {
        "/v1/files/{file_id}",
        "/v1/files/{file_id}/content",
        "/reports/{identity}",
        "/reports/{identity}/plots/{number:int}",
        "/page/explain",
        "/page/export",
        "/page/feedback",
    }
    for method, path in walked(app):
        named = NAMED.keys() & set(re.findall(r"\{(\w+)", path))
        if (named or f"{method} {path}" in NOT_THERE) and path not in by_id:
            before = len(refused())
            ask(client, method, path, cookies["outsider"])
            assert len(refused()) == before + 1, (method, path)
    for name, arguments in TOOLS.items():
        call = {"name": name, "arguments": {"collection": SECRET, **arguments}}
        before = len(refused())
        called(client, cookies["outsider"], "tools/call", call)
        assert refused()[before:] == ["mcp"], name


def test_the_log_bounds_what_it_keeps(home: Path, tmp_path: Path) -> None:
    audit = Audit(tmp_path, Settings(home=home).audit)
    ann = Identity("user", "ann")
    audit.note(ann, "read", via="api", collection="x" * 10_000, outcome="refused")
    assert [len(entry.collection) for entry in audit.entries()] == [100]
    audit.close()
