"""Takes the pictures of the page that the README shows, from a running app.

    python -m tests.screenshots URL

Asks the questions below about the example documents, opens the source of the first citation, and
writes docs/screenshot.png and docs/screenshot.zh.png.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

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


def main(url: str) -> None:
    """Take them all."""
    path = find_browser()
    if path is None:
        sys.exit("no browser found: install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=FLAGS)
        for name, (locale, question) in SHOTS.items():
            take(browser, url, locale, question, DOCS / name)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
