from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from web import guard
from web.access import signin
from web.access.door import Door
from web.access.store import AccessStore
from web.guard import Guard, Rules, is_loopback

HOST = {"host": "127.0.0.1:7860"}
KEY = "s3cret-密钥"


def client(rules: Rules, door: Door | None = None) -> TestClient:
    app = FastAPI()

    @app.post("/v1/answers")
    @app.post("/v1/documents")
    @app.post("/page")
    @app.post(guard.UPLOAD_PATH)
    async def size(request: Request) -> int:
        return len(await request.body())

    @app.get("/v1/health")
    @app.get("/v1/models")
    @app.get("/")
    def ok() -> str:
        return "ok"

    return TestClient(Guard(app, rules, door), headers=HOST, follow_redirects=False)


@pytest.fixture
def open_door() -> TestClient:
    return client(Rules("127.0.0.1", None, 2**20))


@pytest.fixture
def locked(monkeypatch: pytest.MonkeyPatch, home: Path) -> Iterator[TestClient]:
    monkeypatch.setattr(signin, "WRONG_DELAY_S", 0.0)
    store = AccessStore(home)
    yield client(Rules("0.0.0.0", KEY, 2**20), Door(store, KEY, loopback=False))
    store.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "127.8.9.1", "app.localhost"])
def test_this_machines_names_are_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.0.2", "example.com", "localhost.evil", ""])
def test_other_names_are_not(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize("host", ["127.0.0.1:7860", "localhost:1", "[::1]:7860", "LOCALHOST"])
def test_requests_for_this_machine_pass(open_door: TestClient, host: str) -> None:
    assert open_door.get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:7860", "192.168.0.2:7860", ""])
@pytest.mark.parametrize("path", ["/", "/v1/models"])
def test_rebound_names_are_refused(open_door: TestClient, host: str, path: str) -> None:
    assert open_door.get(path, headers={"host": host}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "sec-fetch-mode": "navigate"},
    ],
)
def test_requests_of_other_pages_are_refused(
    open_door: TestClient, headers: dict[str, str]
) -> None:
    assert open_door.post("/v1/answers", headers=headers).status_code == 403


def test_our_own_page_and_links_to_it_pass(open_door: TestClient) -> None:
    own = {"origin": "http://127.0.0.1:7860", "sec-fetch-site": "same-origin"}
    assert open_door.post("/v1/answers", headers=own).status_code == 200
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert open_door.get("/", headers=link).status_code == 200


def test_the_browser_is_told_to_stay_here(open_door: TestClient) -> None:
    policy = open_door.get("/").headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert not re.search(r"https?:|\*", policy)
    # With "no-referrer" a browser sends the form to sign in with the origin null.
    assert open_door.get("/").headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/v1/answers", guard.JSON_LIMIT, 200),
        ("/v1/answers", guard.JSON_LIMIT + 1, 413),
        ("/v1/documents", guard.JSON_LIMIT + 2**20, 200),
        ("/v1/documents", guard.JSON_LIMIT + 2**20 + 1, 413),
        ("/page", guard.JSON_LIMIT + 1, 413),
        (guard.UPLOAD_PATH, guard.JSON_LIMIT + guard.UPLOADS_AT_ONCE * 2**20, 200),
        (guard.UPLOAD_PATH, guard.JSON_LIMIT + guard.UPLOADS_AT_ONCE * 2**20 + 1, 413),
    ],
)
@pytest.mark.parametrize("chunked", [False, True])
def test_bodies_are_bounded(
    open_door: TestClient, path: str, size: int, status: int, chunked: bool
) -> None:
    def pieces() -> object:
        yield b"x" * (size - 1)
        yield b"x"

    reply = open_door.post(path, content=pieces() if chunked else b"x" * size)  # type: ignore[arg-type]
    assert reply.status_code == status
    if status == 413 and path.startswith("/v1"):
        assert reply.json()["error"]["code"] == "too_large"


def test_without_the_key_the_api_is_closed_but_for_its_health(locked: TestClient) -> None:
    reply = locked.get("/v1/models")
    assert reply.status_code == 401
    assert reply.json()["error"]["code"] == "invalid_api_key"
    assert locked.get("/v1/health").status_code == 200


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (f"Bearer {KEY}", 200),
        (f"bearer {KEY}", 200),
        ("Bearer wrong", 401),
        (f"Basic {KEY}", 401),
        ("Bearer", 401),
    ],
)
def test_the_bearer_key_opens_the_api(locked: TestClient, authorization: str, status: int) -> None:
    head = {"authorization": authorization.encode()}
    assert locked.get("/v1/models", headers=head).status_code == status  # type: ignore[arg-type]


def test_the_page_asks_for_the_key_and_remembers_it(locked: TestClient) -> None:
    asked = locked.get("/", headers={"accept-language": "zh-CN,zh;q=0.9"})
    assert asked.status_code == 401
    assert "密钥" in asked.text
    assert locked.post("/login", data={"key": "wrong"}).status_code == 401
    assert locked.get("/").status_code == 401
    opened = locked.post("/login", data={"key": KEY})
    assert opened.status_code == 303
    cookie = opened.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert KEY not in cookie
    assert locked.get("/").status_code == 200


def test_what_changes_anything_must_come_from_our_page(locked: TestClient) -> None:
    locked.post("/login", data={"key": KEY})
    assert locked.get("/v1/models").status_code == 200
    for headers, status in [
        ({}, 403),
        ({"sec-fetch-site": "none"}, 403),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"origin": "http://127.0.0.1:7860"}, 200),
        ({"origin": "http://evil.example"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "http://127.0.0.1:7860"}, 403),
    ]:
        assert locked.post("/v1/answers", headers=headers).status_code == status, headers
        assert locked.post("/page", headers=headers).status_code == status, headers


def test_with_a_key_any_host_name_is_answered_but_other_pages_are_not(locked: TestClient) -> None:
    head = {"host": "plumb.intern", "authorization": f"Bearer {KEY}".encode()}
    assert locked.get("/v1/models", headers=head).status_code == 200  # type: ignore[arg-type]
    foreign = {**head, "origin": "http://evil.example"}
    assert locked.get("/v1/models", headers=foreign).status_code == 403  # type: ignore[arg-type]
