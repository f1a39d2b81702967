"""Tags and fields of documents on the page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from ingest.metadata import write_sidecar
from rag.errors import DocumentError, UsageError
from tests.markup import EVIL, Tree
from tests.web_fakes import FakeBackend, as_owner, document
from web.engine import Engine
from web.said import as_lines, as_tags, from_form
from web.said_routes import SaidRoutes

PLACE = {"collection": "default", "document": "id-travel.md"}


@pytest.fixture
def client() -> Iterator[TestClient]:
    engine = Engine(FakeBackend())
    with TestClient(as_owner(Starlette(routes=SaidRoutes(engine).routes()))) as client:
        yield client
    engine.close()


def test_a_form_is_read_as_it_was_written() -> None:
    said = from_form("law， HR、law", "2026-01-31", 'year = 2025\nteam = ["a", "b"]\nby = Mara')
    assert said == {
        "tags": ["law", "HR"],
        "date": "2026-01-31",
        "year": 2025,
        "team": ["a", "b"],
        "by": "Mara",
    }
    info = replace(document(), metadata={**said, "odd": " 12 ", "number": "12"})
    again = from_form(as_tags(info), "2026-01-31", as_lines(info))
    assert again == info.metadata


@pytest.mark.parametrize(
    ("tags", "day", "lines", "told"),
    [
        ("x" * 101, "", "", "tags"),
        (", ".join(map(str, range(51))), "", "", "tags"),
        ("", "31.1.2026", "", "2026-01-31"),
        ("", "", "no sign", "name = value"),
        ("", "", "tags = x", "twice"),
        ("", "", "\n".join(f"a{n} = 1" for n in range(101)), "fields"),
    ],
)
def test_what_cannot_be_said_is_told(tags: str, day: str, lines: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        from_form(tags, day, lines)


def test_a_document_is_described_through_the_form(client: TestClient) -> None:
    body = {**PLACE, "tags": f"law, {EVIL[:90]}", "date": "2026-01-31", "fields": "year = 2025"}
    assert client.post("/page/said", json=body).status_code == 204
    shown = client.get("/page/said", params=PLACE).text
    tree = Tree(shown.replace(" />", "></input>"))
    assert tree.all("script") == tree.all("img") == []
    values = {one.get("name"): one.get("value") for one in tree.all("input")}
    assert values == {"tags": body["tags"], "date": "2026-01-31"}
    assert "year = 2025" in tree.text
    wrong = client.post("/page/said", json={**PLACE, "date": "soon"})
    assert wrong.status_code == 400
    assert "soon" in wrong.text
    assert client.get("/page/said", params={**PLACE, "document": "x"}).status_code == 404
    assert client.post("/page/said", json={"tags": "law"}).status_code == 422


def test_a_sidecar_that_could_not_be_read_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with pytest.raises(DocumentError, match=r"a.txt"):
        write_sidecar(path, {"tags": ["\ud800"]})
    write_sidecar(path, {"tags": ['a\x7f\n"b\\'], "on": True, "of": 1.5})
    assert len(list(path.parent.iterdir())) == 1
