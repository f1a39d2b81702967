"""Canaille, a real identity provider, on a port of this machine, with people in memory."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import httpx

from web.login import RETURN_PATH

SECRET = "a secret of the two"
PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Running:
    """A provider that runs. `client` is the name that it knows Plumbline by."""

    app: Any
    issuer: str
    client: str = "plumbline"

    def person(self, name: str, *groups: str) -> None:
        """Someone with PASSWORD, in these groups."""
        from canaille.app import models
        from canaille.backends import Backend

        with self.app.app_context():
            user = models.User(
                user_name=name,
                display_name=name,
                formatted_name=name,
                family_name=name,
                emails=[f"{name}@provider.example"],
                password=PASSWORD,
            )
            Backend.instance.save(user)
            for group in groups:
                known = Backend.instance.get(models.Group, display_name=group)
                made = known or models.Group(display_name=group)
                made.members = [*(made.members or []), user]
                Backend.instance.save(made)

    def out_of(self, name: str, group: str) -> None:
        """Take someone out of a group."""
        from canaille.app import models
        from canaille.backends import Backend

        with self.app.app_context():
            found = Backend.instance.get(models.Group, display_name=group)
            found.members = [user for user in found.members if user.user_name != name]
            Backend.instance.save(found)


@contextmanager
def running(*addresses: str) -> Iterator[Running]:
    """The provider, which sends browsers back to Plumbline at `addresses` alone."""
    from canaille import create_app
    from joserfc.jwk import RSAKey

    class Quiet(WSGIRequestHandler):
        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            pass

    server = make_server("localhost", 0, lambda *_: [], handler_class=Quiet)
    place = f"localhost:{server.server_port}"
    app = create_app(
        config={
            "SECRET_KEY": "of the provider alone",
            "SERVER_NAME": place,
            "PREFERRED_URL_SCHEME": "http",
            "WTF_CSRF_ENABLED": False,
            "CANAILLE": {"DATABASE": "memory", "ACL": {"DEFAULT": {"PERMISSIONS": ["use_oidc"]}}},
            "CANAILLE_OIDC": {
                "ACTIVE_JWKS": [RSAKey.generate_key(2048, auto_kid=True).as_dict(private=True)]
            },
        }
    )
    server.set_app(app)
    found = Running(app, f"http://{place}")
    _know_plumbline(app, found.client, addresses)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


def _know_plumbline(app: Any, name: str, addresses: tuple[str, ...]) -> None:
    from canaille.app import models
    from canaille.backends import Backend

    with app.app_context():
        client = models.Client(
            client_id=name,
            client_secret=SECRET,
            client_name="Plumbline",
            client_uri=addresses[0],
            redirect_uris=[f"{address}{RETURN_PATH}" for address in addresses],
            post_logout_redirect_uris=[f"{address}/" for address in addresses],
            grant_types=["authorization_code"],
            response_types=["code"],
            scope=["openid", "profile", "email", "groups"],
            token_endpoint_auth_method="client_secret_basic",
            client_id_issued_at=datetime.datetime.now(datetime.UTC),
        )
        Backend.instance.save(client)
        client.audience = [client]
        Backend.instance.save(client)


def browse(address: str, name: str, browser: httpx.Client | None = None) -> str:
    """Follow a redirect to the provider as someone who signs in and consents there; the address
    back at Plumbline that it ends in."""
    browser = browser or httpx.Client()
    reply = browser.get(address)
    for _ in range(12):
        while reply.is_redirect:
            target = str(reply.next_request.url) if reply.next_request else ""
            if RETURN_PATH in target.partition("?")[0]:
                browser.close()
                return target
            reply = browser.get(target)
        asked = {"login": name, "password": PASSWORD}
        fields = {field: value for field, value in asked.items() if f'name="{field}"' in reply.text}
        reply = browser.post(reply.url, data=fields or {"answer": "accept"})
    raise AssertionError(f"still at {reply.url}: {reply.text[:2000]}")
