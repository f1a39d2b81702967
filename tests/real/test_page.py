"""The page's journeys in a real browser; `tests.page_app` stands in for the models alone."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from reportlab.pdfgen.canvas import Canvas

from tests.real.test_browser import browser, hosts  # noqa: F401  (a fixture)
from tests.web_server import ROOT, Server, serving

TEXT = (
    "The Heron observatory\n\nThe dome of the Heron weighs 38 tonnes.\n\n"
    "| Day | Opening |\n| --- | --- |\n| Saturday | noon |\n| Sunday | closed |\n"
)
EVIL = '<img src=x onerror="window.intruder=1">'
EN_WORDS = {"partly": "not found", "page": "Page", "text": "Text", "next": "Next citation"}
ZH_WORDS = {"partly": "无依据", "page": "页面", "text": "文字", "next": "下一处引用"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app over a home of its own, two documents uploaded through its API."""
    folder = tmp_path_factory.mktemp("page")
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PLUMB_")}
    environ = {**kept, "PLUMB_HOME": str(folder / "home"), "PYTHONPATH": str(ROOT)}
    program = ("-m", "tests.page_app")
    with serving(environ, folder / "app.log", "--collection", "heron", program=program) as server:
        upload(server, documents(folder))
        yield server


def documents(folder: Path) -> list[Path]:
    (text := folder / "heron.txt").write_text(TEXT, encoding="utf-8")
    (evil := folder / f"{EVIL}.txt").write_text(f"The roof of the zephyr is {EVIL}.")
    canvas = Canvas(str(pdf := folder / "history.pdf"))
    canvas.drawString(72, 700, "The Heron was built in 1931 beside the river.")
    canvas.showPage()
    canvas.drawString(72, 700, "The telescope of the Heron came from Jena.")
    canvas.save()
    return [text, evil, pdf]


def upload(server: Server, paths: list[Path]) -> None:
    import httpx

    server.wait_until_ready()
    files = [("files", (path.name, path.read_bytes())) for path in paths]
    httpx.post(f"{server.url}/v1/documents?collection=heron", files=files).raise_for_status()


@pytest.fixture(params=["en-GB", "zh-CN"])
def visit(request: pytest.FixtureRequest, browser: Browser, server: Server) -> Iterator[Page]:  # noqa: F811
    """The page on a desk in English and on a dark phone in Chinese."""
    phone = request.param == "zh-CN"
    context = browser.new_context(
        locale=request.param,
        viewport={"width": 360, "height": 740} if phone else {"width": 1280, "height": 860},
        color_scheme="dark" if phone else "light",
        has_touch=phone,
    )
    page = context.new_page()
    seen: list[str] = []
    page.on("request", lambda asked: seen.append(asked.url))
    page.on("pageerror", lambda error: pytest.fail(f"the page raised {error}"))
    page.goto(server.url)
    yield page
    assert hosts(seen) == {"127.0.0.1"}
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.evaluate("window.intruder") is None
    context.close()


def words(page: Page) -> dict[str, str]:
    return ZH_WORDS if page.evaluate("navigator.language") == "zh-CN" else EN_WORDS


def ask(page: Page, question: str) -> None:
    box = page.locator("#pl-question textarea")
    box.fill(question)
    box.press("Enter")
    expect(page.locator("#pl-current .pl-foot, #pl-current .pl-problem")).to_be_visible()


def test_a_source_opens_beside_the_answer(visit: Page) -> None:
    told = words(visit)
    ask(visit, "When was the Heron built beside the river? unsure")
    answer = visit.locator("#pl-current .pl-text")
    expect(answer).to_contain_text(f"✗ {told['partly']}")
    first, second = visit.locator("#pl-current .pl-cite").all()[:2]
    first.focus()
    first.press("Enter")
    pane = visit.locator("#pl-pane")
    expect(pane).to_contain_text("history.pdf")
    expect(first).to_be_in_viewport()
    image = pane.locator("img")
    expect(image).to_have_attribute("src", re.compile("^blob:"))
    image.evaluate("image => image.decode()")
    assert image.evaluate("image => image.naturalWidth") > 500
    expect(pane.locator("[data-undrawn]")).to_be_hidden()
    pane.get_by_role("button", name=told["text"], exact=True).click()
    expect(pane.locator("mark")).to_have_text("The Heron was built in 1931 beside the river.")
    pane.get_by_role("button", name=told["next"]).click()
    expect(second).to_have_class("pl-cite pl-active")
    visit.keyboard.press("ArrowLeft")
    expect(first).to_have_class("pl-cite pl-active")
    visit.keyboard.press("Escape")
    expect(pane).to_be_hidden()
    expect(first).to_be_focused()


def test_script_in_a_document_its_name_and_a_question_is_shown_as_text(visit: Page) -> None:
    ask(visit, f"zephyr roof {EVIL}")
    expect(visit.locator("#pl-current .pl-question")).to_contain_text(EVIL)
    visit.locator("#pl-current .pl-cite").first.click()
    expect(visit.locator("#pl-pane")).to_contain_text("_img src=x onerror=")  # made safe for disks
    expect(visit.locator("#pl-pane mark")).to_contain_text(EVIL)
