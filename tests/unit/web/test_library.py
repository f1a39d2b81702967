from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas
from starlette.applications import Starlette
from starlette.testclient import TestClient

from ingest.pipeline import ingest
from rag.config import Settings
from rag.errors import CollectionError
from rag.store import Collection
from tests.fakes import FakeEmbedder
from tests.markup import EVIL, Tree
from tests.web_fakes import FakeBackend, as_owner
from web.engine import Engine
from web.library import Library, Quoted, place_of
from web.page_routes import PageRoutes
from web.texts_source import EN, ZH

NOTES = (
    "# Heron\n\n## The dome\n\nThe dome weighs 38 tonnes.\n\n"
    "| Day | Open |\n|---|---|\n| Sat | yes |\n"
)
EVIL_NAME = "<img src=x onerror=alert(1)>.txt"


@pytest.fixture
def files(tmp_path: Path, settings: Settings) -> dict[str, tuple[str, Path]]:
    """Two texts and a PDF in the collection "notes": id and path by name."""
    (notes := tmp_path / "heron.md").write_text(NOTES)
    (evil := tmp_path / EVIL_NAME).write_text(f"It is said that {EVIL} runs.")
    canvas = Canvas(str(pdf := tmp_path / "dome.pdf"))
    canvas.drawString(72, 700, "The dome was built in 1931 by the river.")
    canvas.save()
    embedder = FakeEmbedder()
    with Collection.open(settings, "notes", embedder.info, create=True) as opened:
        ingest([notes, evil, pdf], opened, embedder, settings)
    return {p.name: (hashlib.sha256(p.read_bytes()).hexdigest(), p) for p in (notes, evil, pdf)}


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    routes = PageRoutes(Library(settings), Engine(FakeBackend())).routes()
    with TestClient(as_owner(Starlette(routes=routes))) as client:
        yield client


def ask(client: TestClient, document: str, quote: str, text: str, **more: object) -> Tree:
    start = text.find(quote)
    asked = {"collection": "notes", "document": document, "page": 1, "number": "1"}
    asked |= {"spans": [[start, start + len(quote)]], "quotes": [quote], **more}
    return Tree(client.post("/page/source", content=json.dumps(asked)).text)


def test_a_source_is_shown_with_its_words_marked(
    client: TestClient, settings: Settings, files: dict[str, tuple[str, Path]]
) -> None:
    document, _ = files["heron.md"]
    text = Library(settings).source("notes", document, 1).page.text
    tree = ask(client, document, "The dome weighs 38 tonnes.", text)
    assert len(tree.all("mark")) == 1
    assert "heron.md" in tree.text
    assert "Heron › The dome" in tree.text
    assert len(tree.all("table")) == 1
    assert EN.no_place not in tree.text


def test_script_in_a_document_and_its_name_is_shown_as_text(
    client: TestClient, settings: Settings, files: dict[str, tuple[str, Path]]
) -> None:
    document, _ = files[EVIL_NAME]
    text = Library(settings).source("notes", document, 1).page.text
    tree = ask(client, document, EVIL, text, number="<")
    assert EVIL in tree.text
    assert EVIL_NAME in tree.text
    assert not tree.all("script")
    assert not tree.all("img")


def test_where_the_place_is_not_surely_known_there_is_no_mark_and_a_word(
    client: TestClient, files: dict[str, tuple[str, Path]]
) -> None:
    document, _ = files["heron.md"]
    tree = ask(client, document, "words that stand nowhere", "", language="zh-CN")
    assert not tree.all("mark")
    assert ZH.no_place in tree.text


def test_a_document_that_is_gone_is_told_with_what_was_quoted(
    client: TestClient, files: dict[str, tuple[str, Path]]
) -> None:
    tree = ask(client, "0" * 64, EVIL, EVIL)
    assert EN.gone in tree.text
    assert EVIL in tree.text
    assert not tree.all("script")


@pytest.mark.parametrize("body", ["{}", "[]", '{"collection": 3}', "x"])
def test_what_is_no_place_is_refused(client: TestClient, body: str) -> None:
    assert client.post("/page/source", content=body).status_code == 422


def test_a_page_of_a_pdf_is_drawn_with_the_words_marked(
    client: TestClient, settings: Settings, files: dict[str, tuple[str, Path]]
) -> None:
    document, path = files["dome.pdf"]
    text = Library(settings).source("notes", document, 1).page.text
    start = text.index("1931")
    place = {"collection": "notes", "document": document, "page": "1"}
    reply = client.get("/page/picture", params={**place, "spans": f"{start}-{start + 4}"})
    assert reply.content.startswith(b"\x89PNG")
    left, top = (float(share) for share in reply.headers["x-marked"].split(","))
    assert 0.2 < left < 0.8
    assert 0.1 < top < 0.3
    assert client.get("/page/picture", params=place).headers["x-marked"] == ""
    assert client.get("/page/picture", params={**place, "spans": "x"}).status_code == 422
    path.write_bytes(b"another")
    assert client.get("/page/picture", params=place).status_code == 404


def test_a_file_is_kept_under_its_name_and_never_shown(
    client: TestClient, files: dict[str, tuple[str, Path]]
) -> None:
    document, path = files["heron.md"]
    place = {"collection": "notes", "document": document}
    reply = client.get("/page/file", params=place)
    assert reply.content == path.read_bytes()
    assert reply.headers["content-disposition"].startswith("attachment")
    assert reply.headers["content-type"] == "application/octet-stream"
    path.write_text("changed")
    assert client.get("/page/file", params=place).status_code == 404
    assert client.get("/page/file", params={**place, "collection": ".."}).status_code == 404


def test_a_preview_shows_the_text_that_was_read_and_the_way_to_other_pages(
    client: TestClient, files: dict[str, tuple[str, Path]]
) -> None:
    place = {"collection": "notes", "document": files["dome.pdf"][0], "page": 1, "preview": True}
    tree = Tree(client.post("/page/source", content=json.dumps(place)).text)
    assert "built in 1931" in tree.text
    assert not tree.all("mark")
    assert [("disabled" in b) for b in tree.all("button", "pl-icon") if "data-turn" in b] == [
        True
    ] * 2


def test_what_was_removed_is_proven_to_be_gone(
    settings: Settings, files: dict[str, tuple[str, Path]]
) -> None:
    document, _ = files["heron.md"]
    library = Library(settings)
    with pytest.raises(CollectionError, match="still holds"):
        library.prove_absent("notes", document)
    with Collection.open(settings, "notes") as opened:
        opened.remove(document)
    library.prove_absent("notes", document)


def test_the_library_names_a_document_that_was_removed(settings: Settings) -> None:
    with pytest.raises(CollectionError, match="no collection"):
        Library(settings).source("nowhere", "0", 1)


def test_a_quote_that_moved_is_found_where_it_stands_once() -> None:
    assert place_of(Quoted((0, 2), "bc"), "abcd") == (1, 3)
    assert place_of(Quoted((1, 3), "bc"), "abcbc") == (1, 3)
    assert place_of(Quoted((0, 2), "bc"), "abcbc") is None
    assert place_of(Quoted((0, 0), ""), "abc") is None
