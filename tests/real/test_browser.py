"""A person's way through the page, in a real browser with the real models."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright

from tests.web_server import Server, serving

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ANSWER_MS = 180_000
NOTES = """The Heron observatory

The manager of the Heron observatory is Ingrid Halvorsen. The observatory has a dome of 38 tonnes.
<script>window.intruder = 1</script> <img src="http://192.0.2.1/x.png" onerror="window.intruder=2">
Visitors are let in on the first Saturday of each month.
"""
QUESTION = "Who is the manager of the Heron observatory?"


def find_browser() -> str | None:
    """The path of an installed browser."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


@pytest.fixture(scope="module")
def server(
    real_environ: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("browser") / "app.log"
    with serving(real_environ, log, "--collection", "browser-test") as server:
        yield server
    assert server.process.returncode == 0, log.read_text()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = find_browser()
    if found is None:
        missing = f"no browser: none of {', '.join(BROWSERS)} is installed"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, headless=True, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def requests() -> list[str]:
    """The addresses that the page asked for."""
    return []


@pytest.fixture
def page(browser: Browser, server: Server, requests: list[str]) -> Iterator[Page]:
    def record(request: Request) -> None:
        requests.append(request.url)

    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    context.on("request", record)
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"the page raised {error}"))
    page.goto(server.url)
    yield page
    context.close()


def hosts(addresses: list[str]) -> set[str | None]:
    """The hosts of the addresses that go over a network."""
    split = [urlsplit(address) for address in addresses]
    return {address.hostname for address in split if address.scheme not in ("data", "blob")}


def test_from_a_document_to_a_marked_passage(
    page: Page, requests: list[str], tmp_path: Path
) -> None:
    (notes := tmp_path / "heron.txt").write_text(NOTES)

    page.get_by_role("tab", name="Documents").click()
    page.locator("#pl-upload ~ input[type=file], #pl-drop input[type=file]").set_input_files(notes)
    receipt = page.locator(".pl-receipt")
    expect(receipt).to_contain_text("heron.txt", timeout=ANSWER_MS)
    expect(receipt).to_contain_text("added")
    expect(page.get_by_role("tab", name="Documents (1)")).to_be_visible()

    page.get_by_role("tab", name="Ask").click()
    box = page.locator("#pl-question textarea")
    box.fill(QUESTION)
    box.press("Enter")
    expect(page.locator(".pl-badge")).to_be_visible(timeout=ANSWER_MS)
    expect(page.locator(".pl-status")).to_have_text("Ready")
    expect(page.locator(".pl-answer .pl-text")).to_contain_text("Halvorsen")

    citation = page.locator(".pl-cite").first
    expect(citation).to_be_visible()
    citation.focus()
    citation.press("Enter")
    pane = page.locator("#pl-pane")
    expect(pane.locator("#pl-pane-title")).to_be_focused()
    expect(pane).to_contain_text("heron.txt")
    expect(pane.locator("mark").first).to_be_in_viewport()
    assert "Halvorsen" in "".join(pane.locator("mark").all_inner_texts())
    expect(pane).to_contain_text("<script>window.intruder = 1</script>")
    page.keyboard.press("Escape")
    expect(citation).to_be_focused()
    assert page.evaluate("window.intruder") is None

    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("tab", name="提问")).to_be_visible()
    expect(page.locator(".pl-badge")).to_have_text(re.compile("文档中"))
    page.get_by_role("tab", name="文档 (1)").click()
    page.get_by_role("button", name="移除: heron.txt").click()
    page.get_by_role("button", name="确定移除").click()
    expect(page.locator("#pl-documents")).to_contain_text("还没有文档")
    assert hosts(requests) == {"127.0.0.1"}


@pytest.mark.parametrize(("locale", "words"), [("zh-CN", "您想了解什么"), ("fr-FR", "What would")])
def test_the_page_speaks_the_browsers_language(
    browser: Browser, server: Server, locale: str, words: str
) -> None:
    context = browser.new_context(locale=locale, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(server.url)
    expect(page.locator(".pl-empty-title")).to_contain_text(words)
    overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert overflow <= 0
    context.close()


def test_a_finished_evaluation_is_shown(
    page: Page, server: Server, real_environ: dict[str, str], tmp_path: Path
) -> None:
    (data := tmp_path / "asked.jsonl").write_text(
        '{"id": "1", "question": "How heavy is the dome?", "answers": ["38 tonnes"]}\n'
    )
    (said := tmp_path / "said.jsonl").write_text('{"id": "1", "answer": "It weighs 38 tonnes."}\n')
    page.get_by_role("tab", name="Trust").click()
    expect(page.locator("#pl-reports")).to_contain_text("plumb eval run")
    command = [sys.executable, "-m", "eval", "run", "--data", str(data), "--system", str(said)]
    command += ["--judge", "overlap", "--out", str(tmp_path / "run")]
    subprocess.run(command, env=real_environ, check=True, capture_output=True)

    page.get_by_role("tab", name="Ask").click()
    page.get_by_role("tab", name="Trust").click()
    row = page.locator(".pl-reports tbody tr")
    expect(row).to_contain_text("100.0 %")
    with page.expect_popup() as opened:
        row.get_by_role("link").click()
    report = opened.value
    expect(report.locator("body")).to_contain_text("How heavy is the dome?")
    report.locator(".filter input").fill("nothing of the kind")
    expect(report.locator(".item")).to_be_hidden()  # its script runs, and in a sandbox
    assert report.evaluate("origin") == "null"


def test_enter_that_ends_a_chinese_word_does_not_send(page: Page) -> None:
    box = page.locator("#pl-question textarea")
    box.fill("差旅")
    box.evaluate(
        "box => box.dispatchEvent(new KeyboardEvent('keydown',"
        " {key: 'Enter', isComposing: true, bubbles: true, cancelable: true}))"
    )
    page.wait_for_timeout(500)
    expect(box).to_have_value("差旅")
    expect(page.locator(".pl-exchange")).to_have_count(0)
