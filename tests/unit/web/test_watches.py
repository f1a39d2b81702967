"""Watched folders on the page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from ingest.patience import Patience
from ingest.receipt import FileResult, Receipt
from ingest.watch_state import noting
from rag.config import Settings
from tests.markup import EVIL, Tree
from tests.web_fakes import FakeBackend, as_owner
from web.engine import Engine
from web.watch_routes import WatchRoutes

LAW = {"collection": "law"}


@pytest.fixture
def folder(settings: Settings) -> Path:
    folder = settings.collections_dir / "law"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    engine = Engine(FakeBackend())
    routes = WatchRoutes(settings, engine).routes()
    with TestClient(as_owner(Starlette(routes=routes))) as client:
        yield client
    engine.close()


def test_what_is_followed_is_listed_and_what_was_can_be_forgotten(
    client: TestClient, folder: Path, tmp_path: Path
) -> None:
    (broken := tmp_path / "<b>.pdf").touch()
    result = FileResult(str(broken), "failed", f"damaged {EVIL}")
    receipt = Receipt((result,), 0.1, vanished=("/x/b.txt",))
    with noting(folder, [tmp_path / EVIL], Patience(1, 1)) as noter:
        noter.looked(receipt)
        found = client.get("/page/watches", params=LAW)
        tree = Tree(found.text)
        assert tree.all("script") == tree.all("img") == []
        assert EVIL in tree.text
        assert "followed" in found.text
        assert "1 file not read" in found.text
        assert "1 file vanished" in found.text
        assert "damaged" in found.text
        assert found.headers["x-documents"] == "0"
    found = client.get("/page/watches", params={**LAW, "language": "zh"})
    assert "已停止跟踪" in found.text
    key = next(iter((folder / "watches").glob("*.json"))).stem
    body = {"collection": "law", "key": key}
    assert client.post("/page/watches", json=body).status_code == 204
    assert client.post("/page/watches", json=body).status_code == 404
    assert client.post("/page/watches", json={**body, "key": "../x"}).status_code == 422


def test_a_collection_that_is_not_there_is_told(client: TestClient) -> None:
    assert client.get("/page/watches", params={"collection": "gone"}).status_code == 404
    body = {"collection": "gone", "key": "0" * 16}
    assert client.post("/page/watches", json=body).status_code == 404
