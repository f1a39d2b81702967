"""Open WebUI against Plumbline: asks a question on its page and looks at its citation panel.

    pip install uv && python -m venv WEBUI && uv pip install --python WEBUI/bin/python open-webui
    python -m tests.open_webui WEBUI OUT

Starts the app without models over the example documents (`tests.page_app`) and Open WebUI from the
virtual environment WEBUI, both on free ports of this machine, and leaves two pictures in OUT.
Fails if the panel does not name the cited documents or does not show the passage.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from ingest.pipeline import ingest
from rag.config import Settings
from rag.store import Collection
from tests.fakes import FakeEmbedder
from tests.real.test_browser import FLAGS, find_browser

ROOT = Path(__file__).parents[1]
QUESTION = "How often are the filters of the MT260 changed?"
CITED = "warranty-terms-2026.html"
PASSAGE = "The period begins on the day of delivery to the first user."
START_S = 900
"""Open WebUI's imports take minutes on a slow disk."""
SWITCHED_OFF = {
    "WEBUI_AUTH": "False",
    "ENABLE_OLLAMA_API": "False",
    "OFFLINE_MODE": "True",
    "HF_HUB_OFFLINE": "1",
    "ENABLE_TITLE_GENERATION": "False",
    "ENABLE_TAGS_GENERATION": "False",
    "ENABLE_FOLLOW_UP_GENERATION": "False",
    "ENABLE_AUTOCOMPLETE_GENERATION": "False",
    "ANONYMIZED_TELEMETRY": "False",
    "DO_NOT_TRACK": "True",
    "SCARF_NO_ANALYTICS": "true",
}


def main() -> None:
    """Start both, ask, look, stop both."""
    webui, out = Path(sys.argv[1]), Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        home = Path(made)
        lay(home / "home")
        environ = {**os.environ, "PLUMB_HOME": str(home / "home")}
        port, page_port = free_port(), free_port()
        app = [sys.executable, "-m", "tests.page_app", "--collection", "examples"]
        url = f"http://127.0.0.1:{port}"
        with running([*app, "--port", str(port)], environ, f"{url}/readyz"):
            environ = {
                **os.environ,
                **SWITCHED_OFF,
                "DATA_DIR": str(home),
                "WEBUI_SECRET_KEY": "of this run",
                "OPENAI_API_BASE_URL": f"{url}/v1",
                "OPENAI_API_KEY": "none",
                "RAG_EMBEDDING_ENGINE": "openai",
                "RAG_OPENAI_API_BASE_URL": f"{url}/v1",
            }
            address = ["--host", "127.0.0.1", "--port", str(page_port)]
            webui_url = f"http://127.0.0.1:{page_port}"
            command = [str(webui / "bin/open-webui"), "serve", *address]
            with running(command, environ, f"{webui_url}/health"), sync_playwright() as play:
                browser = play.chromium.launch(executable_path=find_browser(), args=FLAGS)
                look(browser.new_page(viewport={"width": 1280, "height": 900}), webui_url, out)
                browser.close()
    print(f"the panel names {CITED} and shows its passage; pictures in {out}")


def lay(home: Path) -> None:
    """The example documents as a collection."""
    settings, embedder = Settings(home=home), FakeEmbedder()
    with Collection.open(settings, "examples", embedder.info, create=True) as collection:
        ingest([ROOT / "examples/documents"], collection, embedder, settings)


def look(page: Page, url: str, out: Path) -> None:
    """Ask on Open WebUI's page and open the first source."""
    page.set_default_timeout(120_000)
    page.goto(f"{url}/?models=plumbline")
    page.wait_for_selector("#chat-input")
    page.wait_for_timeout(5000)
    if (news := page.locator("[role=dialog] button")).count():
        news.last.click()
        page.wait_for_timeout(1500)
    page.locator("#chat-input").click()
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    page.get_by_text("2 Sources").click()
    page.screenshot(path=out / "sources.png")
    page.locator(f"button:has-text('{CITED}')").last.click()
    page.get_by_text(PASSAGE).first.wait_for()
    page.wait_for_timeout(1000)
    page.screenshot(path=out / "passage.png")


def free_port() -> int:
    """One that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextmanager
def running(command: list[str], environ: Mapping[str, str], url: str) -> Iterator[None]:
    """The command until the block ends, once `url` answers."""
    process = subprocess.Popen(command, cwd=ROOT, env=dict(environ), stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + START_S
        while True:
            try:
                urllib.request.urlopen(url, timeout=20).close()
                break
            except OSError:
                assert process.poll() is None, f"{command[0]} ended with {process.returncode}"
                assert time.monotonic() < deadline, f"{url} does not answer"
                time.sleep(1)
        yield
    finally:
        process.terminate()
        process.wait(60)


if __name__ == "__main__":
    main()
