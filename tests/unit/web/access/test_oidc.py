"""Sign-in at a real identity provider, Canaille, over HTTP."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

import web.doctor
from rag.config import AccessSettings, AuditSettings, OidcSettings, load_settings
from rag.errors import ConfigError
from tests.oidc_provider import SECRET, Running, browse, running
from web.access.audit import Audit
from web.access.door import COOKIE, Door
from web.access.identity import identity_of, may
from web.access.provider_signin import COOKIE as SIGNING_IN
from web.access.store import AccessStore
from web.doctor import examine
from web.guard import Guard, Rules
from web.listen import check_address
from web.login import PROVIDER_PATH, RETURN_PATH

HERE = "http://127.0.0.1:7860"


@pytest.fixture(scope="module")
def provider() -> Iterator[Running]:
    with running(HERE) as found:
        found.person("ann", "legal", "board")
        found.person("bob", "legal")
        yield found


@pytest.fixture
def store(home: Path) -> Iterator[AccessStore]:
    store = AccessStore(home)
    yield store
    store.close()


def oidc(provider: Running, **more: Any) -> OidcSettings:
    values = {
        "issuer": provider.issuer,
        "client_id": provider.client,
        "client_secret": SECRET,
        "scopes": "openid profile email groups",
        **more,
    }
    return OidcSettings.model_validate(values)


def behind(
    store: AccessStore, settings: OidcSettings, audit: Audit | None = None, rate: int = 100
) -> TestClient:
    app = FastAPI()

    @app.get("/")
    async def who(request: Request) -> list[Any]:
        found = identity_of(request.scope)
        return [found.name, [name for name in ("law", "hr") if may(found, "read", name)]]

    rules = Rules("127.0.0.1", None, 2**20, AccessSettings(sign_ins_per_minute=rate), settings)
    guard = Guard(app, rules, Door(store, None, loopback=True, provider=True), audit)
    app.add_route("/logout", guard.sign_in.sign_out, methods=["POST"])
    return TestClient(guard, base_url=HERE, follow_redirects=False)


def signed_in(client: TestClient, name: str) -> httpx2.Response:
    begun = client.get(PROVIDER_PATH)
    assert begun.status_code == 303
    return client.get(browse(begun.headers["location"], name))


def test_who_signs_in_there_is_known_here_with_their_groups(
    provider: Running, store: AccessStore, home: Path
) -> None:
    store.users.grant("@legal", "law", "reader")
    store.users.grant("@board", "hr", "reader")
    audit = Audit(home, AuditSettings())
    client = behind(store, oidc(provider), audit)
    page = client.get("/")
    assert page.status_code == 401
    assert f'href="{PROVIDER_PATH}"' in page.text
    assert 'name="password"' not in page.text
    reply = signed_in(client, "ann")
    assert (reply.status_code, reply.headers["location"]) == (303, "/")
    assert {"HttpOnly", "SameSite=lax"} <= set(reply.headers["set-cookie"].split("; "))
    assert client.get("/").json() == ["ann", ["law", "hr"]]
    provider.out_of("ann", "board")
    assert signed_in(client, "ann").status_code == 303
    assert client.get("/").json() == ["ann", ["law"]]
    assert [(e.who, e.outcome) for e in audit.entries()] == [("ann", "done")] * 2
    audit.close()


def test_signing_out_leads_to_the_providers_own(provider: Running, store: AccessStore) -> None:
    client = behind(store, oidc(provider))
    browser = httpx.Client()
    client.get(browse(client.get(PROVIDER_PATH).headers["location"], "bob", browser))
    reply = client.post("/logout", headers={"sec-fetch-site": "same-origin"})
    assert f'href="{provider.issuer}/oauth/end_session' in reply.text
    assert client.get("/").status_code == 401


def test_the_provider_is_asked_with_pkce_state_and_nonce(
    provider: Running, store: AccessStore
) -> None:
    client = behind(store, oidc(provider))
    asked = [httpx.URL(client.get(PROVIDER_PATH).headers["location"]).params for _ in range(2)]
    assert asked[0]["code_challenge_method"] == "S256"
    assert asked[0]["redirect_uri"] == f"{HERE}{RETURN_PATH}"
    for name in ("state", "nonce", "code_challenge"):
        assert len(asked[0][name]) >= 20
        assert asked[0][name] != asked[1][name]


@pytest.mark.parametrize("change", ["no cookie", "forged", "state", "nonce", "code_verifier"])
def test_what_was_not_begun_here_lets_nobody_in(
    provider: Running, store: AccessStore, change: str
) -> None:
    client = behind(store, oidc(provider))
    begun = client.get(PROVIDER_PATH)
    back = browse(begun.headers["location"], "ann")
    sealed = client.cookies[SIGNING_IN]
    values = store.sessions.unseal(sealed, 600)
    assert values is not None
    client.cookies.clear()
    sent = {
        "no cookie": None,
        "forged": f"{sealed[:-3]}abc",
    }.get(change, store.sessions.seal({**values, change: "x" * 43}))
    headers = {"cookie": f"{SIGNING_IN}={sent}"} if sent else {}
    reply = client.get(back, headers=headers)
    assert reply.status_code == (502 if change in ("nonce", "code_verifier") else 400)
    assert 'role="alert"' in reply.text
    assert COOKIE not in reply.headers.get("set-cookie", "")
    assert store.users.all() == []
    # Nothing else was wrong with it; the provider takes a code once, whatever becomes of it here.
    whole = client.get(back, headers={"cookie": f"{SIGNING_IN}={sealed}"})
    assert whole.status_code == (502 if change == "nonce" else 303)


def test_a_code_is_good_once(provider: Running, store: AccessStore) -> None:
    client = behind(store, oidc(provider))
    begun = client.get(PROVIDER_PATH)
    sealed = client.cookies[SIGNING_IN]
    back = browse(begun.headers["location"], "ann")
    assert client.get(back).status_code == 303
    client.cookies.clear()
    assert client.get(back, headers={"cookie": f"{SIGNING_IN}={sealed}"}).status_code == 502


def test_a_no_of_the_provider_is_told(provider: Running, store: AccessStore) -> None:
    client = behind(store, oidc(provider))
    state = httpx.URL(client.get(PROVIDER_PATH).headers["location"]).params["state"]
    said = {"state": state, "error": "access_denied", "error_description": "<b>\r\nno"}
    reply = client.get(RETURN_PATH, params=said, headers={"accept-language": "zh-CN"})
    assert reply.status_code == 403
    assert "身份提供方没有允许您登录" in reply.text
    assert "<b>" not in reply.text


def test_a_name_that_is_someone_elses_stays_theirs(provider: Running, store: AccessStore) -> None:
    store.users.add("ann", "correct horse")
    store.users.grant("ann", "*", "admin")
    client = behind(store, oidc(provider))
    assert "has your name here already" in signed_in(client, "ann").text
    assert client.get("/").status_code == 401
    assert signed_in(behind(store, oidc(provider, name_claim="email")), "ann").status_code == 303
    assert [user.name for user in store.users.all()] == ["ann", "ann@provider.example"]


def test_groups_are_called_otherwise_here(provider: Running, store: AccessStore) -> None:
    store.users.grant("@lawyers", "law", "reader")
    store.users.grant("@legal", "hr", "reader")
    client = behind(store, oidc(provider, groups={"legal": "lawyers"}))
    signed_in(client, "bob")
    assert client.get("/").json() == ["bob", ["law"]]


def test_a_provider_that_is_not_there_or_another_lets_nobody_in(
    provider: Running, store: AccessStore
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{free.getsockname()[1]}"
    other = provider.issuer.replace("localhost", "127.0.0.1")
    for issuer in (nowhere, other):
        reply = behind(store, oidc(provider, issuer=issuer)).get(PROVIDER_PATH)
        assert reply.status_code == 502
        assert "The server&#x27;s log says why" in reply.text
    wrong = behind(store, oidc(provider, client_secret="wrong"))
    back = browse(wrong.get(PROVIDER_PATH).headers["location"], "ann")
    sealed = {"cookie": f"{SIGNING_IN}={wrong.cookies[SIGNING_IN]}"}
    assert wrong.get(f"{back}0", headers=sealed).status_code == 502
    assert wrong.get(back, headers=sealed).status_code == 502
    assert behind(store, oidc(provider)).get(back, headers=sealed).status_code == 303


def test_sign_ins_are_bounded(provider: Running, store: AccessStore) -> None:
    client = behind(store, oidc(provider), rate=2)
    assert [client.get(PROVIDER_PATH).status_code for _ in range(3)] == [303, 303, 429]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"issuer": "http://idp.example", "client_id": "p"}, "begins with https"),
        ({"issuer": "file:///etc/passwd", "client_id": "p"}, "begins with https"),
        ({"issuer": "https://idp.example"}, "client_id"),
        ({"issuer": "https://idp.example", "client_id": "p", "scopes": "email"}, "openid"),
    ],
)
def test_settings_that_cannot_work_are_refused(
    home: Path, values: dict[str, str], told: str
) -> None:
    with pytest.raises(ConfigError, match=told):
        load_settings({}, {"home": home, "oidc": values})


def test_a_provider_is_enough_to_open_another_address(home: Path) -> None:
    provider = {"issuer": "https://idp.example", "client_id": "plumbline"}
    given = {"home": home, "server": {"host": "0.0.0.0"}, "oidc": provider}
    check_address(load_settings({}, given))


def test_the_doctor_asks_the_provider(
    provider: Running, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web.doctor, "NATIVE", ())
    for issuer, state in ((provider.issuer, "fine"), (f"{provider.issuer}/x", "wrong")):
        given = {"issuer": issuer, "client_id": "plumbline"}
        findings = examine(load_settings({}, {"home": home, "oidc": given}))
        told = {finding.check: finding.state for finding in findings}
        assert told["oidc.issuer"] == state
