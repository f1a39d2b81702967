"""Signing in and out in a real browser: a password of Plumbline's own, and at a real provider."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.oidc_provider import PASSWORD, SECRET, running
from tests.real.test_browser import browser  # noqa: F401  (a fixture)
from tests.web_server import ROOT, serving

pytestmark = pytest.mark.usefixtures("browser")


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def test_a_person_signs_in_either_way_and_out(browser: Browser, tmp_path: Path) -> None:  # noqa: F811
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PLUMB_")}
    environ = {**kept, "PLUMB_HOME": str(tmp_path / "home"), "PYTHONPATH": str(ROOT)}
    plumb = [sys.executable, str(ROOT / "cli.py"), "users"]
    for words in (["add", "bob", "--password-stdin"], ["grant", "@legal", "heron", "reader"]):
        subprocess.run([*plumb, *words], env=environ, input=PASSWORD, text=True, check=True)
    with running(address) as provider:
        provider.person("ann", "legal")
        named = {"ISSUER": provider.issuer, "CLIENT_ID": provider.client, "CLIENT_SECRET": SECRET}
        environ |= {f"PLUMB_OIDC__{name}": value for name, value in named.items()}
        environ["PLUMB_OIDC__SCOPES"] = "openid profile email groups"
        arguments = ("--collection", "heron", "--port", str(port))
        program = ("-m", "tests.page_app")
        with serving(environ, tmp_path / "log", *arguments, program=program):
            context = browser.new_context(locale="en-GB")
            page = context.new_page()
            page.set_default_timeout(60_000)
            page.goto(address)
            shot(page, "login")
            page.get_by_label("Name").fill("bob")
            page.get_by_label("Password").fill("wrong")
            page.get_by_role("button", name="Open").first.click()
            expect(page.get_by_role("alert")).to_have_text("That is not right.")
            page.get_by_label("Name").fill("bob")
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Open").first.click()
            page.goto(f"{address}/account")
            expect(page.get_by_text("You are signed in as bob.")).to_be_visible()
            page.get_by_role("button", name="Sign out").click()
            page.get_by_role("link", name="Sign in at localhost").click()
            page.locator("[name=login]").fill("ann")
            page.locator("[name=login]").press("Enter")
            page.locator("[name=password]").fill(PASSWORD)
            page.locator("[name=password]").press("Enter")
            page.wait_for_url(f"{address}/")
            page.goto(f"{address}/account")
            expect(page.get_by_text("You are signed in as ann.")).to_be_visible()
            expect(page.get_by_text("heron: may read")).to_be_visible()
            shot(page, "account")
            page.get_by_role("button", name="Sign out").click()
            shot(page, "out")
            page.get_by_role("link", name="Sign out at localhost").click()
            page.wait_for_url(f"{provider.issuer}/**")
            page.goto(address)
            expect(page.get_by_role("link", name="Sign in at localhost")).to_be_visible()
            context.close()


def shot(page: object, name: str) -> None:
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png")  # type: ignore[attr-defined]
