"""The page's journeys in a real browser; `tests.page_app` stands in for the models alone."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from reportlab.pdfgen.canvas import Canvas

from tests.real.test_browser import browser, hosts  # noqa: F401  (a fixture)
from tests.web_server import ROOT, Server, serving

TEXT = (
    "# The Heron observatory\n\n## Weight\n\nThe dome of the Heron weighs 38 tonnes.\n\n"
    "| Day | Opening |\n| --- | --- |\n| Saturday | noon |\n| Sunday | closed |\n"
)
expect.set_options(timeout=60_000)  # other tests may hold the processors
EVIL = '<img src=x onerror="window.intruder=1">'
EN_WORDS = {
    "missing": "not found",
    "text": "Text",
    "ask": "Ask",
    "next": "Next citation",
    "stopped": "Stopped before the answer was finished.",
    "documents": "Documents",
    "trust": "Trust",
    "gone": "No index of the collection holds anything of it any more.",
}
ZH_WORDS = {
    "missing": "无依据",
    "text": "文字",
    "ask": "提问",
    "next": "下一处引用",
    "stopped": "已停止，回答未完成。",
    "documents": "文档",
    "trust": "可信度",
    "gone": "文档库的任何索引中都不再有它的内容",
}
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app over a home of its own, two documents uploaded through its API."""
    folder = tmp_path_factory.mktemp("page")
    with running(folder) as server:
        upload(server, documents(folder))
        yield server


@contextmanager
def running(folder: Path, *arguments: str) -> Iterator[Server]:
    """The app with its home in the folder."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PLUMB_")}
    environ = {**kept, "PLUMB_HOME": str(folder / "home"), "PYTHONPATH": str(ROOT)}
    given = ("--collection", "heron", *arguments)
    program = ("-m", "tests.page_app")
    with serving(environ, folder / "app.log", *given, program=program) as server:
        yield server


def documents(folder: Path) -> list[Path]:
    (text := folder / "heron.md").write_text(TEXT, encoding="utf-8")
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
    httpx.post(
        f"{server.url}/v1/documents?collection=heron", files=files, timeout=120
    ).raise_for_status()


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
    expect(page.locator(".pl-suggestion").first).to_be_visible()
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
    expect(answer).to_contain_text(f"✗ {told['missing']}")
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


def test_a_conversation_is_kept_renamed_found_resumed_and_deleted(visit: Page) -> None:
    expect(visit.locator("#pl-fresh")).to_be_hidden()
    ask(visit, "How many tonnes does the dome weigh?")
    visit.reload()
    expect(visit.locator("#pl-current .pl-text")).to_contain_text("38 tonnes")
    visit.locator("#pl-fresh").click()
    expect(visit.locator(".pl-suggestion").first).to_be_visible()
    expect(visit.locator("#pl-fresh")).to_be_hidden()

    visit.locator(".pl-talks-button").click()
    drawer = visit.locator("#pl-drawer")
    drawer.locator("input[type=search]").fill("38 TONNES")
    row = drawer.locator(".pl-talks li").first
    expect(row).to_contain_text("How many tonnes")
    row.locator(".pl-talk-rename").click()
    drawer.locator(".pl-talk-name").fill(f"Dome {EVIL}")
    drawer.locator(".pl-talk-name").press("Enter")
    expect(row.locator(".pl-talk-title")).to_have_text(f"Dome {EVIL}")
    row.locator(".pl-talk-open").click()
    expect(drawer).to_be_hidden()
    expect(visit.locator("#pl-current .pl-text")).to_contain_text("38 tonnes")

    visit.locator(".pl-talks-button").click()
    drawer.locator(".pl-talk-delete").first.click()
    drawer.locator(".pl-talk-yes").click()
    expect(drawer).not_to_contain_text(f"Dome {EVIL}")
    expect(visit.locator(".pl-exchange")).to_have_count(0)


def test_an_answer_is_stopped_edited_and_exported(visit: Page) -> None:
    told = words(visit)
    visit.locator(".pl-suggestion").first.click()
    expect(visit.locator("#pl-current .pl-foot")).to_be_visible()
    box = visit.locator("#pl-question textarea")
    box.fill("slowly: how many tonnes does the dome weigh?")
    box.press("Enter")
    expect(visit.locator(".pl-draft")).to_contain_text("The")
    visit.reload()  # as after a lid that was closed: it goes on, here and in a second tab
    expect(visit.locator(".pl-draft")).to_contain_text("The dome")
    second = visit.context.new_page()
    second.goto(visit.url)
    expect(second.locator(".pl-suggestion").first).to_be_visible()
    second.evaluate("id => plumbline.resume(id)", visit.evaluate("plumbline.conversation()"))
    expect(second.locator(".pl-draft")).to_contain_text("The dome of")
    visit.locator("#pl-stop").click()
    for tab in (visit, second):
        expect(tab.locator("#pl-current .pl-problem")).to_have_text(told["stopped"])
    second.close()
    visit.locator("#pl-current [data-edit=edit]").click()
    visit.locator(".pl-edit textarea").fill("And how many tonnes does the dome weigh?")
    visit.locator(".pl-send").click()
    expect(visit.locator("#pl-current .pl-text")).to_contain_text("38 tonnes")
    expect(visit.locator("#pl-current .pl-searched")).to_be_visible()
    visit.locator("#pl-current [data-rating='1']").click()
    expect(visit.locator("#pl-current .pl-said")).not_to_be_empty()
    with visit.expect_download() as download:
        visit.locator("[data-export=md]").click()
    assert "38 tonnes" in download.value.path().read_text(encoding="utf-8")


STOP_AND_EDIT = """async (question) => {
  const shown = async (selector) => {
    while (!document.querySelector(selector)) await new Promise(requestAnimationFrame);
    return document.querySelector(selector);
  };
  (await shown("#pl-stop")).click();
  await shown("#pl-current .pl-problem");
  (await shown("#pl-current [data-edit=edit]")).click();
  const box = await shown(".pl-edit textarea");
  box.value = question;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  (await shown(".pl-send")).click();
}"""


def test_what_is_asked_at_once_after_a_stop_is_answered(visit: Page) -> None:
    box = visit.locator("#pl-question textarea")
    box.fill("slowly: how many tonnes does the dome weigh?")
    box.press("Enter")
    expect(visit.locator(".pl-draft")).to_contain_text("The dome")
    visit.evaluate("window.plumbline.resumed = null")  # the page must not need to be drawn anew
    visit.evaluate(STOP_AND_EDIT, "And how many tonnes does the dome weigh?")
    expect(visit.locator("#pl-current .pl-text")).to_contain_text("38 tonnes")
    expect(visit.locator("#pl-ask")).to_be_visible()
    expect(visit.locator("#pl-stop")).to_be_hidden()


def test_documents_are_added_searched_previewed_replaced_and_removed(
    visit: Page, tmp_path: Path
) -> None:
    told = words(visit)
    name = f"notes {told['next']}.txt"
    (notes := tmp_path / name).write_text("The owl sleeps by day.")
    visit.get_by_role("tab", name=told["documents"]).click()
    visit.locator("#pl-drop input[type=file]").set_input_files([notes, *documents(tmp_path)])
    expect(visit.locator(".pl-receipt tbody tr")).to_have_count(4)
    visit.locator(".pl-filter").fill("notes")
    row = visit.locator(".pl-documents tbody tr:visible")
    expect(row).to_have_count(1)
    row.locator(".pl-preview").click()
    expect(visit.locator("#pl-pane")).to_contain_text("The owl sleeps by day.")
    visit.keyboard.press("Escape")

    notes.write_text("The owl sleeps at noon.")
    with visit.expect_file_chooser() as chooser:
        row.locator(".pl-replace").click()
    chooser.value.set_files(notes)
    expect(visit.locator(".pl-receipt tbody tr")).to_have_count(1)
    expect(visit.locator(".pl-receipt .pl-replaced")).to_be_visible()
    row.locator(".pl-said-open").click()
    expect(visit.locator(".pl-watching")).to_be_visible()
    accessible(visit)
    visit.locator(".pl-said-form [name=tags]").fill(f"owls, {EVIL}")
    visit.locator(".pl-said-form .pl-send").click()
    expect(row.locator(".pl-tag").last).to_have_text(EVIL)

    # What is cited is removed while it is open.
    visit.get_by_role("tab", name=told["ask"]).click()
    ask(visit, "When does the owl sleep, at noon?")
    visit.locator("#pl-current .pl-cite").first.click()
    expect(visit.locator("#pl-pane mark")).to_have_text("The owl sleeps at noon.")
    visit.keyboard.press("Escape")
    visit.get_by_role("tab", name=told["documents"]).click()
    row.locator(".pl-remove").click()
    row.locator(".pl-yes").click()
    expect(visit.locator("#pl-news .pl-notice")).to_contain_text(told["gone"])
    visit.get_by_role("tab", name=told["ask"]).click()
    visit.locator("#pl-current .pl-cite").first.click()
    expect(visit.locator("#pl-pane .pl-word")).to_be_visible()
    expect(visit.locator("#pl-pane blockquote")).to_have_text("The owl sleeps at noon.")


def test_a_collection_is_made_renamed_and_removed(visit: Page) -> None:
    told = words(visit)
    visit.get_by_role("tab", name=told["documents"]).click()
    bar = visit.locator(".pl-collection-bar bdi")
    visit.locator("[data-collection-does=new]").click()
    visit.locator(".pl-collection-name input").fill("heron")
    visit.locator(".pl-collection-name .pl-send").click()
    expect(visit.locator("#pl-news .pl-problem")).to_contain_text("already")
    for action, name in (("new", "attic"), ("rename", "cellar")):
        visit.locator(f"[data-collection-does={action}]").click()
        visit.locator(".pl-collection-name input").fill(name)
        visit.locator(".pl-collection-name input").press("Enter")
        expect(bar).to_have_text(name)
    visit.locator("[data-collection-removes]").click()
    expect(visit.locator(".pl-collection-going")).to_contain_text("cellar")
    accessible(visit)
    visit.locator(".pl-collection-going .pl-yes").click()
    expect(bar).to_have_text("heron")
    expect(visit.locator("#pl-documents")).to_contain_text("history.pdf")


def test_some_documents_are_asked_and_an_earlier_question_branches(visit: Page) -> None:
    visit.locator(".pl-filters-open").click()
    visit.locator(".pl-filters-fields select").select_option("heron.md")
    accessible(visit)
    ask(visit, "How many tonnes does the dome weigh?")
    expect(visit.locator("#pl-current .pl-searched").last).to_contain_text("heron.md")
    visit.locator(".pl-filters-chosen button").click()
    ask(visit, "And when was the Heron built beside the river?")
    visit.locator("#pl-past [data-edit=branch]").click()
    visit.locator(".pl-edit textarea").fill("What came from Jena?")
    visit.locator(".pl-send").click()
    expect(visit.locator("#pl-current .pl-text")).to_contain_text("telescope")
    expect(visit.locator(".pl-exchange")).to_have_count(1)
    visit.locator(".pl-talks-button").click()
    expect(visit.locator(".pl-talks")).to_contain_text("How many tonnes")


def test_a_server_that_dies_while_it_answers_keeps_the_question(
    browser: Browser,  # noqa: F811
    tmp_path: Path,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    with running(tmp_path, "--port", port) as first:
        upload(first, documents(tmp_path))
        page = browser.new_context(locale="en-GB").new_page()
        page.goto(first.url)
        page.locator("#pl-question textarea").fill("slowly: how many tonnes does the dome weigh?")
        page.locator("#pl-ask").click()
        expect(page.locator(".pl-draft")).to_contain_text("The")
        first.process.kill()
        expect(page.locator("#pl-lost")).to_contain_text("Your question is kept")
        with running(tmp_path, "--port", port):
            problem = page.locator("#pl-current .pl-problem")
            expect(problem).to_contain_text("was not finished", timeout=120_000)
            page.locator("#pl-current [data-act=again]").click()
            expect(page.locator(".pl-draft")).to_contain_text("The")
            page.context.close()


def test_every_view_keeps_the_rules_of_accessibility(visit: Page) -> None:
    told = words(visit)
    expect(visit.locator(".pl-suggestion").first).to_be_visible()
    accessible(visit)
    ask(visit, "When was the Heron built beside the river? unsure")
    visit.locator("#pl-current .pl-cite").first.click()
    visit.locator("#pl-pane").get_by_role("button", name=told["text"], exact=True).click()
    accessible(visit)
    visit.keyboard.press("Escape")
    visit.locator(".pl-talks-button").click()
    expect(visit.locator(".pl-talks li").first).to_be_visible()
    accessible(visit)
    visit.keyboard.press("Escape")
    visit.get_by_role("tab", name=told["documents"]).click()
    expect(visit.locator("#pl-documents")).to_contain_text("history.pdf")
    accessible(visit)
    visit.get_by_role("tab", name=told["trust"]).click()
    visit.locator("[data-check]").click()
    expect(visit.locator(".pl-health .pl-notice")).to_be_visible()
    accessible(visit)


def accessible(page: Page) -> None:
    """axe-core finds nothing against WCAG 2.2 AA, once what fades in has done so."""
    for _ in range(10):
        found = Axe().run(page, options=WCAG).response["violations"]
        if not found:
            return
        page.wait_for_timeout(300)
    assert not [(one["id"], node["html"]) for one in found for node in one["nodes"]]
