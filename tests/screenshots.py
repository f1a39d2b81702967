"""Takes the pictures of the page that the README shows, from a running app.

    python -m tests.screenshots URL [answers|views]

`answers` asks the questions below about the example documents, opens the source of the first
citation, and writes docs/screenshot.png and docs/screenshot.zh.png. `views` writes the pictures of
docs/views.md, for which no model is needed.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.real.test_browser import FLAGS, find_browser

DOCS = Path(__file__).parents[1] / "docs"
SHOTS = {
    "screenshot.png": (
        "en-GB",
        "Under the 2026 travel policy, within how many days of return must an expense claim be "
        "filed?",
    ),
    "screenshot.zh.png": ("zh-CN", "谁将接替何思远担任首席技术官？"),
}
ANSWER_MS = 600_000


def take(browser: Browser, url: str, locale: str, question: str, path: Path) -> None:
    """One picture: the question, its answer, and the cited passage."""
    context = browser.new_context(locale=locale, viewport={"width": 1200, "height": 680})
    page = context.new_page()
    page.goto(url)
    expect(page.locator(".pl-ready")).to_be_visible(timeout=ANSWER_MS)
    box = page.locator("#pl-question textarea")
    box.fill(question)
    box.press("Enter")
    page.locator(".pl-cite").first.click(timeout=ANSWER_MS)
    expect(page.locator("#pl-pane")).to_be_visible()
    for picture in page.locator("#pl-pane img").all():
        expect(picture).to_have_attribute("src", re.compile("^blob:"), timeout=ANSWER_MS)
    page.wait_for_timeout(1500)
    page.screenshot(path=path)
    context.close()


def documents(page: Page) -> None:
    """The list of documents, the form for the tags of one open."""
    page.locator("#pl-tabs [role=tab]").nth(1).click()
    expect(page.locator(".pl-watching")).to_be_visible(timeout=ANSWER_MS)
    page.locator(".pl-said-open").nth(1).click()
    expect(page.locator(".pl-said-form")).to_be_visible(timeout=ANSWER_MS)


def preview(page: Page) -> None:
    """A page of a PDF beside the text that was read from it."""
    page.locator("#pl-tabs [role=tab]").nth(1).click()
    page.locator(".pl-preview", has_text="annual-report-2025.pdf").click()
    drawn = re.compile("^blob:")
    expect(page.locator("#pl-pane img")).to_have_attribute("src", drawn, timeout=ANSWER_MS)


def trust(page: Page) -> None:
    """Health, models and the verifier's accuracy."""
    page.locator("#pl-tabs [role=tab]").nth(2).click()
    page.locator("[data-check]").click()
    expect(page.locator(".pl-health .pl-notice")).to_be_visible(timeout=ANSWER_MS)


VIEWS: dict[str, tuple[str, bool, Callable[[Page], None]]] = {
    "documents": ("en-GB", False, documents),
    "preview": ("en-GB", False, preview),
    "trust": ("en-GB", False, trust),
    "phone": ("zh-CN", True, documents),
}
"""By name: language, whether on a dark phone, and the way to the view."""


def view(browser: Browser, url: str, name: str) -> None:
    """One picture for docs/views.md, as WebP."""
    locale, phone, go = VIEWS[name]
    context = browser.new_context(
        locale=locale,
        viewport={"width": 360, "height": 740} if phone else {"width": 1200, "height": 760},
        color_scheme="dark" if phone else "light",
        has_touch=phone,
    )
    page = context.new_page()
    page.goto(url)
    expect(page.locator(".pl-suggestion").first).to_be_visible(timeout=ANSWER_MS)
    go(page)
    page.wait_for_timeout(1500)
    taken = Image.open(io.BytesIO(page.screenshot()))
    (DOCS / "screenshots").mkdir(exist_ok=True)
    taken.save(DOCS / "screenshots" / f"{name}.webp", quality=80, method=6)
    context.close()


def main(url: str, which: str = "answers") -> None:
    """Take them all."""
    path = find_browser()
    if path is None:
        sys.exit("no browser found: install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=FLAGS)
        if which == "views":
            for name in VIEWS:
                view(browser, url, name)
        else:
            for name, (locale, question) in SHOTS.items():
                take(browser, url, locale, question, DOCS / name)
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
