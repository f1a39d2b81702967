"""Keys and cookies that are wrong, each with its outcome, through the guard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from rag.config import AccessSettings, AuditSettings
from web.access.audit import Audit
from web.access.door import COOKIE, Door
from web.access.identity import current, identity_of
from web.access.store import AccessStore
from web.guard import Guard, Rules


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(home: Path, clock: Clock) -> Iterator[AccessStore]:
    store = AccessStore(home, clock)
    yield store
    store.close()


def behind(store: AccessStore, *, host: str = "127.0.0.1", rate: int = 600) -> TestClient:
    app = FastAPI()

    @app.get("/v1/who")
    @app.post("/v1/who")
    @app.get("/")
    async def who(request: Request) -> list[str]:
        return [identity_of(request.scope).name, current().name]

    loopback = host == "127.0.0.1"
    rules = Rules(host, None, 2**20, AccessSettings(requests_per_minute=rate))
    guard = Guard(app, rules, Door(store, None, loopback=loopback))
    return TestClient(guard, headers={"host": "127.0.0.1"}, follow_redirects=False)


def bearer(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


def test_the_first_user_ends_the_owners_time(store: AccessStore) -> None:
    client = behind(store)
    assert client.get("/v1/who").json() == ["owner", "owner"]
    assert client.get("/v1/who", headers={"host": "plumb.example"}).status_code == 403
    store.users.add("ann", "correct horse")
    assert client.get("/v1/who").status_code == 401
    assert client.get("/").status_code == 401
    assert client.get("/v1/who", headers={"host": "plumb.example"}).status_code == 401


def test_off_loopback_nobody_is_the_owner(store: AccessStore) -> None:
    assert behind(store, host="0.0.0.0").get("/v1/who").status_code == 401


def test_a_key_that_is_wrong_expired_or_revoked_is_told_so(
    store: AccessStore, clock: Clock
) -> None:
    key, secret = store.keys.create("ci", {"*": "reader"}, None, 1)
    client = behind(store)
    name = f"key {key.key_id} (ci)"
    assert client.get("/v1/who", headers=bearer(secret)).json() == [name, name]
    wrong = [bearer(s) for s in (secret[:-1], "plumb_x_y", "plumb__", "x" * 5000)]
    for headers in [{}, bearer(""), {"authorization": f"Basic {secret}"}, *wrong]:
        reply = client.get("/v1/who", headers=headers)
        assert reply.status_code == 401
        assert reply.json()["error"]["code"] == "invalid_api_key"
        assert reply.headers["www-authenticate"] == "Bearer"
    clock.now += 86400
    assert "expired on 1970-01-13" in client.get("/v1/who", headers=bearer(secret)).text
    store.keys.revoke(key.key_id)
    assert "was revoked" in client.get("/v1/who", headers=bearer(secret)).text


def test_a_user_signs_in_and_out(store: AccessStore, home: Path) -> None:
    store.users.add("ann", "correct horse")
    client = behind(store)
    for fields in [{"name": "ann", "password": "wrong"}, {"name": "bob", "password": "x"}, {}]:
        assert client.post("/login", data=fields).status_code == 401
    reply = client.post("/login", data={"name": "ann", "password": "correct horse"})
    assert (reply.status_code, reply.headers["location"]) == (303, "/")
    assert {"HttpOnly", "SameSite=lax"} <= set(reply.headers["set-cookie"].split("; "))
    assert client.get("/v1/who").json() == ["ann", "ann"]
    assert client.get("/").json() == ["ann", "ann"]
    store.users.set_password("ann", "another horse")
    assert client.get("/").status_code == 401


def test_a_forged_cookie_is_nobodys(store: AccessStore) -> None:
    store.users.add("ann", "correct horse")
    cookie = store.sessions.cookie("user:ann", 1)
    client = behind(store)
    for forged in [
        cookie[:-2],
        f"x{cookie}",
        "user:ann",
        "ann.signature",
        "\xff\xfe",
        ";=",
        "a" * 9000,
    ]:
        headers = [(b"cookie", f"{COOKIE}=".encode() + forged.encode("latin-1"))]
        assert client.get("/", headers=headers).status_code == 401, forged


def test_a_revoked_keys_session_ends(store: AccessStore) -> None:
    key, secret = store.keys.create("ci", {"*": "reader"}, None, None)
    client = behind(store)
    assert client.post("/login", data={"key": secret}).status_code == 303
    assert client.get("/").status_code == 200
    store.keys.revoke(key.key_id)
    assert client.get("/").status_code == 401


def test_names_cannot_smuggle_headers_or_markup(store: AccessStore) -> None:
    store.users.add("ann", "correct horse")
    client = behind(store)
    for name in [
        "ann\r\nSet-Cookie: x=1",
        "<script>alert(1)</script>",
        "../../etc",
        "\x00",
        "a" * 4000,
    ]:
        reply = client.post("/login", data={"name": name, "password": "x"})
        assert reply.status_code in (401, 413)
        assert "set-cookie" not in reply.headers
        assert "<script>alert" not in reply.text


def test_passwords_cannot_be_tried_at_will(store: AccessStore) -> None:
    store.users.add("ann", "correct horse")
    client = behind(store)
    tries = [client.post("/login", data={"name": "ann", "password": f"no {n}"}) for n in range(12)]
    assert [reply.status_code for reply in tries] == [401] * 10 + [429] * 2
    assert int(tries[-1].headers["retry-after"]) >= 1


def test_one_key_cannot_ask_at_will(store: AccessStore) -> None:
    _, first = store.keys.create("one", {"*": "reader"}, None, None)
    _, second = store.keys.create("two", {"*": "reader"}, None, None)
    client = behind(store, rate=3)
    for _ in range(3):
        assert client.get("/v1/who", headers=bearer(first)).status_code == 200
    reply = client.get("/v1/who", headers=bearer(first))
    assert reply.status_code == 429
    assert reply.headers["retry-after"] == "20"
    assert client.get("/v1/who", headers=bearer(second)).status_code == 200


def test_users_that_cannot_be_read_let_nobody_in(store: AccessStore, home: Path) -> None:
    (home / "access.db").write_bytes(b"damaged" * 1000)
    reply = behind(store).get("/v1/who")
    assert reply.status_code == 503
    assert str(home) not in reply.text


def test_signing_in_is_in_the_log(store: AccessStore, home: Path) -> None:
    store.users.add("ann", "correct horse")
    rules = Rules("127.0.0.1", None, 2**20)
    audit = Audit(home, AuditSettings())
    client = TestClient(Guard(FastAPI(), rules, Door(store, None, loopback=True), audit))
    client.headers["host"] = "127.0.0.1"
    client.post("/login", data={"name": "ann", "password": "wrong"})
    client.post("/login", data={"name": "ann", "password": "correct horse"})
    assert [(e.kind, e.who, e.outcome) for e in audit.entries()] == [
        ("nobody", "ann", "refused"),
        ("user", "ann", "done"),
    ]
    audit.close()
